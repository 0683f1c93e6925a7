// The chain the business lives on: a signed payment becomes a member, points, a coupon and its
// redemption.

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <random>
#include <thread>
#include <vector>

#include "e2e/support/scene.hpp"

namespace e2e {
namespace {

namespace json = forecourt::json;

/// The one member with this openid, or an empty object.
Document member_of(HttpClient& client, const std::string& openid) {
  const Document page = json_of(client.get("/v1/membership/members?openid=" + openid));
  const json::Value* items = json::find(page, "items");
  Document member;
  member.SetObject();
  if (!items || !items->IsArray() || items->Empty()) return member;
  EXPECT_EQ(items->Size(), 1u) << "one openid, one member";
  member.CopyFrom((*items)[0], member.GetAllocator());
  return member;
}

std::string only_coupon_of(HttpClient& client, const std::string& member) {
  const Document page = json_of(client.get("/v1/coupons/coupons?member_id=" + member));
  const json::Value* items = json::find(page, "items");
  if (!items || !items->IsArray() || items->Size() != 1) return {};
  return std::string(json::text((*items)[0], "code"));
}

int64_t ledger_sum(HttpClient& client, const std::string& member) {
  int64_t sum = 0;
  std::string cursor;
  for (int pages = 0; pages < 1000; ++pages) {
    const Document page =
        json_of(client.get("/v1/membership/members/" + member + "/ledger?limit=100" + cursor));
    const json::Value* items = json::find(page, "items");
    if (!items || !items->IsArray()) return INT64_MIN;
    for (const json::Value& row : items->GetArray()) sum += integer_of(row, "points");
    const std::string_view next = json::text(page, "next_cursor");
    if (next.empty()) return sum;
    cursor = "&cursor=" + std::string(next);
  }
  return INT64_MIN;
}

TEST(Chain, RefusesWhatTheChannelDidNotSign) {
  Scene scene;
  HttpClient public_client = scene.host.client("");
  HttpClient admin = scene.host.client();
  const auto genuine = scene.wechat.payment("EV-0", {"4200000001", "order-0", "openid-0"});

  auto forged = genuine;
  forged.body[forged.body.size() / 2] ^= 1;
  const int64_t now = static_cast<int64_t>(std::time(nullptr));
  const std::string resource = WeChat::payment_resource({"4200000001", "order-0", "openid-0"});
  const auto early = scene.wechat.callback("EV-0", "TRANSACTION.SUCCESS", resource, now - 301);
  const auto late = scene.wechat.callback("EV-0", "TRANSACTION.SUCCESS", resource, now + 310);
  auto probe = genuine;
  for (auto& [name, value] : probe.headers) {
    if (name == "Wechatpay-Signature") value = "WECHATPAY/SIGNTEST/" + value;
  }
  auto unknown_serial = genuine;
  for (auto& [name, value] : unknown_serial.headers) {
    if (name == "Wechatpay-Serial") value = "0000000000000000000000000000000000000001";
  }
  WeChat::Callback unsigned_call{{}, genuine.body};
  WeChat::Callback undecryptable = genuine;
  undecryptable.body.replace(undecryptable.body.find("\"ciphertext\":\"") + 14, 4, "AAAA");
  undecryptable.headers =
      scene.wechat.sign(undecryptable.body, now, "593BEC0C930BF1AFEB40B4A08C8FB242");

  for (const auto& call :
       {forged, early, late, probe, unknown_serial, unsigned_call, undecryptable}) {
    const Answer answer = public_client.post(scene.notify_path(), call.body, call.headers);
    EXPECT_GE(answer.status, 400) << answer.body;
    EXPECT_LT(answer.status, 500) << answer.body;
    EXPECT_EQ(text_of(answer, "code"), "FAIL");
  }
  EXPECT_EQ(admin.get("/v1/payments/orders/order-0?merchant_id=" + scene.merchant).status, 404);
}

TEST(Chain, APaymentBecomesAMemberPointsACouponAndOneRedemption) {
  Scene scene;
  HttpClient admin = scene.host.client();
  HttpClient store = scene.host.client(scene.key_of("store-12"));
  HttpClient public_client = scene.host.client("");

  const Answer order = store.post("/v1/payments/orders",
                                  "{\"merchant_id\":\"" + scene.merchant +
                                      "\",\"out_trade_no\":\"order-1\",\"amount_fen\":24300}");
  ASSERT_EQ(order.status, 201) << order.body;
  const auto call = scene.wechat.payment("EV-1", {"4200000002", "order-1", "openid-1", 24300});
  const Answer acknowledged = public_client.post(scene.notify_path(), call.body, call.headers);
  ASSERT_TRUE(acknowledged.status == 200 || acknowledged.status == 204) << acknowledged.body;

  const Document paid =
      json_of(store.get("/v1/payments/orders/order-1?merchant_id=" + scene.merchant));
  EXPECT_EQ(json::text(paid, "state"), "SUCCESS");
  EXPECT_EQ(json::text(paid, "transaction_id"), "4200000002");
  EXPECT_EQ(integer_of(paid, "paid_fen"), 24300);
  EXPECT_EQ(json::text(paid, "payer_openid"), "openid-1");

  std::string coupon;
  std::string member;
  ASSERT_TRUE(eventually([&] {
    const Document found = member_of(store, "openid-1");
    member = std::string(json::text(found, "id"));
    if (member.empty()) return false;
    coupon = only_coupon_of(store, member);
    return !coupon.empty();
  })) << scene.host.output();
  EXPECT_EQ(integer_of(member_of(admin, "openid-1"), "points"), 243);
  EXPECT_EQ(ledger_sum(store, member), 243);

  const std::string path = "/v1/coupons/coupons/" + coupon;
  EXPECT_EQ(store
                .post(path + "/redeem",
                      R"({"request_no":"req-small","store":"store-12","order_amount_fen":4999})")
                .status,
            409);
  EXPECT_EQ(store
                .post(path + "/redeem",
                      R"({"request_no":"req-other","store":"store-13","order_amount_fen":9900})")
                .status,
            403);
  const std::string body =
      R"({"request_no":"req-000001","store":"store-12","order_amount_fen":9900})";
  const Answer redeemed = store.post(path + "/redeem", body);
  ASSERT_EQ(redeemed.status, 200) << redeemed.body;
  EXPECT_EQ(text_of(redeemed, "state"), "USED");
  EXPECT_EQ(integer_of(json_of(redeemed), "discount_fen"), 1000);
  const Answer again = store.post(path + "/redeem", body);
  EXPECT_EQ(again.status, 200);
  EXPECT_EQ(again.body, redeemed.body) << "the same request_no and body: the identical answer";
  const Answer other =
      store.post(path + "/redeem",
                 R"({"request_no":"req-000001","store":"store-12","order_amount_fen":9901})");
  EXPECT_TRUE(other.status == 409 || other.status == 422) << other.status;
  EXPECT_EQ(store
                .post(path + "/redeem",
                      R"({"request_no":"req-000002","store":"store-12","order_amount_fen":9900})")
                .status,
            409);
  EXPECT_EQ(store.post(path + "/return", R"({"request_no":"ret-000001"})").status, 200);
}

TEST(Chain, AMismatchIsAcknowledgedKeptAndCreditsNothing) {
  Scene scene;
  HttpClient admin = scene.host.client();
  HttpClient public_client = scene.host.client("");
  ASSERT_EQ(
      admin
          .post("/v1/payments/orders", "{\"merchant_id\":\"" + scene.merchant +
                                           "\",\"out_trade_no\":\"order-2\",\"amount_fen\":100}")
          .status,
      201);
  const auto call = scene.wechat.payment("EV-2", {"4200000003", "order-2", "openid-2", 1});
  EXPECT_EQ(public_client.post(scene.notify_path(), call.body, call.headers).status / 100, 2);
  // A second, honest payment passes the same pipes behind it: once its member is there, the first
  // had its chance.
  const auto honest = scene.wechat.payment("EV-3", {"4200000004", "order-3", "openid-3", 500});
  EXPECT_EQ(public_client.post(scene.notify_path(), honest.body, honest.headers).status / 100, 2);
  ASSERT_TRUE(eventually([&] { return member_of(admin, "openid-3").MemberCount() > 0; }));
  EXPECT_EQ(member_of(admin, "openid-2").MemberCount(), 0u);
  EXPECT_EQ(
      text_of(admin.get("/v1/payments/orders/order-2?merchant_id=" + scene.merchant), "state"),
      "NOTPAY");
}

TEST(Chain, TheSameCallbackAThousandTimesFromSixteenConnectionsIsOnePayment) {
  Scene scene;
  constexpr int k_openids = 10;
  constexpr int k_repeats = 100;
  // Each payment comes under two event ids: the channel re-sends with the same id, and may notify
  // twice.
  std::vector<WeChat::Callback> calls;
  for (int i = 0; i < k_openids * k_repeats; ++i) {
    const int who = i % k_openids;
    const std::string n = std::to_string(who);
    calls.push_back(
        scene.wechat.payment("EV-R" + n + (i % 20 < 10 ? "a" : "b"),
                             {"42000001" + n, "order-r" + n, "openid-r" + n, 1000 + who * 100}));
  }
  std::shuffle(calls.begin(), calls.end(), std::mt19937(7));
  std::atomic<size_t> next{0};
  std::atomic<int> refused{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 16; ++t) {
    threads.emplace_back([&] {
      HttpClient client = scene.host.client("");
      for (size_t i; (i = next++) < calls.size();) {
        const Answer answer = client.post(scene.notify_path(), calls[i].body, calls[i].headers);
        if (answer.status / 100 != 2) ++refused;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(refused, 0);

  HttpClient admin = scene.host.client();
  for (int who = 0; who < k_openids; ++who) {
    const std::string openid = "openid-r" + std::to_string(who);
    std::string member;
    ASSERT_TRUE(eventually([&] {
      member = std::string(json::text(member_of(admin, openid), "id"));
      return !member.empty() && !only_coupon_of(admin, member).empty();
    })) << openid;
    EXPECT_EQ(integer_of(member_of(admin, openid), "points"), 10 + who) << "credited once";
    EXPECT_EQ(ledger_sum(admin, member), 10 + who);
  }
}

TEST(Chain, SixtyFourRacersOnOneCodeAndOneWins) {
  Scene scene;
  HttpClient admin = scene.host.client();
  constexpr int k_codes = 20;
  constexpr int k_racers = 64;
  const std::string batch = scene.make_batch(admin, 1000, 1000);
  std::vector<std::string> codes;
  for (int i = 0; i < k_codes; ++i) {
    codes.push_back(scene.issue(admin, batch, "mem_racer", "race-" + std::to_string(i)));
  }
  std::vector<std::atomic<int>> won(k_codes);
  std::vector<std::atomic<int>> conflicts(k_codes);
  std::vector<std::thread> threads;
  for (int t = 0; t < k_racers; ++t) {
    threads.emplace_back([&, t] {
      HttpClient client = scene.host.client();
      for (int i = 0; i < k_codes; ++i) {
        const std::string body = "{\"request_no\":\"race-" + std::to_string(t) + "-" +
                                 std::to_string(i) +
                                 "\",\"store\":\"store-12\",\"order_amount_fen\":6000}";
        const int status =
            client.post("/v1/coupons/coupons/" + codes[static_cast<size_t>(i)] + "/redeem", body)
                .status;
        if (status == 200) ++won[static_cast<size_t>(i)];
        if (status == 409) ++conflicts[static_cast<size_t>(i)];
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (size_t i = 0; i < k_codes; ++i) {
    EXPECT_EQ(won[i], 1) << codes[i];
    EXPECT_EQ(conflicts[i], k_racers - 1) << codes[i];
  }
}

}  // namespace
}  // namespace e2e
