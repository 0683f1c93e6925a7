#include "welcome.hpp"

#include "issue.hpp"

namespace coupons {
namespace {

struct MemberEnrolled {
  std::string member_id;
};
FORECOURT_FIELDS(MemberEnrolled, member_id)

}  // namespace

void welcome_member(fc::Call& call, const fc::Event& event) {
  const fc::Json batch = call.config("welcome_batch");
  if (batch.is_null()) return;
  const auto member = event.data_as<MemberEnrolled>();
  const auto outcome = issue(call, batch.text(), {member.member_id, "welcome:" + member.member_id});
  if (const auto* refused = std::get_if<NotIssued>(&outcome)) {
    // The member stays without: trying again would not help, and nobody's later event may wait for
    // it.
    call.log(
        FC_LOG_WARN, "no welcome coupon",
        fc::Json::object(
            {{"batch_id", batch}, {"member_id", member.member_id}, {"reason", refused->code}}));
  }
}

}  // namespace coupons
