#include "groups.hpp"

namespace community {
namespace {

// Macros, so that whole statements are literals: `forecourt check` reads them in the library.
#define SELECT_GROUP                                                                       \
  "SELECT g.id, g.org, g.corp_id, g.chat_id, g.state, g.name, g.owner, g.notice, "         \
  "g.member_version, g.members_stale, g.details_stale, g.customer, "                       \
  "(SELECT COUNT(*) FROM group_members m WHERE m.group_id = g.id AND m.left_at IS NULL), " \
  "g.created_at, g.dismissed_at, g.changed_at "

/// A page of each org below the caller's, then the page of those: what it costs depends on the orgs
/// and the page, not on how many groups there are. `$1` is the last id seen, `$2` the limit.
#define OLDEST_FIRST(filter)                                                       \
  "FROM fc_org s CROSS JOIN chat_groups g WHERE s.ancestor = $fc_org AND g.id IN " \
  "(SELECT q.id FROM chat_groups q WHERE q.org = s.id AND q.id > $1" filter        \
  " ORDER BY q.id LIMIT $2) ORDER BY g.id LIMIT $2"

Group read_group(const fc::Row& row) {
  Group out;
  out.id = row.string(0);
  out.org = row.string(1);
  out.corp_id = row.string(2);
  out.chat_id = row.string(3);
  out.state = row.string(4);
  out.name = row.optional_string(5);
  out.owner = row.optional_string(6);
  out.notice = row.optional_string(7);
  out.member_version = row.string(8);
  out.members_stale = row.integer(9) != 0;
  out.details_stale = row.integer(10) != 0;
  out.member_id = row.optional_string(11);
  out.member_count = row.integer(12);
  if (!row.is_null(13)) out.created_at = fc::rfc3339(row.integer(13));
  if (!row.is_null(14)) out.dismissed_at = fc::rfc3339(row.integer(14));
  out.changed_at_ms = row.integer(15);
  return out;
}

}  // namespace

std::optional<Group> find_group_by_chat(const fc::Call& call, std::string_view corp_id,
                                        std::string_view chat_id) {
  const auto row = call.first(
      SELECT_GROUP "FROM chat_groups g WHERE g.org = $fc_org AND g.corp_id = $1 AND g.chat_id = $2",
      corp_id, chat_id);
  return row ? std::optional(read_group(*row)) : std::nullopt;
}

Group require_group(const fc::Call& call, std::string_view id) {
  const auto row =
      call.first(SELECT_GROUP
                 "FROM chat_groups g WHERE g.id = $1 AND EXISTS "
                 "(SELECT 1 FROM fc_org o WHERE o.id = g.org AND o.ancestor = $fc_org)",
                 id);
  if (!row) fc::refuse(404, "group-not-found", "there is no such group");
  return read_group(*row);
}

fc::Reply list_groups(fc::Call& call) {
  auto page = fc::Page<Group>::of(call);
  const auto corp_id = call.query_parameter("corp_id");
  // The corp is named by WeCom's id or by ours.
  fc::Rows rows =
      corp_id
          ? call.query(SELECT_GROUP OLDEST_FIRST(
                           " AND q.corp_id IN (SELECT c.corp_id FROM corps c WHERE c.org = s.id "
                           "AND (c.corp_id = $3 OR c.id = $3))"),
                       page.after(), page.fetch(), *corp_id)
          : call.query(SELECT_GROUP OLDEST_FIRST(""), page.after(), page.fetch());
  for (const fc::Row row : rows) {
    if (!page.add(read_group(row), row.text(0))) break;
  }
  return fc::ok(page);
}

fc::Reply get_group(fc::Call& call) { return fc::ok(require_group(call, call.path("id"))); }

fc::Reply set_customer(fc::Call& call, const Customer& body) {
  const Group group = require_group(call, call.path("id"));
  if (group.state == "dismissed" && body.member_id) {
    return fc::problem(409, "group-dismissed", "a dismissed group serves nobody");
  }
  // A member has one dedicated group in an org: the new one takes the old one's place.
  call.execute(
      "UPDATE chat_groups SET customer = NULL WHERE customer = $1 AND org = $2 AND id <> $3 AND "
      "EXISTS (SELECT 1 FROM fc_org o WHERE o.id = org AND o.ancestor = $fc_org)",
      body.member_id, group.org, group.id);
  call.execute(
      "UPDATE chat_groups SET customer = $2 WHERE id = $1 AND EXISTS "
      "(SELECT 1 FROM fc_org o WHERE o.id = org AND o.ancestor = $fc_org)",
      group.id, body.member_id);
  return fc::ok(require_group(call, group.id));
}

}  // namespace community
