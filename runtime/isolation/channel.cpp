#include "isolation/channel.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <future>
#include <memory>

#include "isolation/pack.hpp"

namespace forecourt::isolation {
namespace {

constexpr size_t k_out_bytes_max = 256u << 20;
constexpr size_t k_message_bytes_max = 4096;
/// As much as this does not wait for a round's end: the other side can begin with it.
constexpr size_t k_left_bytes_max = 32u << 10;

const Error k_ended{Code::unavailable, "the connection has ended"};

}  // namespace

Channel::Channel(int socket, size_t payload_max)
    : socket_(socket), wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)), payload_max_(payload_max) {}

Channel::~Channel() {
  end_asks(k_ended);
  ::close(socket_);
  ::close(wake_);
}

void Channel::close() {
  {
    std::lock_guard lock(out_mutex_);
    closed_ = true;
  }
  ::shutdown(socket_, SHUT_RDWR);
  wake();
}

void Channel::wake() {
  if (woken_.exchange(true)) return;
  const uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = ::write(wake_, &one, sizeof one);
}

bool Channel::send(Kind kind, uint8_t verb, uint64_t number, std::string_view payload,
                   Leave leave) {
  size_t gathered = 0;
  {
    std::lock_guard lock(out_mutex_);
    if (closed_ || out_.size() + payload.size() > k_out_bytes_max) return false;
    append_head(out_, kind, verb, number, payload.size());
    out_.append(payload);
    gathered = out_.size();
  }
  if (gathered < k_left_bytes_max && Round::leave(*this)) return true;
  if (leave == Leave::soon) {
    wake();
  } else {
    flush();
  }
  return true;
}

/// Writes what is there, unless another thread is at it: that one writes this too.
void Channel::flush() {
  std::unique_lock lock(out_mutex_);
  if (flushing_) return;
  flushing_ = true;
  while (!closed_ && (!going_.empty() || !out_.empty())) {
    if (going_.empty()) going_.swap(out_);
    lock.unlock();
    const bool all = write_some();
    lock.lock();
    if (!all) break;
  }
  flushing_ = false;
}

/// False: the socket takes no more for now, or ever.
bool Channel::write_some() {
  size_t sent = 0;
  while (sent < going_.size()) {
    const ssize_t n =
        ::send(socket_, going_.data() + sent, going_.size() - sent, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) {
      // The reader finds out what is wrong with it, if it is more than full.
      full_ = true;
      wake();
      going_.erase(0, sent);
      return false;
    }
    sent += static_cast<size_t>(n);
  }
  going_.clear();
  return true;
}

void Channel::ask(uint8_t verb, std::string_view body, Done done) {
  uint64_t number = 0;
  {
    std::lock_guard lock(asks_mutex_);
    if (!ended_) {
      number = ++asked_;
      asks_.emplace(number, std::move(done));
    }
  }
  if (number == 0) return done(k_ended);
  if (send(Kind::ask, verb, number, body)) return;
  Done unanswered;
  {
    std::lock_guard lock(asks_mutex_);
    const auto found = asks_.find(number);
    if (found == asks_.end()) return;
    unanswered = std::move(found->second);
    asks_.erase(found);
  }
  unanswered(k_ended);
}

Result<std::string> Channel::ask_and_wait(uint8_t verb, std::string_view body,
                                          std::chrono::milliseconds patience) {
  auto promise = std::make_shared<std::promise<Result<std::string>>>();
  auto answered = promise->get_future();
  ask(verb, body, [promise](Result<std::string> answer) { promise->set_value(std::move(answer)); });
  flush();  // the end of a round would come after the answer
  if (answered.wait_for(patience) != std::future_status::ready)
    return Error{Code::unavailable, "no answer within " + std::to_string(patience.count()) + " ms"};
  return answered.get();
}

void Channel::answer(uint64_t number, const Result<std::string>& answer) {
  Packer out;
  if (answer) {
    out.put(0).put(*answer);
  } else {
    out.put(static_cast<int32_t>(answer.error().code)).put(answer.error().message);
  }
  send(Kind::answer, 0, number, out.bytes());
}

Result<void> Channel::take_answer(const Frame& frame) {
  Unpacker in(frame.payload);
  const auto code = static_cast<Code>(in.integer(static_cast<int64_t>(Code::constraint), 0));
  std::string body = in.text(code == Code{0} ? SIZE_MAX : k_message_bytes_max);
  if (!in.done()) return invalid("an answer that cannot be read");
  Done done;
  {
    std::lock_guard lock(asks_mutex_);
    const auto found = asks_.find(frame.number);
    if (found == asks_.end()) return invalid("an answer that nobody asked for");
    done = std::move(found->second);
    asks_.erase(found);
  }
  if (code == Code{0}) {
    done(std::move(body));
  } else {
    done(Error{code, std::move(body)});
  }
  return {};
}

void Channel::end_asks(const Error& why) {
  std::map<uint64_t, Done> open;
  {
    std::lock_guard lock(asks_mutex_);
    ended_ = true;
    open.swap(asks_);
  }
  for (auto& [number, done] : open) done(why);
}

Result<void> Channel::take(const Frame& frame, const Hooks& hooks) {
  return frame.kind == Kind::answer ? take_answer(frame) : hooks.frame(frame);
}

/// One read and what it brought. `idle`: there was nothing.
Result<void> Channel::read_round(FrameReader& reader, const Hooks& hooks, bool& idle) {
  const std::span<char> room = reader.room();
  const ssize_t n = ::recv(socket_, room.data(), room.size(), MSG_DONTWAIT);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
    idle = true;
    return {};
  }
  if (n <= 0) return Error{Code::unavailable, "the other side has ended"};
  reader.filled(static_cast<size_t>(n));
  const Round round;
  for (;;) {
    auto frame = reader.next();
    if (!frame) return frame.error();
    if (!*frame) return {};
    if (auto taken = take(**frame, hooks); !taken) return taken;
  }
}

/// Until there is something to read, to write or to do.
void Channel::wait(const Hooks& hooks) {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
      next_tick_ - std::chrono::steady_clock::now());
  pollfd waiting[3] = {{socket_, static_cast<short>(POLLIN | (full_ ? POLLOUT : 0)), 0},
                       {wake_, POLLIN, 0},
                       {watching_ ? hooks.watched : -1, POLLIN, 0}};
  ::poll(waiting, 3, static_cast<int>(std::max<int64_t>(left.count() + 1, 0)));
  if (waiting[1].revents != 0) {
    woken_ = false;
    uint64_t count = 0;
    [[maybe_unused]] const ssize_t read = ::read(wake_, &count, sizeof count);
    flush();
  }
  if ((waiting[0].revents & POLLOUT) != 0) {
    full_ = false;
    flush();
  }
  if (waiting[2].revents != 0) watching_ = hooks.readable();
}

Error Channel::run(Hooks hooks) {
  FrameReader reader(payload_max_);
  next_tick_ = std::chrono::steady_clock::now() + hooks.interval;
  Result<void> going;
  while (going) {
    bool idle = false;
    going = read_round(reader, hooks, idle);
    if (!going) break;
    if (idle) wait(hooks);
    if (std::chrono::steady_clock::now() < next_tick_) continue;
    next_tick_ = std::chrono::steady_clock::now() + hooks.interval;
    if (!idle) wait(hooks);  // a side that always writes does not keep the rest from being done
    if (hooks.tick) hooks.tick();
  }
  {
    std::lock_guard lock(out_mutex_);
    closed_ = true;
  }
  end_asks(k_ended);
  return going.error();
}

}  // namespace forecourt::isolation
