#include "isolation/from_child.hpp"

#include <gtest/gtest.h>

#include "isolation/pack.hpp"

namespace forecourt::isolation {
namespace {

http::Response response() {
  http::Response response;
  response.status = 201;
  response.media_type = "application/json";
  response.headers.emplace_back("Location", "/v1/coupons/1");
  response.body = "{}";
  return response;
}

events::Page page(int64_t number = 8, const std::string& type = "coupons.coupon.issued") {
  events::Page page;
  page.epoch = "e1";
  page.through = number;
  events::Event event;
  event.number = number;
  event.id = "evt_1";
  event.type = type;
  event.source = "coupons";
  event.org = "store-12";
  event.data = "{}";
  page.events.push_back(event);
  return page;
}

const std::vector<std::string> k_publishes = {"coupons.coupon.issued"};

events::PageRequest after(int64_t number) {
  events::PageRequest request;
  request.after = number;
  return request;
}

TEST(FromChild, RepliesThatNoPluginMayGiveAreRefused) {
  const auto refused = [](auto change) {
    http::Response wrong = response();
    change(wrong);
    return !from_child::response(pack(wrong));
  };
  EXPECT_TRUE(refused([](auto& r) { r.status = 99; }));
  EXPECT_TRUE(refused([](auto& r) { r.status = 600; }));
  EXPECT_TRUE(refused([](auto& r) { r.status = 204; }));
  EXPECT_TRUE(refused([](auto& r) { r.media_type = "text"; }));
  EXPECT_TRUE(refused([](auto& r) { r.headers.emplace_back("Transfer-Encoding", "chunked"); }));
  EXPECT_TRUE(refused([](auto& r) { r.headers.emplace_back("X", "a\r\nY: b"); }));
  EXPECT_TRUE(refused([](auto& r) { r.headers.emplace_back("X", std::string(9000, 'a')); }));
  EXPECT_TRUE(refused([](auto& r) { r.headers.resize(33, {"X", "y"}); }));
  EXPECT_TRUE(refused([](auto& r) { r.body.resize((16u << 20) + 1); }));
  EXPECT_FALSE(from_child::response(pack(response()) + "x"));
  EXPECT_FALSE(from_child::response(""));
}

TEST(FromChild, AReplyComesAsItWas) {
  auto read = from_child::response(pack(response()));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->status, 201);
  EXPECT_EQ(read->headers, response().headers);
  EXPECT_EQ(read->body, "{}");
}

TEST(FromChild, EventsOfOthersOrFromThePastAreRefused) {
  EXPECT_FALSE(from_child::page(pack(page(7)), after(7), "coupons", k_publishes));
  EXPECT_FALSE(from_child::page(pack(page(8, "payments.payment.verified")), after(7), "coupons",
                                k_publishes));
  EXPECT_FALSE(from_child::page(pack(page()), after(7), "payments", k_publishes));
  events::Page wrong = page();
  wrong.events[0].data = "{";
  EXPECT_FALSE(from_child::page(pack(wrong), after(7), "coupons", k_publishes));
  wrong = page();
  wrong.events[0].org = "no org";
  EXPECT_FALSE(from_child::page(pack(wrong), after(7), "coupons", k_publishes));
  wrong = page();
  wrong.through = 5;
  EXPECT_FALSE(from_child::page(pack(wrong), after(7), "coupons", k_publishes));
  events::PageRequest asked = after(7);
  asked.types = {"coupons.coupon.redeemed"};
  EXPECT_FALSE(from_child::page(pack(page()), asked, "coupons", k_publishes));
  EXPECT_TRUE(from_child::page(pack(page()), after(7), "coupons", k_publishes));
}

TEST(FromChild, AuditEntriesKeepTheRulesOfTheService) {
  plugin::PluginData::Audit audit;
  audit.epoch = "e1";
  audit.entries.push_back({1, {5, "key_1", "store-12", "coupon.redeem", "c", "{}"}});
  EXPECT_TRUE(from_child::audit(pack(audit), 10));
  EXPECT_FALSE(from_child::audit(pack(audit), 0));
  plugin::PluginData::Audit wrong = audit;
  wrong.entries[0].entry.action = "coupon redeem";
  EXPECT_FALSE(from_child::audit(pack(wrong), 10));
  wrong = audit;
  wrong.entries[0].entry.detail = "[]";
  EXPECT_FALSE(from_child::audit(pack(wrong), 10));
  wrong = audit;
  wrong.entries.push_back(wrong.entries[0]);  // the same number again
  EXPECT_FALSE(from_child::audit(pack(wrong), 10));
}

}  // namespace
}  // namespace forecourt::isolation
