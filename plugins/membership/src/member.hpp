#pragma once

#include <forecourt/cpp/plugin.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace membership {

struct Member {
  std::string id;
  std::string openid;
  std::string appid;
  std::string org;
  std::string card_no;
  std::optional<std::string> tier;
  int64_t points = 0;
  int64_t points_earned = 0;
  std::string enrolled_at;
};
FORECOURT_FIELDS(Member, id, openid, appid, org, card_no, tier, points, points_earned, enrolled_at)

/// Whether the call's org may see the member.
bool sees_member(const fc::Call& call, std::string_view id);

/// The one answer for a member that is unknown and for one this org may not see.
[[noreturn]] void refuse_unknown_member();

fc::Reply list_members(fc::Call& call);
fc::Reply get_member(fc::Call& call);

}  // namespace membership
