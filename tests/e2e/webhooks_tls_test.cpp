// Webhooks to a receiver that speaks TLS: nothing is sent to one nobody vouches for.

#include <gtest/gtest.h>

#include "e2e/support/scene.hpp"
#include "support/http_receiver.hpp"
#include "unit/gateway/tls_client.hpp"

namespace e2e {
namespace {

namespace json = forecourt::json;
using forecourt::gateway::testing::make_certificate;
using forecourt::test::HttpReceiver;

TEST(WebhooksTls, AnUntrustedCertificateIsRefusedAndTriedAgainUntilItIsTrusted) {
  const TempFolder folder;
  const auto own = make_certificate(folder.path(), "receiver");
  const auto other = make_certificate(folder.path(), "other");
  HttpReceiver receiver({}, {own.certificate, own.key});
  HostProcess::Options options;
  options.environment["FORECOURT_WEBHOOKS_REACH"] = "loopback";
  options.environment["FORECOURT_WEBHOOKS_AUTHORITIES"] = other.certificate;
  Scene scene(options);
  std::string listing;
  {
    HttpClient admin = scene.host.client();
    const Answer hooked =
        admin.post("/admin/v1/webhooks", R"({"org":"group","url":")" + receiver.url() +
                                             R"(","types":["payments.payment.verified"]})");
    ASSERT_EQ(hooked.status, 201) << hooked.body;
    listing = "/admin/v1/webhooks/" + text_of(hooked, "id") + "/deliveries";
  }
  HttpClient channel = scene.host.client("");
  const auto call = scene.wechat.payment("EV-TLS", {"450010", "order-tls", "openid-tls", 700});
  ASSERT_EQ(channel.post(scene.notify_path(), call.body, call.headers).status / 100, 2);
  const auto tried = [&] {
    const Document page = json_of(scene.host.client().get(listing));
    const json::Value* items = json::find(page, "items");
    if (!items || !items->IsArray() || items->Empty()) return std::string();
    const json::Value& delivery = (*items)[0];
    const json::Value* attempts = json::find(delivery, "attempts");
    return attempts && attempts->IsInt64() && attempts->GetInt64() > 0
               ? std::string(json::text(delivery, "state")) + ": " + json::to_text(delivery)
               : std::string();
  };
  ASSERT_TRUE(eventually([&] { return !tried().empty(); }));
  EXPECT_TRUE(tried().starts_with("pending: ")) << tried();
  EXPECT_NE(tried().find("certificate"), std::string::npos) << "why: " << tried();
  EXPECT_TRUE(receiver.requests().empty());

  ASSERT_EQ(scene.host.terminate(), 0);
  scene.host.set_environment("FORECOURT_WEBHOOKS_AUTHORITIES", own.certificate);
  scene.host.start();
  ASSERT_NE(scene.host.port(), 0) << scene.host.output();
  ASSERT_TRUE(receiver.wait_for(1));
  EXPECT_NE(receiver.requests()[0].body.find("order-tls"), std::string::npos);
  EXPECT_TRUE(eventually([&] { return tried().starts_with("delivered: "); })) << tried();
}

}  // namespace
}  // namespace e2e
