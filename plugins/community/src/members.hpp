#pragma once

#include <forecourt/cpp/plugin.hpp>

#include <cstdint>
#include <optional>
#include <string_view>

namespace community {

/// A join or leave, as an event tells of it. `in_order`: the version chain says it follows what we
/// hold; without that the later time wins.
struct Movement {
  int64_t time_ms;
  std::optional<int64_t> scene;
  bool in_order;
};

/// One person is in a group once: joining again while there changes nothing, nor does leaving
/// again. True when it changed who is there.
bool member_joins(const fc::Call& call, std::string_view group_id, std::string_view userid,
                  const Movement& movement);
bool member_leaves(const fc::Call& call, std::string_view group_id, std::string_view userid,
                   const Movement& movement);
void all_leave(const fc::Call& call, std::string_view group_id, int64_t time_ms);

fc::Reply list_members(fc::Call& call);

}  // namespace community
