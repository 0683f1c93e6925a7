#pragma once

#include <forecourt/cpp/plugin.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace membership {

struct Tier {
  std::string name;
  int64_t points = 0;
};
FORECOURT_FIELDS(Tier, name, points)

/// The tier with the highest threshold that `earned` reaches, in whatever order they are listed; of
/// equal ones the first. Nothing when none is reached.
std::optional<std::string> tier_of(int64_t earned, const std::vector<Tier>& tiers);

}  // namespace membership
