#include "org/tree.hpp"

#include <algorithm>
#include <array>

#include "org/timezone.hpp"

namespace forecourt::org {
namespace {

constexpr std::array<std::string_view, 5> k_kinds = {"group", "brand", "region", "dealer", "store"};

/// 0 for group to 4 for store; k_kinds.size() for an unknown kind.
size_t level(std::string_view kind) {
  return static_cast<size_t>(std::find(k_kinds.begin(), k_kinds.end(), kind) - k_kinds.begin());
}

}  // namespace

bool is_org_id(std::string_view id) {
  if (id.empty() || id.size() > 63 || id.front() == '-') return false;
  return id.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string_view::npos;
}

Result<void> check_new_org(const Snapshot& tree, const NewOrg& wanted) {
  if (!is_org_id(wanted.id)) {
    return invalid(
        "id: \"" + wanted.id +
        "\" must be 1 to 63 lower-case letters, digits and dashes, not starting with a dash");
  }
  if (wanted.name.empty()) return invalid("name: must not be empty");
  const size_t own_level = level(wanted.kind);
  if (own_level == 0 || own_level == k_kinds.size()) {
    return invalid("kind: \"" + wanted.kind + "\" must be brand, region, dealer or store");
  }
  if (!wanted.timezone.empty() && !is_timezone(wanted.timezone)) {
    return invalid("timezone: \"" + wanted.timezone +
                   "\" is not an IANA time zone name such as \"Asia/Shanghai\"");
  }
  const Org* parent = tree.find(wanted.parent);
  if (!parent) return not_found("parent: there is no org \"" + wanted.parent + "\"");
  if (level(parent->kind) >= own_level) {
    return invalid("kind: a " + wanted.kind + " cannot stand below the " + parent->kind + " \"" +
                   parent->id + "\": the order is group, brand, region, dealer, store");
  }
  if (tree.find(wanted.id)) {
    return Error{Code::conflict, "id: there is already an org \"" + wanted.id + "\""};
  }
  return {};
}

Result<void> insert_org(storage::Session& session, const NewOrg& wanted, int64_t now_ms) {
  auto inserted = session.execute(
      "INSERT INTO orgs (id, parent, kind, name, timezone, created_at) VALUES ($1, $2, $3, $4, $5, "
      "$6)",
      {std::string_view(wanted.id), std::string_view(wanted.parent), std::string_view(wanted.kind),
       std::string_view(wanted.name), std::string_view(wanted.timezone), now_ms});
  if (!inserted) return inserted.error();
  auto moved =
      session.execute("UPDATE directory SET tree_version = tree_version + 1 WHERE one = 1");
  if (!moved) return moved.error();
  return {};
}

std::vector<storage::OrgPair> closure(const Snapshot& tree) {
  std::vector<storage::OrgPair> pairs;
  for (const auto& [id, org] : tree.orgs()) {
    for (const Org* at = &org; at; at = tree.find(at->parent)) pairs.push_back({id, at->id});
  }
  return pairs;
}

}  // namespace forecourt::org
