#include "isolation/child.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

#include "base/log.hpp"
#include "isolation/guest.hpp"
#include "isolation/shared_clock.hpp"
#include "sandbox/sandbox.hpp"

namespace forecourt::isolation {
namespace {

constexpr size_t k_payload_max = 1u << 30;  // the host is believed

/// The first thing the host says, read before there is any thread.
Result<Frame> read_start(FrameReader& reader) {
  for (;;) {
    const std::span<char> room = reader.room();
    const ssize_t n = ::recv(k_connection, room.data(), room.size(), 0);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return Error{Code::unavailable, "no host"};
    reader.filled(static_cast<size_t>(n));
    auto frame = reader.next();
    if (!frame) return frame.error();
    if (*frame) return **frame;
  }
}

Result<sandbox::Report> shut_in(const Start& start) {
  if (start.policy.empty()) return sandbox::Report();
  auto policy = sandbox::policy_of(start.policy);
  if (!policy) return policy.error();
  auto report = sandbox::report_of(start.around);
  if (!report) return report;
  auto entered = sandbox::enter(*policy);
  if (!entered) return entered;
  report->add(*entered);
  if (auto missing = sandbox::missing(start.sandbox_minimum, *report))
    return Error{Code::denied, std::move(*missing)};
  return report;
}

}  // namespace

int run_child() {
  FrameReader reader(k_payload_max);
  const auto frame = read_start(reader);
  if (!frame || frame->kind != Kind::ask || frame->verb != number_of(Verb::start)) return 2;
  auto start = unpack_start(frame->payload);
  if (!start) return 2;
  const uint64_t number = frame->number;
  log::start_at_once(static_cast<log::Level>(start->log_level));
  std::unique_ptr<Clock> clock = std::make_unique<SystemClock>();
  if (start->shared_clock) {
    auto shared = SharedClock::open(k_connection + 1);
    if (!shared) return 2;
    clock = std::move(*shared);
  }
  auto report = shut_in(*start);
  // What its threads hold is let go by the end of the process, in whatever state the plugin left it.
  auto* const guest = new Guest(k_connection, std::move(clock));
  guest->run(number, std::move(*start), std::move(report));
  ::_exit(0);
}

}  // namespace forecourt::isolation
