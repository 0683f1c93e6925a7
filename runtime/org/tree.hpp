#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "org/directory.hpp"
#include "storage/session.hpp"
#include "storage/store.hpp"

namespace forecourt::org {

constexpr std::string_view k_root = "group";

struct NewOrg {
  std::string id;
  std::string parent;
  std::string kind;
  std::string name;
  std::string timezone;  ///< empty: inherited
};

/// [a-z0-9][a-z0-9-]{0,62}
bool is_org_id(std::string_view id);

/// Whether `wanted` may stand in the tree. Code::invalid for what can never be right, not_found for
/// an unknown parent, conflict for an id that is taken.
Result<void> check_new_org(const Snapshot& tree, const NewOrg& wanted);

/// Writes it and moves the tree's version on; `wanted` was checked against the state this
/// transaction sees.
Result<void> insert_org(storage::Session& session, const NewOrg& wanted, int64_t now_ms);

/// Every (org, ancestor-or-self) pair: what the stores keep as fc_org.
std::vector<storage::OrgPair> closure(const Snapshot& tree);

}  // namespace forecourt::org
