#include "faults/support/codes.hpp"

#include <atomic>
#include <thread>

namespace faults {
namespace json = forecourt::json;
using e2e::Document;
using e2e::HttpClient;

void in_parallel(int64_t count, int threads, const std::function<void(int64_t)>& work) {
  std::atomic<int64_t> next{0};
  std::vector<std::thread> running;
  for (int t = 0; t < threads; ++t) {
    running.emplace_back([&] {
      for (int64_t i; (i = next++) < count;) work(i);
    });
  }
  for (std::thread& thread : running) thread.join();
}

void in_parallel(const e2e::Scene& scene, const std::string& key, int64_t count, int threads,
                 const std::function<void(HttpClient&, int64_t)>& work) {
  std::atomic<int64_t> next{0};
  std::vector<std::thread> running;
  for (int t = 0; t < threads; ++t) {
    running.emplace_back([&] {
      HttpClient client = scene.host.client(key);
      for (int64_t i; (i = next++) < count;) work(client, i);
    });
  }
  for (std::thread& thread : running) thread.join();
}

std::vector<std::string> issue_codes(e2e::Scene& scene, int64_t count) {
  HttpClient admin = scene.host.client();
  const std::string batch = scene.make_batch(admin, count, 1'000'000);
  std::vector<std::string> codes(static_cast<size_t>(count));
  in_parallel(scene, e2e::k_admin_key, count, 32, [&](HttpClient& client, int64_t i) {
    const std::string n = std::to_string(i);
    codes[static_cast<size_t>(i)] = scene.issue(client, batch, "mem_" + n, "source-" + n);
  });
  return codes;
}

std::string redeem_path(const std::string& code) {
  return "/v1/coupons/coupons/" + code + "/redeem";
}

std::string redeem_body(const std::string& request_no) {
  return "{\"request_no\":\"" + request_no + "\",\"store\":\"store-12\",\"order_amount_fen\":6000}";
}

Balance balance_of(HttpClient& client, const std::string& openid) {
  Balance balance;
  const Document page = e2e::json_of(client.get("/v1/membership/members?openid=" + openid));
  const json::Value* items = json::find(page, "items");
  if (!items || !items->IsArray() || items->Empty()) return balance;
  EXPECT_EQ(items->Size(), 1u) << "one openid, one member";
  balance.member = json::text((*items)[0], "id");
  balance.points = e2e::integer_of((*items)[0], "points");
  balance.ledger_sum = 0;
  std::string cursor;
  do {
    const Document ledger = e2e::json_of(
        client.get("/v1/membership/members/" + balance.member + "/ledger?limit=100" + cursor));
    const json::Value* rows = json::find(ledger, "items");
    if (!rows || !rows->IsArray()) return {};
    for (const json::Value& row : rows->GetArray())
      balance.ledger_sum += e2e::integer_of(row, "points");
    const std::string_view next = json::text(ledger, "next_cursor");
    cursor = next.empty() ? "" : "&cursor=" + std::string(next);
  } while (!cursor.empty());
  return balance;
}

}  // namespace faults
