#include "storage/retention.hpp"

#include <cstdlib>

#include "base/log.hpp"
#include "storage/transaction.hpp"

namespace forecourt::storage {
namespace {

constexpr int64_t k_jump_ms = 10 * 60 * 1000;
constexpr std::chrono::seconds k_pause_idle{1};
constexpr std::chrono::seconds k_pause_busy{10};

int64_t monotonic_ms(const Clock& clock) { return clock.monotonic_ns() / 1'000'000; }

}  // namespace

Retention::Retention(const Clock& clock)
    : clock_(clock), offset_ms_(clock.now_ms() - monotonic_ms(clock)) {}

bool Retention::trusts_clock() {
  const int64_t offset = clock_.now_ms() - monotonic_ms(clock_);
  if (std::abs(offset - offset_ms_) > k_jump_ms)
    trusted_from_ms_ = monotonic_ms(clock_) + k_keep_ms;
  offset_ms_ = offset;
  return monotonic_ms(clock_) >= trusted_from_ms_;
}

bool Retention::prune(Connection& connection, bool idle) {
  const auto now = std::chrono::steady_clock::now();
  if (now < next_) return false;
  next_ = now + (idle ? k_pause_idle : k_pause_busy);
  if (!trusts_clock()) return false;
  int64_t deleted = 0;
  const auto pruned = in_transaction(connection, [&]() -> Result<void> {
    Session session = connection.session(true);
    auto changes = session.execute(
        "DELETE FROM fc_idempotency WHERE created_ms < $1 AND number IN"
        " (SELECT number FROM fc_idempotency ORDER BY number LIMIT $2)",
        {clock_.now_ms() - k_keep_ms, k_slice});
    if (!changes) return changes.error();
    deleted = *changes;
    return {};
  });
  if (!pruned)
    log::warn("storage", "pruning stored answers failed", {{"reason", pruned.error().message}});
  const bool more = deleted == k_slice;
  if (more && idle) next_ = now;
  return more;
}

}  // namespace forecourt::storage
