#include "snapshot.hpp"

#include <set>

#include "groups.hpp"

namespace community {
namespace {

std::optional<std::string> type_name(const SnapshotMember& member) {
  if (!member.type) return std::nullopt;
  return *member.type == 1 ? "staff" : "external";
}

void put_member(const fc::Call& call, const Group& group, const SnapshotMember& member) {
  const int64_t joined_at = member.join_time ? *member.join_time * 1000 : call.now_ms();
  call.execute(
      "INSERT INTO group_members (group_id, userid, org, type, name, joined_at, join_scene) "
      "SELECT g.id, $2, g.org, $3, $4, $5, $6 FROM chat_groups g WHERE g.id = $1 AND EXISTS "
      "(SELECT 1 FROM fc_org o WHERE o.id = g.org AND o.ancestor = $fc_org) "
      "ON CONFLICT (group_id, userid) DO UPDATE SET type = excluded.type, name = excluded.name, "
      "joined_at = excluded.joined_at, join_scene = excluded.join_scene, left_at = NULL, "
      "quit_scene = NULL",
      group.id, member.userid, type_name(member), member.name, joined_at, member.join_scene);
}

/// Nobody saw them go: they have left by now.
void leave_unlisted(const fc::Call& call, const Group& group, const std::set<std::string>& listed) {
  std::vector<std::string> gone;
  for (const fc::Row row : call.query(
           "SELECT userid FROM group_members WHERE group_id = $1 AND left_at IS NULL AND EXISTS "
           "(SELECT 1 FROM fc_org o WHERE o.id = org AND o.ancestor = $fc_org)",
           group.id)) {
    if (!listed.contains(row.string(0))) gone.push_back(row.string(0));
  }
  for (const std::string& userid : gone) {
    call.execute(
        "UPDATE group_members SET left_at = $3 WHERE group_id = $1 AND userid = $2 AND EXISTS "
        "(SELECT 1 FROM fc_org o WHERE o.id = org AND o.ancestor = $fc_org)",
        group.id, userid, call.now_ms());
  }
}

}  // namespace

fc::Reply resynchronise(fc::Call& call, const Snapshot& body) {
  const GroupChat& chat = body.group_chat;
  const Group group = require_group(call, call.path("id"));
  if (chat.chat_id && *chat.chat_id != group.chat_id) {
    return fc::problem(400, "other-group", "group_chat.chat_id is of another group");
  }
  if (group.state == "dismissed") {
    return fc::problem(409, "group-dismissed", "a dismissed group has no members");
  }
  std::set<std::string> listed;
  for (const SnapshotMember& member : chat.member_list) {
    if (listed.insert(member.userid).second) put_member(call, group, member);
  }
  leave_unlisted(call, group, listed);
  call.execute(
      "UPDATE chat_groups SET name = $2, owner = $3, notice = $4, created_at = COALESCE($5, "
      "created_at), "
      "member_version = $6, members_stale = 0, details_stale = 0, changed_at = $7 WHERE id = $1 "
      "AND EXISTS (SELECT 1 FROM fc_org o WHERE o.id = org AND o.ancestor = $fc_org)",
      group.id, chat.name, chat.owner, chat.notice,
      chat.create_time ? std::optional(*chat.create_time * 1000) : std::nullopt,
      chat.member_version, call.now_ms());
  return fc::ok(require_group(call, group.id));
}

}  // namespace community
