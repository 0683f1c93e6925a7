#include "chat_changes.hpp"

#include <string>

#include "groups.hpp"
#include "members.hpp"

namespace community {
namespace {

/// How a change of the member list stands to the version we hold.
enum class Link {
  held,    ///< it made the version we hold: known already
  next,    ///< it follows on it
  broken,  ///< something between was missed, or came the other way round
};

Link link_of(const Group& group, const wecom::Message& message) {
  if (!message.current_version.empty() && message.current_version == group.member_version)
    return Link::held;
  if (group.member_version.empty() || message.last_version == group.member_version)
    return Link::next;
  return Link::broken;
}

/// The group, made when this event is the first to tell of it. Of one first seen in the middle of
/// its life the members and details are unknown.
Group ensure_group(const fc::Call& call, const CorpName& corp, const wecom::Message& message,
                   int64_t time_ms) {
  if (auto group = find_group_by_chat(call, corp.corp_id, message.chat_id))
    return *std::move(group);
  const bool from_start = message.change_type == "create";
  Group group;
  group.id = call.id("grp");
  group.org = corp.org;
  group.corp_id = corp.corp_id;
  group.chat_id = message.chat_id;
  group.state = "active";
  group.members_stale = !from_start;
  group.details_stale = true;
  group.changed_at_ms = time_ms;
  call.execute(
      "INSERT INTO chat_groups (id, org, corp_id, chat_id, state, member_version, members_stale, "
      "details_stale, "
      "created_at, changed_at) VALUES ($1, $fc_org, $2, $3, 'active', '', $4, 1, $5, $6)",
      group.id, group.corp_id, group.chat_id, group.members_stale,
      from_start ? std::optional(time_ms) : std::nullopt, time_ms);
  return group;
}

void mark_created(const fc::Call& call, const Group& group, int64_t time_ms) {
  call.execute(
      "UPDATE chat_groups SET created_at = $2 WHERE id = $1 AND created_at IS NULL AND EXISTS "
      "(SELECT 1 FROM fc_org o WHERE o.id = org AND o.ancestor = $fc_org)",
      group.id, time_ms);
}

void dismiss(const fc::Call& call, const Group& group, int64_t time_ms) {
  call.execute(
      "UPDATE chat_groups SET state = 'dismissed', dismissed_at = $2 WHERE id = $1 AND EXISTS "
      "(SELECT 1 FROM fc_org o WHERE o.id = org AND o.ancestor = $fc_org)",
      group.id, time_ms);
  all_leave(call, group.id, time_ms);
}

/// What the event tells to have changed, but not to what.
void mark_details_stale(const fc::Call& call, const Group& group) {
  call.execute(
      "UPDATE chat_groups SET details_stale = 1 WHERE id = $1 AND EXISTS "
      "(SELECT 1 FROM fc_org o WHERE o.id = org AND o.ancestor = $fc_org)",
      group.id);
}

/// Holds the version the change made, unless a newer one is held already.
void hold_version(const fc::Call& call, const Group& group, const wecom::Message& message,
                  int64_t time_ms, bool broken) {
  const bool newest = !broken || time_ms >= group.changed_at_ms;
  const std::string& version =
      newest && !message.current_version.empty() ? message.current_version : group.member_version;
  call.execute(
      "UPDATE chat_groups SET member_version = $2, members_stale = $3, changed_at = $4 WHERE id = "
      "$1 AND EXISTS (SELECT 1 FROM fc_org o WHERE o.id = org AND o.ancestor = $fc_org)",
      group.id, version, group.members_stale || broken, std::max(time_ms, group.changed_at_ms));
}

void update(const fc::Call& call, const Group& group, const wecom::Message& message,
            int64_t time_ms) {
  const bool joins = message.update_detail == "add_member";
  const bool leaves = message.update_detail == "del_member";
  if (!joins && !leaves) return mark_details_stale(call, group);

  const Link link = link_of(group, message);
  const bool in_order = link != Link::broken;
  bool changed = false;
  for (const std::string& userid : message.members) {
    changed |= joins
                   ? member_joins(call, group.id, userid, {time_ms, message.join_scene, in_order})
                   : member_leaves(call, group.id, userid, {time_ms, message.quit_scene, in_order});
  }
  // A change that made the version we hold has nothing left to change; where it has, we do not hold
  // that version.
  const bool contradicts = link == Link::held && changed;
  hold_version(call, group, message, time_ms, link == Link::broken || contradicts);
}

}  // namespace

void apply_chat_change(const fc::Call& call, const CorpName& corp, const wecom::Message& message) {
  const bool known = message.change_type == "create" || message.change_type == "update" ||
                     message.change_type == "dismiss";
  if (!known || message.chat_id.empty()) return;
  const int64_t time_ms = message.time_ms.value_or(call.now_ms());
  const Group group = ensure_group(call, corp, message, time_ms);
  if (message.change_type == "create") mark_created(call, group, time_ms);
  // A group's id is never used again: whatever comes after its dismissal came late.
  if (group.state == "dismissed") return;
  if (message.change_type == "dismiss") dismiss(call, group, time_ms);
  if (message.change_type == "update") update(call, group, message, time_ms);
}

}  // namespace community
