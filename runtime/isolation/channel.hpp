#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/round.hpp"
#include "isolation/frame.hpp"

namespace forecourt::isolation {

/// One end of the connection between host and child: a stream socket, one thread that reads, any
/// that write. What many threads write at once goes out with one system call, and what one thread
/// writes in a round with its end. Owned by a shared_ptr.
class Channel final : public RoundEnd {
 public:
  using Done = std::function<void(Result<std::string> answer)>;
  /// When a frame leaves: with the round of its thread; without one at once, or with what else
  /// comes within the reader's next round.
  enum class Leave { now, soon };

  /// Takes the socket over.
  Channel(int socket, size_t payload_max);
  ~Channel() override;  ///< Asks still open are answered with an error.
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;

  /// False when the connection had ended or the other side does not read: then nothing of the frame
  /// has left. True says only that it may have. Never blocks.
  bool send(Kind kind, uint8_t verb, uint64_t number, std::string_view payload,
            Leave leave = Leave::now);

  /// `done` is called once, on the reading thread, or here when it cannot be asked.
  void ask(uint8_t verb, std::string_view body, Done done);
  /// The same, waited for; not on the reading thread. Leaves at once.
  Result<std::string> ask_and_wait(uint8_t verb, std::string_view body,
                                   std::chrono::milliseconds patience);
  void answer(uint64_t number, const Result<std::string>& answer);

  struct Hooks {
    /// Of every frame but answers. An error: the other side must not be listened to any more.
    std::function<Result<void>(const Frame& frame)> frame;
    /// Now and then, at least every `interval`.
    std::function<void()> tick;
    std::chrono::milliseconds interval{100};
    /// Another descriptor to look at, -1 for none; false: do not look again.
    int watched = -1;
    std::function<bool()> readable;
  };
  /// Reads until the connection ends; why it did. Code::invalid when the other side broke a rule.
  Error run(Hooks hooks);
  /// Ends `run`. Any thread.
  void close();

  void round_ended() noexcept override { flush(); }

 private:
  void flush();
  bool write_some();
  void wake();
  Result<void> take(const Frame& frame, const Hooks& hooks);
  Result<void> take_answer(const Frame& frame);
  Result<void> read_round(FrameReader& reader, const Hooks& hooks, bool& idle);
  void wait(const Hooks& hooks);
  void end_asks(const Error& why);

  const int socket_;
  const int wake_;
  const size_t payload_max_;

  std::mutex out_mutex_;
  std::string out_;                // guarded by out_mutex_
  std::string going_;              // of the thread that flushes
  bool flushing_ = false;          // guarded by out_mutex_
  bool closed_ = false;            // guarded by out_mutex_
  std::atomic<bool> full_{false};  ///< the socket takes no more for now
  std::atomic<bool> woken_{false};

  std::mutex asks_mutex_;
  uint64_t asked_ = 0;             // guarded by asks_mutex_
  std::map<uint64_t, Done> asks_;  // guarded by asks_mutex_
  bool ended_ = false;             // guarded by asks_mutex_
  bool watching_ = true;           // of the reading thread
  std::chrono::steady_clock::time_point next_tick_;
};

}  // namespace forecourt::isolation
