#include "faults/support/till.hpp"

#include <algorithm>

#include "faults/support/codes.hpp"

namespace faults {
using e2e::Answer;
using e2e::HttpClient;

void Till::stock(int64_t count) {
  const auto more = issue_codes(faulty_.scene, count);
  std::lock_guard lock(mutex_);
  codes_.insert(codes_.end(), more.begin(), more.end());
}

size_t Till::told() const {
  std::lock_guard lock(mutex_);
  return told_.size();
}

size_t Till::left() const {
  std::lock_guard lock(mutex_);
  return codes_.size() - next_code_;
}

int64_t Till::acknowledged() const {
  std::lock_guard lock(mutex_);
  return std::count_if(told_.begin(), told_.end(),
                       [](const Told& told) { return told.status / 100 == 2; });
}

Answer Till::send(const e2e::HostProcess& host, const Told& told) const {
  if (told.code.empty()) {
    const auto call = faulty_.scene.wechat.payment(
        "EV-T" + told.request, {"45000" + told.request, "order-t" + told.request, "openid-t", 100});
    HttpClient channel = host.client("");
    return channel.post(faulty_.scene.notify_path(), call.body, call.headers);
  }
  HttpClient client = host.client();
  return client.post(redeem_path(told.code), redeem_body(told.request),
                     {{"Idempotency-Key", told.request}});
}

bool Till::redeem_one() {
  std::string code;
  {
    std::lock_guard lock(mutex_);
    if (next_code_ < codes_.size()) code = codes_[next_code_++];
  }
  if (code.empty()) return false;
  note({code, code + "-1"});
  return true;
}

void Till::redeem() { ASSERT_TRUE(redeem_one()) << "out of stock"; }

void Till::pay() {
  int64_t number = 0;
  {
    std::lock_guard lock(mutex_);
    number = next_payment_++;
  }
  note({"", std::to_string(number)});
}

void Till::note(Told told) {
  const Answer answer = send(faulty_.host(), told);
  told.status = answer.status;
  told.body = answer.body;
  // Done, or to be tried again: nothing about the request itself is at fault.
  EXPECT_TRUE(told.status == 0 || told.status / 100 == 2 || told.status == 429 ||
              told.status >= 500)
      << "a false answer: " << told.status << " " << told.body;
  std::lock_guard lock(mutex_);
  told_.push_back(std::move(told));
}

/// Refused with a reason is not done; only "outcome-unknown" leaves it open.
void Till::expect_refused_not_done(const Told& told) const {
  const bool refused = told.status == 429 || told.status == 503 || told.status == 507;
  if (!refused || told.body.find("outcome-unknown") != std::string::npos) return;
  HttpClient client = faulty_.host().client();
  const std::string target = told.code.empty() ? "/v1/payments/orders/order-t" + told.request +
                                                     "?merchant_id=" + faulty_.scene.merchant
                                               : "/v1/coupons/coupons/" + told.code;
  Answer now;
  EXPECT_TRUE(e2e::eventually([&] {
    now = client.get(target);
    return now.status == 200 || now.status == 404;
  })) << target
      << " " << now.status << " " << now.body;
  EXPECT_EQ(now.body.find(told.code.empty() ? "\"SUCCESS\"" : "\"USED\""), std::string::npos)
      << told.request << " was refused and happened: " << told.status << " " << told.body;
}

void Till::expect_true(const Told& told) const {
  expect_refused_not_done(told);
  Answer again;
  EXPECT_TRUE(e2e::eventually([&] {
    again = send(faulty_.host(), told);
    return again.status / 100 == 2;
  })) << told.request
      << " was answered " << told.status << ", then " << again.status << " " << again.body;
  if (told.code.empty()) return;
  if (told.status / 100 == 2) {
    EXPECT_EQ(again.body, told.body) << "a repeat was answered in other words";
  }
  HttpClient client = faulty_.host().client();
  const Answer other = client.post(redeem_path(told.code), redeem_body(told.request + "-other"));
  EXPECT_EQ(other.status, 409) << told.code << " redeemed twice: " << other.body;
}

void Till::expect_again(const e2e::HostProcess& host, size_t so_far) const {
  for (size_t i = so_far > 50 ? so_far - 50 : 0; i < so_far; ++i) {
    if (told_[i].status / 100 != 2) continue;
    const Answer again = send(host, told_[i]);
    EXPECT_EQ(again.status, told_[i].status) << told_[i].request << ": " << again.body;
    EXPECT_EQ(again.body, told_[i].body) << told_[i].request;
  }
}

void Till::expect_truth() {
  for (; looked_at_ < told_.size(); ++looked_at_) expect_true(told_[looked_at_]);
}

int64_t Till::lost_in_files(const std::filesystem::path& data, size_t so_far) const {
  std::string codes = "''";
  std::string transactions = "''";
  int64_t redeemed = 0;
  int64_t paid = 0;
  for (size_t i = 0; i < so_far; ++i) {
    const Told& told = told_[i];
    if (told.status / 100 != 2) continue;
    if (told.code.empty()) {
      transactions += ",'45000" + told.request + "'";
      ++paid;
    } else {
      codes += ",'" + told.code + "'";
      ++redeemed;
    }
  }
  const int64_t used = ask_file(data / "plugins/coupons/store.db",
                                "SELECT count(*) FROM redemptions JOIN coupons USING (code)"
                                " WHERE state = 'USED' AND code IN (" +
                                    codes + ")");
  const int64_t credited =
      ask_file(data / "plugins/payments/store.db",
               "SELECT count(*) FROM payments WHERE transaction_id IN (" + transactions + ")");
  return std::abs(redeemed - used) + std::abs(paid - credited);
}

/// Files of several processes are of one moment: none has read what another has not published yet,
/// and none takes another for further than it is.
void Till::expect_nobody_ahead(const std::filesystem::path& data) {
  const auto store = [&data](const std::string& plugin) {
    return data / "plugins" / plugin / "store.db";
  };
  constexpr std::pair<const char*, const char*> k_flows[] = {{"payments", "membership"},
                                                             {"membership", "coupons"}};
  for (const auto& [publisher, reader] : k_flows) {
    const int64_t published = ask_file(store(publisher),
                                       "SELECT coalesce(max(seq), 0) FROM sqlite_sequence"
                                       " WHERE name = 'fc_outbox'");
    const int64_t read = ask_file(store(reader),
                                  "SELECT coalesce(max(number), 0) FROM fc_cursor"
                                  " WHERE publisher = '" +
                                      std::string(publisher) + "'");
    const int64_t taken_for_read = ask_file(store(publisher),
                                            "SELECT coalesce(max(number), 0) FROM fc_subscriber"
                                            " WHERE name = '" +
                                                std::string(reader) + "'");
    EXPECT_LE(read, published) << reader << " has read what " << publisher << " lost";
    EXPECT_LE(taken_for_read, read) << publisher << " would delete what " << reader << " lost";
  }
}

void Till::expect_in_files(const std::filesystem::path& data, size_t so_far) const {
  const auto coupons = data / "plugins/coupons/store.db";
  const auto payments = data / "plugins/payments/store.db";
  for (const auto& database : {coupons, payments, data / "plugins/membership/store.db"})
    expect_intact(database);
  EXPECT_EQ(lost_in_files(data, so_far), 0) << "acknowledged and lost, or there twice";
  expect_nobody_ahead(data);
  // What one call writes stands together or not at all: the rows, the event and the kept answer.
  constexpr const char* k_differences[] = {
      "SELECT count(*) FROM redemptions LEFT JOIN (SELECT subject, count(*) AS times"
      " FROM fc_outbox WHERE type = 'coupons.coupon.redeemed' GROUP BY subject)"
      " ON subject = code WHERE times IS NOT 1",
      "SELECT (SELECT count(*) FROM redemptions) -"
      " (SELECT count(*) FROM fc_idempotency WHERE status = 200)",
      "SELECT (SELECT count(*) FROM coupons WHERE state = 'USED') -"
      " (SELECT count(*) FROM redemptions)"};
  for (const char* difference : k_differences) EXPECT_EQ(ask_file(coupons, difference), 0);
  EXPECT_EQ(ask_file(payments,
                     "SELECT (SELECT count(*) FROM payments) -"
                     " (SELECT count(*) FROM notifications)"),
            0);
}

}  // namespace faults
