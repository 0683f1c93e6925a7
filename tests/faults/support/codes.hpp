#pragma once

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "e2e/support/scene.hpp"

namespace faults {

/// Runs `work(i)` for every i below `count` on `threads` threads.
void in_parallel(int64_t count, int threads, const std::function<void(int64_t)>& work);
/// The same with a client of each thread's own.
void in_parallel(const e2e::Scene& scene, const std::string& key, int64_t count, int threads,
                 const std::function<void(e2e::HttpClient&, int64_t)>& work);

/// Fresh coupons of one batch, redeemable at every store.
std::vector<std::string> issue_codes(e2e::Scene& scene, int64_t count);

/// "/v1/coupons/coupons/<code>/redeem" and what is sent there.
std::string redeem_path(const std::string& code);
std::string redeem_body(const std::string& request_no);

/// A member's points and the sum of the ledger behind them; both -1 when there is no such member.
struct Balance {
  int64_t points = -1;
  int64_t ledger_sum = -1;
  std::string member;
};
Balance balance_of(e2e::HttpClient& client, const std::string& openid);

}  // namespace faults
