#pragma once

#include <span>
#include <string>

#include "base/result.hpp"
#include "storage/connection.hpp"
#include "storage/store.hpp"

namespace forecourt::storage {

/// Makes the tables every store has (fc_*), then those of the other parts of the host, in one
/// transaction. Refuses a database that is not a store, or one of a newer host.
Result<void> make_host_tables(Connection& connection, std::span<const std::string> host_schema);

Result<std::string> read_epoch(Connection& connection);
/// A new epoch whose numbers start behind `outbox_head`.
Result<void> add_epoch(Connection& connection, int64_t outbox_head);

/// Makes fc_org equal to `pairs`, touching only the rows that differ.
Result<void> write_orgs(Connection& connection, int64_t version, std::span<const OrgPair> pairs);

}  // namespace forecourt::storage
