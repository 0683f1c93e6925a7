#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <memory>

namespace forecourt {

/// What needs to be done once for all that happens in a round: a write, a wake-up.
class RoundEnd : public std::enable_shared_from_this<RoundEnd> {
 public:
  virtual ~RoundEnd() = default;
  /// On the round's thread; what is asked for meanwhile is not left any more.
  virtual void round_ended() noexcept = 0;
};

/// What its thread does between two waits: the frames of one read, the answers of one commit, what
/// one look at the sockets brought. System calls that serve all of it are left to its end, so who
/// waits within a round for what others do must not leave anything first. Of one thread.
class Round {
 public:
  /// Ends with the scope; within another one of the thread it is part of that.
  Round();
  /// Stays, for a thread whose rounds have no scope: whenever there is something to end,
  /// `plan_end` has `end` called soon, on this thread.
  explicit Round(std::function<void(Round& round)> plan_end);
  ~Round();
  Round(const Round&) = delete;
  Round& operator=(const Round&) = delete;

  /// Has `what` done at the end of the calling thread's round, once. False: do it now, there is no
  /// round or no room in it. Nothing here allocates.
  static bool leave(RoundEnd& what);
  void end() noexcept;

 private:
  bool add(RoundEnd& what);

  const std::function<void(Round& round)> plan_end_;
  std::array<std::shared_ptr<RoundEnd>, 32> left_;
  size_t count_ = 0;
  bool ending_ = false;
};

}  // namespace forecourt
