#pragma once

#include <forecourt/cpp/plugin.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace community {

/// What externalcontact/groupchat/get answers, as far as it is used; names are WeCom's.
struct SnapshotMember {
  std::string userid;
  std::optional<int64_t> type;  ///< 1 staff, 2 external
  std::optional<int64_t> join_time;
  std::optional<int64_t> join_scene;
  std::optional<std::string> name;
};
FORECOURT_FIELDS(SnapshotMember, userid, type, join_time, join_scene, name)

struct GroupChat {
  std::optional<std::string> chat_id;
  std::optional<std::string> name;
  std::optional<std::string> owner;
  std::optional<std::string> notice;
  std::optional<int64_t> create_time;
  std::vector<SnapshotMember> member_list;
  std::string member_version;
};
FORECOURT_FIELDS(GroupChat, chat_id, name, owner, notice, create_time, member_list, member_version)

struct Snapshot {
  GroupChat group_chat;
};
FORECOURT_FIELDS(Snapshot, group_chat)

/// Makes the group what WeCom says it is; members and details are no longer stale. Those not listed
/// have left.
fc::Reply resynchronise(fc::Call& call, const Snapshot& body);

}  // namespace community
