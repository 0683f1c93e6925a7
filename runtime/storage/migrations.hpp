#pragma once

#include <span>

#include "base/result.hpp"
#include "storage/connection.hpp"
#include "storage/store.hpp"

namespace forecourt::storage {

/// Applies those of `migrations` that are not yet, in one transaction with their stamps, on the
/// lane's connection. A store may hold later ones than the list: an older generation runs on a
/// newer schema.
Result<void> apply_migrations(Connection& connection, std::span<const Migration> migrations,
                              int64_t time_max_ms);

}  // namespace forecourt::storage
