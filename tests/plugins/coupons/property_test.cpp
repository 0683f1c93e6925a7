#include "scene.hpp"

#include <algorithm>
#include <map>
#include <random>
#include <vector>

namespace {

using fc::Json;

/// What a coupon should be, kept beside the plugin.
struct Model {
  std::string batch;
  bool used = false;
  int64_t discount_fen = 0;
};

class Property : public Scene {
 protected:
  int64_t count(const std::string& sql) { return host_.query(sql)[0][0].integer(); }

  void expect_invariants() {
    EXPECT_EQ(count("SELECT count(*) FROM batches b WHERE issued <> "
                    "(SELECT count(*) FROM coupons c WHERE c.batch_id = b.id)"),
              0)
        << "issued is the sum of the states";
    EXPECT_EQ(count("SELECT count(*) FROM batches b WHERE used <> (SELECT count(*) FROM coupons c "
                    "WHERE c.batch_id = b.id AND c.state = 'USED')"),
              0);
    EXPECT_EQ(count("SELECT count(*) FROM batches WHERE issued > total"), 0);
    EXPECT_EQ(count("SELECT count(*) FROM batches b WHERE discounted_fen <> (SELECT "
                    "coalesce(sum(u.discount_fen), 0) FROM redemptions u JOIN coupons c ON c.code "
                    "= u.code WHERE c.batch_id = b.id AND u.returned_at_ms IS NULL)"),
              0)
        << "the budget is what was redeemed less what was returned";
    EXPECT_EQ(count("SELECT count(*) FROM holders h JOIN batches b ON b.id = h.batch_id WHERE "
                    "h.issued > b.per_member OR h.issued <> (SELECT count(*) FROM coupons c WHERE "
                    "c.batch_id = b.id AND c.member_id = h.member_id)"),
              0);
    EXPECT_EQ(count("SELECT count(*) FROM (SELECT code FROM redemptions WHERE returned_at_ms IS "
                    "NULL GROUP BY code HAVING count(*) > 1)"),
              0)
        << "no code has two uses at once";
    EXPECT_EQ(count("SELECT count(*) FROM redemptions WHERE discount_fen > order_amount_fen"), 0);
  }
};

TEST_F(Property, RandomSequencesKeepEveryInvariant) {
  for (const uint64_t seed : {1, 2}) {
    std::mt19937_64 random(seed);
    const auto pick = [&](int64_t n) {
      return static_cast<int64_t>(random() % static_cast<uint64_t>(n));
    };
    const std::string tag = std::to_string(seed) + "-";
    std::vector<std::string> batches;
    for (const Json& changes : {
             Json::object({{"total", 20}, {"per_member", 3}}),
             Json::object({{"kind", "DISCOUNT"}, {"amount_fen", nullptr}, {"percent_off", 15}}),
             Json::object({{"kind", "EXCHANGE"}, {"amount_fen", 7000}, {"threshold_fen", 0}}),
         }) {
      batches.push_back(new_batch("group", changes));
    }
    std::map<std::string, Model> model;
    std::vector<std::string> codes;
    const auto any_code = [&] { return codes[static_cast<size_t>(pick(std::ssize(codes)))]; };
    std::map<std::string, std::string> answers;

    for (int step = 0; step < 250; ++step) {
      const int64_t action = codes.empty() ? 0 : pick(10);
      const std::string number = "number-" + tag + std::to_string(pick(150));
      if (action < 3) {
        const std::string& batch = batches[static_cast<size_t>(pick(3))];
        const Response issued = issue("group", batch, "mem_" + tag + std::to_string(pick(8)),
                                      "s-" + std::to_string(pick(60)));
        if (issued.status != 201) continue;
        const std::string code = issued.json()["code"].text();
        if (model.try_emplace(code, Model{batch}).second) codes.push_back(code);
      } else if (action < 8) {
        const std::string code = any_code();
        const int64_t amount = pick(12'000);
        const Response redeemed = redeem("group", code, number, "store-11", amount);
        const std::string request = code + " " + number + " " + std::to_string(amount);
        if (const auto earlier = answers.find(request); earlier != answers.end()) {
          EXPECT_EQ(redeemed.status, 200);
          EXPECT_EQ(redeemed.body, earlier->second) << "a repeat is answered the same";
        } else if (redeemed.status == 200) {
          EXPECT_FALSE(model[code].used) << code << " was redeemed twice";
          model[code].used = true;
          model[code].discount_fen = redeemed.json()["discount_fen"].integer();
          EXPECT_LE(model[code].discount_fen, amount);
          answers[request] = redeemed.body;
        } else {
          EXPECT_EQ(redeemed.status, 409) << redeemed.body;
        }
      } else {
        const std::string code = any_code();
        const bool was_used = model[code].used;
        const Response returned = give_back("group", code, number);
        const std::string request = code + " return " + number;
        if (const auto earlier = answers.find(request); earlier != answers.end()) {
          EXPECT_EQ(returned.body, earlier->second);
        } else if (returned.status == 200) {
          EXPECT_TRUE(was_used) << code << " was returned unused";
          model[code].used = false;
          answers[request] = returned.body;
        } else {
          EXPECT_EQ(returned.status, 409) << returned.body;
        }
      }
      if (step % 50 == 0) expect_invariants();
    }
    expect_invariants();
    for (const auto& [code, expected] : model) {
      EXPECT_EQ(coupon(code)["state"].text(), expected.used ? "USED" : "EFFECTIVE");
    }
  }
}

}  // namespace
