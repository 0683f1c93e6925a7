#include "scene.hpp"

#include <map>
#include <random>

namespace {

using fc::Json;

class Property : public Scene {
 protected:
  int64_t count(const std::string& sql) { return host_.query(sql)[0][0].integer(); }

  void expect_invariants() {
    EXPECT_EQ(count("SELECT count(*) FROM members m WHERE points <> (SELECT coalesce(sum(points), "
                    "0) FROM ledger l WHERE l.member_id = m.id)"),
              0)
        << "a balance is the sum of its ledger";
    EXPECT_EQ(count("SELECT count(*) FROM members m WHERE earned <> (SELECT coalesce(sum(points), "
                    "0) FROM ledger l WHERE l.member_id = m.id AND l.points > 0)"),
              0);
    EXPECT_EQ(count("SELECT count(*) FROM members WHERE points < 0"), 0);
    EXPECT_EQ(count("SELECT count(*) FROM members m WHERE movements <> (SELECT count(*) FROM "
                    "ledger l WHERE l.member_id = m.id)"),
              0);
    EXPECT_EQ(count("SELECT count(*) FROM (SELECT 1 FROM ledger GROUP BY member_id, kind, "
                    "source_id HAVING count(*) > 1)"),
              0);
    EXPECT_EQ(count("SELECT count(*) FROM (SELECT 1 FROM members GROUP BY openid, appid HAVING "
                    "count(*) > 1)"),
              0);
  }
};

TEST_F(Property, RandomSequencesKeepBalancesEqualToLedgers) {
  std::mt19937_64 random(11);
  const auto pick = [&](int64_t n) {
    return static_cast<int64_t>(random() % static_cast<uint64_t>(n));
  };
  const char* stores[] = {"store-11", "store-12", "store-21"};
  std::map<std::string, int64_t> balances;
  std::map<std::string, int64_t> adjusted;
  for (int step = 0; step < 200; ++step) {
    const int64_t who = pick(5);
    const std::string openid = "openid-" + std::to_string(who);
    if (!balances.contains(openid) || pick(2) == 0) {
      // A payer's own transactions, some of them told again.
      const int64_t n = pick(40);
      const std::string transaction = "t-" + std::to_string(who) + "-" + std::to_string(n);
      const bool is_new = adjusted.try_emplace(transaction, 0).second;
      pay(stores[pick(3)], openid, transaction, n * 77);
      balances[openid] += is_new ? n * 77 / 100 : 0;
    } else {
      const std::string source = "s-" + std::to_string(pick(60));
      const int64_t points = pick(2) ? 1 + pick(50) : -1 - pick(50);
      const Response made = adjust("group", member(openid)["id"].text(), points, source);
      const auto earlier = adjusted.find(openid + source);
      if (earlier != adjusted.end()) {
        EXPECT_EQ(made.status, earlier->second == points ? 201 : 409) << made.body;
      } else if (balances[openid] + points < 0) {
        EXPECT_EQ(made.status, 409) << made.body;
      } else {
        EXPECT_EQ(made.status, 201) << made.body;
        balances[openid] += points;
        adjusted[openid + source] = points;
      }
    }
    if (step % 50 == 0) expect_invariants();
  }
  expect_invariants();
  for (const auto& [openid, balance] : balances) EXPECT_EQ(points(openid), balance) << openid;
}

}  // namespace
