#include <forecourt/cpp/plugin.hpp>

namespace {

struct NewPartner {
  std::string name;
  std::string token;
};
FORECOURT_FIELDS(NewPartner, name, token)

struct Delivery {
  std::string number;
  std::string text;
};
FORECOURT_FIELDS(Delivery, number, text)

fc::Reply add_partner(fc::Call& call, const NewPartner& wanted) {
  const std::string id = call.id("prt");
  const std::string token = call.seal(id, wanted.token);
  call.execute("INSERT INTO partners (id, org, name, token) VALUES ($1, $fc_org, $2, $3)", id,
               wanted.name, fc::Blob{token});
  call.audit("partner.add", id);
  return fc::created(fc::Json::object({{"id", id}, {"name", wanted.name}}));
}

bool same(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  unsigned difference = 0;
  for (size_t i = 0; i < a.size(); ++i) difference |= static_cast<unsigned>(a[i] ^ b[i]);
  return difference == 0;
}

struct Checked {
  std::string org;
  Delivery delivery;
};

/// On a worker: whose is it, is it genuine, can it be read? Only then the lane is bothered.
fc::Prepared<Checked> check_delivery(fc::Call& call) {
  const auto id = call.path("id");
  const auto partner = call.first("-- unscoped\nSELECT org, token FROM partners WHERE id = $1", id);
  if (!partner || !same(call.unseal(id, partner->text(1)), *call.header("X-Partner-Token"))) {
    call.count("forged_deliveries");
    return fc::problem(403, "forbidden", "unknown partner or wrong token");
  }
  return fc::prepared(Checked{partner->string(0), call.body_as<Delivery>()});
}

/// In the lane: verified, so the call may act for the partner's org.
void keep_delivery(fc::Call& call, const Checked& checked) {
  call.adopt(checked.org);
  const Delivery& delivery = checked.delivery;
  const int64_t kept = call.execute(
      "INSERT INTO deliveries (partner_id, number, org, text, received_at_ms) "
      "VALUES ($1, $2, $fc_org, $3, $4) ON CONFLICT DO NOTHING",
      call.path("id"), delivery.number, delivery.text, call.now_ms());
  if (kept == 1) call.publish("guide.delivery.received", delivery.number, delivery);
}

}  // namespace

FORECOURT_PLUGIN("guide", "1.0.0",                          //
                 fc::operation<add_partner>("addPartner"),  //
                 fc::operation<check_delivery, keep_delivery>("receive"))
