#pragma once

#include <mutex>
#include <string>
#include <vector>

#include "faults/support/faulty_host.hpp"

namespace faults {

/// Clients of a faulty host, and what they were told. Thread-safe but for `expect_...`.
class Till {
 public:
  explicit Till(FaultyScene& faulty) : faulty_(faulty) {}

  /// Gets `count` more coupons, while the host is well.
  void stock(int64_t count);
  /// A redemption and a payment, each sent once.
  void redeem();
  void pay();
  /// Both; only a payment when nothing is in stock.
  void trade() {
    redeem_one();
    pay();
  }

  size_t told() const;
  size_t left() const;  ///< coupons in stock
  int64_t acknowledged() const;

  /// With the host well again: what was acknowledged is there and is said again byte for byte, all
  /// the rest can be done now, and nothing stands twice. Looks at what came since the last time.
  void expect_truth();
  /// The same of database files that no host has open: what the first `so_far` were told holds.
  void expect_in_files(const std::filesystem::path& data, size_t so_far) const;
  /// How many of those are not in the files, or there more than once.
  int64_t lost_in_files(const std::filesystem::path& data, size_t so_far) const;
  /// A host that was started on such files says again what the newest of them were told.
  void expect_again(const e2e::HostProcess& host, size_t so_far) const;

 private:
  struct Told {
    std::string code;     ///< empty: a payment
    std::string request;  ///< the request or transaction number
    int status = 0;
    std::string body = {};
  };

  bool redeem_one();
  e2e::Answer send(const e2e::HostProcess& host, const Told& told) const;
  void note(Told told);
  void expect_true(const Told& told) const;
  void expect_refused_not_done(const Told& told) const;
  static void expect_nobody_ahead(const std::filesystem::path& data);

  FaultyScene& faulty_;
  mutable std::mutex mutex_;
  // Guarded by mutex_.
  std::vector<std::string> codes_;
  size_t next_code_ = 0;
  int64_t next_payment_ = 0;
  std::vector<Told> told_;
  size_t looked_at_ = 0;
};

}  // namespace faults
