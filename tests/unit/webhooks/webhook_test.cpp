#include "webhooks/webhook.hpp"

#include <gtest/gtest.h>

namespace forecourt::webhooks {
namespace {

Webhook sound() {
  Webhook webhook;
  webhook.url = "https://example.com/";
  webhook.types = {"coupons.coupon.redeemed", "payments.payment.verified"};
  return webhook;
}

TEST(Webhook, IsRefusedWithTypesNoPluginCanPublish) {
  for (const char* type : {"", "coupons", ".coupon", "coupons.", "coupons..x", "Coupons.x", "*",
                           "coupons.*", "coupons.coupon redeemed"}) {
    Webhook webhook = sound();
    webhook.types.emplace_back(type);
    const auto checked = check_webhook(webhook);
    ASSERT_FALSE(checked.ok()) << type;
    EXPECT_EQ(checked.error().message.rfind("types[2]: ", 0), 0u) << checked.error().message;
  }
}

TEST(Webhook, IsRefusedWithoutTypesWithTooManyOrTheSameTwice) {
  Webhook webhook = sound();
  webhook.types.push_back(webhook.types[0]);
  EXPECT_FALSE(check_webhook(webhook).ok());
  webhook.types.clear();
  EXPECT_FALSE(check_webhook(webhook).ok());
  for (size_t i = 0; i <= k_types_max; ++i) webhook.types.push_back("a.b" + std::to_string(i));
  EXPECT_FALSE(check_webhook(webhook).ok());
  EXPECT_TRUE(check_webhook(sound()).ok());
}

}  // namespace
}  // namespace forecourt::webhooks
