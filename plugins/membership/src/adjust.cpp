#include "adjust.hpp"

#include "ledger.hpp"
#include "member.hpp"

namespace membership {
namespace {

constexpr std::string_view k_kind = "adjustment";

fc::Reply answer_again(const Movement& earlier, const Adjustment& request) {
  if (earlier.points != request.points || earlier.reason != request.reason) {
    return fc::problem(409, "source-id-reused",
                       "source_id: was used for another adjustment of this member");
  }
  return fc::created(earlier);
}

}  // namespace

fc::Reply adjust_points(fc::Call& call, const Adjustment& request) {
  const std::string_view member_id = call.path("id");
  if (!sees_member(call, member_id)) refuse_unknown_member();
  if (const auto earlier = find_movement(call, member_id, k_kind, request.source_id)) {
    return answer_again(*earlier, request);
  }
  const auto movement =
      move_points(call, {member_id, k_kind, request.points, request.reason, request.source_id});
  if (!movement) {
    return request.points < 0
               ? fc::problem(409, "insufficient-points",
                             "points: the member has fewer than this would take")
               : fc::problem(409, "points-overflow",
                             "points: the member's points would no longer fit 64 bits");
  }
  call.audit("points.adjust", member_id,
             fc::Json::object({{"points", request.points}, {"source_id", request.source_id}}));
  call.publish("membership.points.adjusted", member_id, *movement);
  return fc::created(*movement);
}

}  // namespace membership
