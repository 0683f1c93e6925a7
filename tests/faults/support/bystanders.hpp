#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "e2e/support/host_process.hpp"

namespace faults {

/// A host with two plugins that misbehave in no way: `hello` in its process, `coupons` in one of its
/// own.
e2e::HostProcess::Options with_bystanders();

/// A steady load on those two. Whatever else goes on at the host, each answer must be the right one.
class Bystanders {
 public:
  explicit Bystanders(const e2e::HostProcess& host);  ///< Running, with `with_bystanders`.
  ~Bystanders();                                      ///< stop().
  Bystanders(const Bystanders&) = delete;
  Bystanders& operator=(const Bystanders&) = delete;

  struct Served {
    int64_t answered = 0;          ///< rightly
    int64_t failed = 0;            ///< not, or wrongly
    std::string first_failure;     ///< what came instead
    std::vector<int64_t> took_us;  ///< of each
  };
  void start();
  /// What each got since it was started, by plugin id.
  std::map<std::string, Served> stop();
  /// Whether each is answered a few times more.
  bool are_served_on();

 private:
  struct One {
    std::string id;
    std::function<std::string(int64_t)> target;    ///< of the nth request
    std::function<std::string(int64_t)> expected;  ///< the body of its answer
    std::atomic<int64_t> asked{0};
    Served served;  ///< of the thread
    std::thread thread;
  };
  void ask(One& one);
  void add(std::string id, std::function<std::string(int64_t)> target,
           std::function<std::string(int64_t)> expected);

  const e2e::HostProcess& host_;
  std::atomic<bool> done_{true};
  std::vector<std::unique_ptr<One>> all_;
};

/// The 99th of a hundred, in the values' unit.
int64_t p99(std::vector<int64_t> values);

}  // namespace faults
