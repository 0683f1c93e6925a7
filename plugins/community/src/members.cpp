#include "members.hpp"

#include "groups.hpp"

namespace community {
namespace {

struct MemberAnswer {
  std::string userid;
  std::optional<std::string> type;
  std::optional<std::string> name;
  std::optional<std::string> joined_at;
  std::optional<std::string> left_at;
  std::optional<int64_t> join_scene;
  std::optional<int64_t> quit_scene;
};
FORECOURT_FIELDS(MemberAnswer, userid, type, name, joined_at, left_at, join_scene, quit_scene)

std::optional<std::string> time_or_none(const fc::Row& row, uint32_t column) {
  return row.is_null(column) ? std::nullopt : std::optional(fc::rfc3339(row.integer(column)));
}

}  // namespace

bool member_joins(const fc::Call& call, std::string_view group_id, std::string_view userid,
                  const Movement& movement) {
  return call.execute(
             "INSERT INTO group_members (group_id, userid, org, joined_at, join_scene) "
             "SELECT g.id, $2, g.org, $3, $4 FROM chat_groups g WHERE g.id = $1 AND EXISTS "
             "(SELECT 1 FROM fc_org o WHERE o.id = g.org AND o.ancestor = $fc_org) "
             "ON CONFLICT (group_id, userid) DO UPDATE SET joined_at = excluded.joined_at, left_at "
             "= NULL, "
             "join_scene = excluded.join_scene, quit_scene = NULL "
             "WHERE group_members.left_at IS NOT NULL "
             "AND ($5 = 1 OR group_members.left_at <= excluded.joined_at)",
             group_id, userid, movement.time_ms, movement.scene, movement.in_order) == 1;
}

bool member_leaves(const fc::Call& call, std::string_view group_id, std::string_view userid,
                   const Movement& movement) {
  const int64_t left = call.execute(
      "UPDATE group_members SET left_at = $3, quit_scene = $4 WHERE group_id = $1 AND userid = $2 "
      "AND left_at IS NULL AND ($5 = 1 OR joined_at <= $3) AND EXISTS "
      "(SELECT 1 FROM fc_org o WHERE o.id = org AND o.ancestor = $fc_org)",
      group_id, userid, movement.time_ms, movement.scene, movement.in_order);
  if (left == 1) return true;
  // Gone before we knew of them: a join that comes late must not bring them back.
  call.execute(
      "INSERT INTO group_members (group_id, userid, org, left_at, quit_scene) "
      "SELECT g.id, $2, g.org, $3, $4 FROM chat_groups g WHERE g.id = $1 AND EXISTS "
      "(SELECT 1 FROM fc_org o WHERE o.id = g.org AND o.ancestor = $fc_org) ON CONFLICT (group_id, "
      "userid) DO NOTHING",
      group_id, userid, movement.time_ms, movement.scene);
  return false;
}

void all_leave(const fc::Call& call, std::string_view group_id, int64_t time_ms) {
  call.execute(
      "UPDATE group_members SET left_at = $2 WHERE group_id = $1 AND left_at IS NULL AND EXISTS "
      "(SELECT 1 FROM fc_org o WHERE o.id = org AND o.ancestor = $fc_org)",
      group_id, time_ms);
}

fc::Reply list_members(fc::Call& call) {
  const Group group = require_group(call, call.path("id"));
  auto page = fc::Page<MemberAnswer>::of(call);
  for (const fc::Row row :
       call.query("SELECT userid, type, name, joined_at, left_at, join_scene, "
                  "quit_scene FROM group_members "
                  "WHERE group_id = $1 AND userid > $2 AND EXISTS "
                  "(SELECT 1 FROM fc_org o WHERE o.id = org AND o.ancestor = $fc_org) "
                  "ORDER BY userid LIMIT $3",
                  group.id, page.after(), page.fetch())) {
    MemberAnswer member{row.string(0),          row.optional_string(1), row.optional_string(2),
                        time_or_none(row, 3),   time_or_none(row, 4),   row.optional_integer(5),
                        row.optional_integer(6)};
    if (!page.add(std::move(member), row.text(0))) break;
  }
  return fc::ok(page);
}

}  // namespace community
