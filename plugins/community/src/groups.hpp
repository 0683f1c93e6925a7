#pragma once

#include <forecourt/cpp/plugin.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace community {

/// A WeCom customer group, as far as its callbacks and snapshots tell.
struct Group {
  std::string id;
  std::string org;
  std::string corp_id;
  std::string chat_id;
  std::string state;  ///< active or dismissed
  std::optional<std::string> name;
  std::optional<std::string> owner;
  std::optional<std::string> notice;
  std::string member_version;  ///< empty: none was named yet
  bool members_stale = false;
  bool details_stale = false;
  std::optional<std::string> member_id;  ///< whose dedicated service group this is
  int64_t member_count = 0;              ///< those present
  std::optional<std::string> created_at;
  std::optional<std::string> dismissed_at;
  int64_t changed_at_ms = 0;
};
FORECOURT_FIELDS(Group, id, org, corp_id, chat_id, state, name, owner, notice, member_version,
                 members_stale, details_stale, member_id, member_count, created_at, dismissed_at)

/// Each only when the call's org may see it.
std::optional<Group> find_group_by_chat(const fc::Call& call, std::string_view corp_id,
                                        std::string_view chat_id);
/// Refuses with a 404.
Group require_group(const fc::Call& call, std::string_view id);

struct Customer {
  std::optional<std::string> member_id;  ///< none: nobody's dedicated group
};
FORECOURT_FIELDS(Customer, member_id)

fc::Reply list_groups(fc::Call& call);
fc::Reply get_group(fc::Call& call);
fc::Reply set_customer(fc::Call& call, const Customer& body);

}  // namespace community
