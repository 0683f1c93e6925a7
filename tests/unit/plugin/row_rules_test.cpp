#include "plugin/row_rules.hpp"

#include <gtest/gtest.h>

#include <map>

namespace forecourt::plugin {
namespace {

using storage::TableShape;
using storage::Value;

/// A row of one of the host's tables, its columns by name.
class RowOf {
 public:
  RowOf(const char* table, std::vector<std::pair<const char*, Value>> columns) {
    shape_.name = table;
    for (auto& [name, value] : columns) {
      shape_.columns.push_back({name, value.type, true, 0});
      values_.push_back(value);
    }
  }
  RowOf with(const std::string& column, Value value) const {
    RowOf other = *this;
    for (size_t i = 0; i < values_.size(); ++i) {
      if (shape_.columns[i].name == column) other.values_[i] = value;
    }
    return other;
  }
  bool passes() const {
    const RowRules rules("coupons", {"coupons.coupon.redeemed"});
    const auto checked = rules.check(shape_, values_);
    if (!checked) EXPECT_EQ(checked.error().code, Code::invalid);
    return checked.ok();
  }

 private:
  TableShape shape_;
  std::vector<Value> values_;
};

const RowOf k_event("fc_outbox", {{"number", 1},
                                  {"id", "evt_1"},
                                  {"type", "coupons.coupon.redeemed"},
                                  {"source", "coupons"},
                                  {"subject", "cpn_1"},
                                  {"org", "store-12"},
                                  {"time_ms", 5},
                                  {"trace_id", ""},
                                  {"data", "{}"}});

TEST(RowRules, AnEventIsOneThePluginMayPublish) {
  EXPECT_FALSE(k_event.with("type", "payments.payment.verified").passes());
  EXPECT_FALSE(k_event.with("source", "payments").passes());
  EXPECT_FALSE(k_event.with("org", "No Org").passes());
  EXPECT_FALSE(k_event.with("data", "{").passes());
  EXPECT_FALSE(k_event.with("id", "").passes());
  EXPECT_FALSE(k_event.with("number", -1).passes());
  EXPECT_FALSE(k_event.with("number", INT64_MAX).passes());
  EXPECT_FALSE(k_event.with("subject", "\xff").passes());
  EXPECT_TRUE(k_event.passes());
}

TEST(RowRules, AStoredAnswerIsOneThePluginMayGive) {
  const RowOf answer("fc_idempotency", {{"number", 1},
                                        {"created_ms", 5},
                                        {"status", 201},
                                        {"media_type", "application/json\nLocation:/x"}});
  EXPECT_FALSE(answer.with("status", 100).passes());
  EXPECT_FALSE(answer.with("status", 600).passes());
  EXPECT_FALSE(answer.with("media_type", "text/plain\r").passes());
  EXPECT_FALSE(answer.with("media_type", "a/b\nX:1\r\nSet-Cookie: a").passes());
  EXPECT_FALSE(answer.with("media_type", "a/b\nContent-Length:5").passes());
  EXPECT_FALSE(answer.with("created_ms", -1).passes());
  EXPECT_TRUE(answer.passes());
  EXPECT_TRUE(answer.with("media_type", "").passes());
}

TEST(RowRules, WhatIsKeptOfOthersAndOfWorkHasItsForm) {
  const RowOf cursor("fc_cursor", {{"publisher", "payments"}, {"epoch", "ab"}, {"number", 3}});
  EXPECT_FALSE(cursor.with("publisher", "").passes());
  EXPECT_FALSE(cursor.with("epoch", "").passes());
  EXPECT_FALSE(cursor.with("number", -1).passes());
  EXPECT_TRUE(cursor.passes());
  const RowOf job("fc_job", {{"number", 1},
                             {"kind", "expire"},
                             {"key", "k"},
                             {"org", ""},
                             {"attempts", 0},
                             {"state", "waiting"},
                             {"reason", ""}});
  EXPECT_FALSE(job.with("state", "mad").passes());
  EXPECT_FALSE(job.with("attempts", -1).passes());
  EXPECT_FALSE(job.with("org", "No Org").passes());
  EXPECT_TRUE(job.passes());
  const RowOf entry("fc_audit_outbox", {{"number", 1},
                                        {"at_ms", 5},
                                        {"actor", "key_1"},
                                        {"org", "group"},
                                        {"action", "coupon.returned"},
                                        {"subject", "cpn_1"},
                                        {"detail", "{}"}});
  EXPECT_FALSE(entry.with("action", "Coupon Returned").passes());
  EXPECT_FALSE(entry.with("detail", "[]").passes());
  EXPECT_TRUE(entry.passes());
}

TEST(RowRules, ATableOfTheHostThatNobodyKnowsIsRefusedAndThePluginsOwnAreItsBusiness) {
  EXPECT_FALSE(RowOf("fc_unknown", {{"id", "x"}}).passes());
  EXPECT_TRUE(RowOf("coupons", {{"id", "\xff"}}).passes());
}

}  // namespace
}  // namespace forecourt::plugin
