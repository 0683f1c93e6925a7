#include "tier.hpp"

namespace membership {

std::optional<std::string> tier_of(int64_t earned, const std::vector<Tier>& tiers) {
  const Tier* best = nullptr;
  for (const Tier& tier : tiers) {
    if (tier.points <= earned && (!best || tier.points > best->points)) best = &tier;
  }
  return best ? std::optional(best->name) : std::nullopt;
}

}  // namespace membership
