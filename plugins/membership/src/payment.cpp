#include "payment.hpp"

#include <array>
#include <bit>
#include <optional>
#include <string>

#include "card.hpp"
#include "ledger.hpp"
#include "points.hpp"

namespace membership {
namespace {

constexpr std::string_view k_kind = "payment";

struct PaymentVerified {
  std::string payment_id;
  std::string channel;
  std::optional<std::string> appid;
  std::optional<std::string> openid;
  std::string transaction_id;
  int64_t amount_fen = 0;
};
FORECOURT_FIELDS(PaymentVerified, payment_id, channel, appid, openid, transaction_id, amount_fen)

struct MemberEnrolled {
  std::string member_id;
  std::string openid;
  std::string appid;
  std::string org;  ///< the owner
  std::string card_no;
  std::string enrolled_at;
  std::string payment_id;
};
FORECOURT_FIELDS(MemberEnrolled, member_id, openid, appid, org, card_no, enrolled_at, payment_id)

uint64_t random_number(const fc::Call& call) {
  std::array<uint8_t, 8> bytes;
  call.random(bytes);
  return std::bit_cast<uint64_t>(bytes);
}

// A person is one member across the whole tree: looking one up by what the channel calls them knows
// no branch.
std::optional<std::string> find_payer(const fc::Call& call, const std::string& openid,
                                      const std::string& appid) {
  const auto row = call.first(R"(-- unscoped
      SELECT m.id FROM members m WHERE m.openid = $1 AND m.appid = $2)",
                              openid, appid);
  return row ? std::optional(row->string(0)) : std::nullopt;
}

MemberEnrolled enrol(const fc::Call& call, const PaymentVerified& payment) {
  const std::string level = call.config("member_level").text();
  const int64_t now = call.now_ms();
  MemberEnrolled member{.member_id = call.id("mem"),
                        .openid = *payment.openid,
                        .appid = payment.appid.value_or(""),
                        .org = std::string(call.at_level(call.org(), level).value_or(call.org())),
                        .card_no = card_number(random_number(call)),
                        .enrolled_at = fc::rfc3339(now),
                        .payment_id = payment.payment_id};
  // The owner may be another org than the call's: the row is written for it, as a person is found
  // for it.
  call.execute(R"(-- unscoped
      INSERT INTO members
        (id, org, appid, openid, card_no, points, earned, movements, enrolled_at_ms)
      VALUES ($1, $2, $3, $4, $5, 0, 0, 0, $6))",
               member.member_id, member.org, member.appid, member.openid, member.card_no, now);
  return member;
}

void let_paying_org_see(const fc::Call& call, std::string_view member_id) {
  call.execute(R"(
      INSERT INTO member_orgs (member_id, org, downward, since_ms) VALUES ($1, $fc_org, 0, $2)
      ON CONFLICT (member_id, org) DO NOTHING)",
               member_id, call.now_ms());
}

void credit(const fc::Call& call, const std::string& member_id, const PaymentVerified& payment) {
  // The transaction and not our payment's id: a channel's transaction is credited once, whatever is
  // restored.
  const std::string source_id = payment.channel + ":" + payment.transaction_id;
  const auto points = points_for(payment.amount_fen, call.config("points_per_yuan").integer());
  if (!points)
    throw fc::Error(FC_E_LIMIT,
                    "payment " + payment.payment_id + ": its points do not fit 64 bits");
  if (*points == 0 || find_movement(call, member_id, k_kind, source_id)) return;
  const auto movement = move_points(call, {member_id, k_kind, *points, "payment", source_id});
  if (!movement)
    throw fc::Error(FC_E_LIMIT,
                    "payment " + payment.payment_id + ": the balance would not fit 64 bits");
  call.publish("membership.points.credited", member_id, *movement);
}

}  // namespace

void credit_payment(fc::Call& call, const fc::Event& event) {
  const auto payment = event.data_as<PaymentVerified>();
  if (payment.openid.value_or("").empty()) {
    call.log(FC_LOG_INFO, "payment without a payer: no member",
             fc::Json::object({{"payment_id", payment.payment_id}}));
    return;
  }
  auto member_id = find_payer(call, *payment.openid, payment.appid.value_or(""));
  if (!member_id) {
    const MemberEnrolled enrolled = enrol(call, payment);
    call.publish("membership.member.enrolled", enrolled.member_id, enrolled);
    member_id = enrolled.member_id;
  }
  let_paying_org_see(call, *member_id);
  credit(call, *member_id, payment);
}

}  // namespace membership
