#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

namespace forecourt::gateway {

/// How often and how long one operation was called. Written by the I/O thread alone, read by
/// whoever renders.
class OperationStats {
 public:
  /// Upper bounds in microseconds; the last bucket has none.
  static constexpr std::array<int64_t, 15> k_bounds_us = {
      100,    250,     500,     1'000,   2'500,     5'000,     10'000,   25'000,
      50'000, 100'000, 250'000, 500'000, 1'000'000, 2'500'000, 5'000'000};
  void record(int status, int64_t duration_ns);

 private:
  friend class Stats;
  /// The statuses that are counted one by one; any other counts as the last, 599.
  static constexpr std::array<int, 42> k_statuses = {
      200, 201, 202, 204, 206, 301, 302, 303, 304, 307, 308, 400, 401, 403,
      404, 405, 406, 408, 409, 410, 411, 412, 413, 414, 415, 417, 422, 423,
      425, 428, 429, 431, 451, 499, 500, 501, 502, 503, 504, 505, 507, 599};
  static size_t status_index(int status);
  static void add(std::atomic<uint64_t>& counter, uint64_t n) {
    // One writer: a plain add, which others may read at any time.
    counter.store(counter.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
  }
  std::array<std::atomic<uint64_t>, k_bounds_us.size() + 1> buckets_{};
  std::atomic<uint64_t> sum_ns_{0};
  std::array<std::atomic<uint64_t>, k_statuses.size()> statuses_{};
};

/// All operations' numbers and the connections'. Entries stay when a plugin goes: counters never
/// run backwards.
class Stats {
 public:
  /// The numbers of one operation; made when first asked for. Thread-safe; the pointer stays valid.
  OperationStats* operation(std::string_view plugin, std::string_view operation);

  std::atomic<int64_t> connections{0};
  std::atomic<int64_t> in_flight{0};  ///< handed to a handler, not yet let go by it
  std::atomic<uint64_t> connections_refused{0};
  std::atomic<int64_t> buffered_bytes{0};  ///< of request bodies in memory
  std::atomic<int64_t> unsent_bytes{0};    ///< of answers whose clients are slow

  /// Prometheus text format. Operations that were never called are left out.
  std::string render() const;

 private:
  mutable std::mutex mutex_;
  std::map<std::pair<std::string, std::string>, std::unique_ptr<OperationStats>>
      operations_;  // guarded by mutex_
};

}  // namespace forecourt::gateway
