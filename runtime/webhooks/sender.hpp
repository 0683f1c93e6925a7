#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.hpp"
#include "storage/store.hpp"
#include "webhooks/delivery.hpp"
#include "webhooks/transfer.hpp"

namespace forecourt::webhooks {

/// Delivers what is queued: one thread, many transfers at once, few to one endpoint. What came of
/// an attempt is on disk before the next of its subject goes. A host that dies in between makes the
/// attempt again: at least once.
class Sender {
 public:
  struct Parts {
    storage::Store* store = nullptr;  ///< of the deliveries
    const Clock* clock = nullptr;
    TransferTerms terms;
    /// The endpoints that are enabled now.
    std::function<std::vector<Endpoint>()> endpoints;
    /// The endpoint answered 410 Gone. On the sender's thread.
    std::function<void(const std::string& webhook)> gone;
  };

  explicit Sender(Parts parts);
  ~Sender();  ///< stop().
  Sender(const Sender&) = delete;
  Sender& operator=(const Sender&) = delete;

  void start();
  /// Something is due, or the endpoints have changed. Any thread, never blocks.
  void wake();
  /// Gives transfers under way a moment to end; what does not is sent again after the next start.
  void stop();

  static constexpr size_t k_transfers_max = 64;
  static constexpr size_t k_transfers_an_endpoint = 4;

 private:
  /// What is known of an endpoint since the start.
  struct Line {
    size_t under_way = 0;
    int failures = 0;           // in a row
    int64_t not_before_ns = 0;  // monotonic: it asked for a pause
    bool looked = false;        // all that was due then has begun
    int64_t next_due_ms = 0;    // wall clock; of what was not due then; 0: nothing
  };

  void run();
  void look_all();
  void look(const Endpoint& endpoint, Line& line);
  void begin(const Endpoint& endpoint, Line& line, Parcel parcel);
  void collect();
  void end(Transfer& transfer, int result);
  void record();
  int wait_ms() const;

  const Parts parts_;
  void* const multi_;  // CURLM
  std::atomic<bool> woken_{true};
  std::atomic<bool> stopping_{false};

  // The sender's thread.
  std::map<std::string, Line> lines_;
  std::map<int64_t, std::unique_ptr<Transfer>> transfers_;  // by the delivery's number
  std::vector<Settlement> unrecorded_;
  std::set<int64_t> held_;  // numbers of `unrecorded_`: not to be sent again
  std::chrono::steady_clock::time_point record_again_;
  bool postponed_ = false;  // the store takes no writes

  std::thread thread_;
};

}  // namespace forecourt::webhooks
