#include "gateway/session.hpp"

#include <boost/asio/error.hpp>
#include <utility>

#include "gateway/on_exception.hpp"

namespace forecourt::gateway {
namespace {

constexpr size_t k_read_ahead_max = 16 * 1024;
constexpr std::string_view k_continue = "HTTP/1.1 100 Continue\r\n\r\n";

/// The body of a refused request: counted, not kept.
class Discard final : public BodySink {
 public:
  Discard(uint64_t& bytes, uint64_t most) : bytes_(bytes), most_(most) {}
  bool append(std::string_view bytes) override {
    bytes_ += bytes.size();
    return bytes_ <= most_;
  }

 private:
  uint64_t& bytes_;
  const uint64_t most_;
};

}  // namespace

Session::Session(std::unique_ptr<Stream> stream, Peer peer, SessionContext& context)
    : stream_(std::move(stream)),
      peer_(std::move(peer)),
      context_(context),
      pipeline_(context.pipeline),
      parser_(context.pipeline.limits().parser),
      since_ns_(context.now_ns) {}

Session::~Session() = default;

// Nothing would ever call a session again that an exception left half way: it ends. Each of the
// functions called from outside sees to it.

void Session::start() {
  const OnException end([this] { close(); });
  process();
}

void Session::enter(Stage stage) {
  stage_ = stage;
  since_ns_ = context_.now_ns;
  received_ = 0;
}

/// Goes on as far as it can without waiting.
void Session::process() {
  for (;;) {
    bool going = false;
    switch (stage_) {
      case Stage::head: going = step_head(); break;
      case Stage::body: going = step_body(); break;
      case Stage::discard: going = step_discard(); break;
      case Stage::waiting:
      case Stage::streaming:
        if (input_.size() < k_read_ahead_max) read_more();
        return;
      case Stage::lingering: input_.clear(); return read_more();
      default: return;
    }
    if (!going) return;
  }
}

bool Session::step_head() {
  if (!skipped_empty_line_ && input_.unread().starts_with("\r\n")) {
    // RFC 9112 section 2.2: one empty line before a request is a habit of old clients.
    skipped_empty_line_ = true;
    input_.use(2);
  }
  if (input_.empty()) {
    if (read_closed_ || context_.draining) {
      close();
    } else {
      read_more();
    }
    return false;
  }
  if (must_wait()) return false;
  size_t used = 0;
  switch (parser_.read_head(input_.unread(), head_, used)) {
    case Progress::need_more:
      if (read_closed_) {
        close();
      } else {
        read_more();
      }
      return false;
    case Progress::done: break;
    default: refuse_malformed(parser_.refusal()); return stage_ != Stage::closed;
  }
  input_.use(used);
  on_head();
  return true;
}

void Session::on_head() {
  Pipeline::Opened opened = pipeline_.open(head_, cache_);
  stats_ = opened.stats;
  plugin_ = std::move(opened.plugin);
  if (peer_.trusted && pipeline_.access_log().on())
    client_ = ip_text(forwarded_client(head_, peer_.address, context_.proxies));
  body_bytes_ = 0;
  http_1_1_ = head_.http_1_1;
  head_only_ = head_.method == "HEAD";
  takes_gzip_ = head_.accept_encoding.data() && accepts_gzip(head_.accept_encoding);
  keep_alive_ = head_.keep_alive && !context_.draining;
  discard_body_ = false;
  if (opened.answer) {
    started_ns_ = pipeline_.clock().monotonic_ns();
    trace_ = pipeline_.trace_of(head_);
    return begin_refused(std::move(*opened.answer));
  }
  exchange_ = std::move(opened.exchange);
  exchange_->owner = this;
  started_ns_ = exchange_->started_ns;
  takes_gzip_ = takes_gzip_ && !exchange_->route().operation->secret_answer;
  if (!head_.has_body()) return run();
  enter(Stage::body);
  const bool expects = head_.expect.data() && head_.http_1_1 && input_.empty();
  if (expects && !say_continue()) close();
}

/// Answered without its body being wanted. A little of it is read away, so that the connection can
/// stay; a client that waits for permission to send will not send it.
void Session::begin_refused(http::Response response) {
  const bool expects = head_.expect.data() != nullptr;
  refused_method_ = head_.method;
  refused_path_ = head_.url.path;
  if (head_.chunked && !expects) {
    // Where a chunked body ends is only known at its end, and if it is malformed that is what the
    // client is told: the refusal waits.
    refusal_ = std::move(response);
    return enter(Stage::discard);
  }
  if (head_.has_body()) {
    const uint64_t length = head_.content_length.value_or(UINT64_MAX);
    discard_body_ = length <= pipeline_.limits().discard_bytes && !expects;
    keep_alive_ = keep_alive_ && discard_body_;
  }
  answer(std::move(response));
}

bool Session::say_continue() {
  error_code error;
  // An empty socket takes these few bytes; if not, the client is not reading.
  return stream_->write_now({k_continue, {}}, error) == k_continue.size();
}

bool Session::step_body() {
  if (input_.empty()) {
    if (read_closed_) {
      close();
    } else {
      read_more();
    }
    return false;
  }
  size_t used = 0;
  const Progress progress = parser_.read_body(input_.unread(), exchange_->body(), used);
  input_.use(used);
  switch (progress) {
    case Progress::done: run(); return true;
    case Progress::need_more:
      if (read_closed_) {
        close();
      } else {
        read_more();
      }
      return false;
    case Progress::stopped:
      keep_alive_ = false;
      answer(pipeline_.body_refusal(*exchange_));
      return true;
    default: refuse_malformed(parser_.refusal()); return true;
  }
}

bool Session::step_discard() {
  Discard nowhere(body_bytes_, pipeline_.limits().discard_bytes);
  size_t used = 0;
  const Progress progress = parser_.read_body(input_.unread(), nowhere, used);
  input_.use(used);
  if (progress == Progress::need_more && !read_closed_) {
    read_more();
    return false;
  }
  discard_body_ = false;
  if (progress != Progress::done) keep_alive_ = false;
  if (!refusal_) {
    after_answer();
  } else if (progress == Progress::malformed) {
    refuse_malformed(parser_.refusal());
  } else {
    answer(*std::exchange(refusal_, std::nullopt));
  }
  return true;
}

/// A client that asks again at once after a refusal for want of room would only be refused again, and
/// what that costs is lost to the requests being worked on: it waits in line, at most `hold_ms`.
bool Session::must_wait() {
  if (held_) return true;
  const bool hasty =
      refused_ns_ != 0 && context_.now_ns - refused_ns_ < pipeline_.limits().hold_ms * 1'000'000;
  if (!hasty || pipeline_.has_room()) return false;
  if (!queued_) context_.held.push_back(weak_from_this());
  queued_ = held_ = true;
  return true;
}

void Session::on_room() {
  queued_ = false;
  let_go();
}

void Session::let_go() {
  if (!held_ || stage_ != Stage::head) return;
  const auto self = shared_from_this();
  const OnException end([this] { close(); });
  held_ = false;
  since_ns_ = context_.now_ns;
  process();
}

void Session::run() {
  body_bytes_ = static_cast<uint64_t>(exchange_->body().size());
  enter(Stage::waiting);
  if (auto now = pipeline_.run(exchange_, context_.answers)) answer(std::move(*now));
}

void Session::on_answer(ServedExchange& exchange) {
  if (&exchange != exchange_.get()) return;
  const auto self = shared_from_this();
  const OnException end([this] { close(); });
  if (source_) return go_on_streaming();
  if (stage_ != Stage::waiting) return;
  answer(exchange.take_answer());
  process();
}

void Session::refuse_malformed(const Malformed& malformed) {
  forget_exchange();
  // Whatever follows cannot be told from this request.
  keep_alive_ = false;
  discard_body_ = false;
  head_only_ = takes_gzip_ = false;
  http_1_1_ = true;
  stats_ = pipeline_.malformed_stats();
  plugin_.clear();
  if (stage_ == Stage::head) client_.clear();  // that of the request before
  trace_.clear();
  refused_method_.clear();
  refused_path_.clear();
  refusal_.reset();
  started_ns_ = pipeline_.clock().monotonic_ns();
  answer(http::problem(malformed.status, malformed.code, malformed.detail));
}

void Session::forget_exchange() {
  if (!exchange_) return;
  exchange_->abandon();
  exchange_->owner = nullptr;
  exchange_.reset();
}

void Session::read_more() {
  if (reading_ || read_closed_ || stage_ == Stage::closed) return;
  const bool idle = stage_ == Stage::head;
  const uint64_t expected = stage_ == Stage::body ? head_.content_length.value_or(UINT64_MAX) : 0;
  const std::span<char> room = input_.make_room(idle, expected);
  reading_ = true;
  stream_->async_read(room.data(), room.size(), shared_from_this());
}

void Session::on_read(error_code error, size_t bytes) {
  const OnException end([this] { close(); });
  reading_ = false;
  if (stage_ == Stage::closed) return;
  if (error == boost::asio::error::eof) {
    // The client may have closed its side only and still wait for the answer.
    read_closed_ = true;
    if (stage_ == Stage::lingering || source_) return close();
  } else if (error) {
    return close();
  }
  // A head's time runs from its first byte; a body's progress is measured against its whole time.
  if (stage_ == Stage::head && input_.empty()) since_ns_ = context_.now_ns;
  received_ += bytes;
  input_.received(bytes);
  if (stage_ != Stage::writing) process();
}

void Session::timed_out(const char* detail) {
  refuse_malformed({408, "request-timeout", detail});
  process();
}

void Session::sweep() {
  const auto self = shared_from_this();
  const OnException end([this] { close(); });
  const Limits& limits = pipeline_.limits();
  switch (stage_) {
    case Stage::head:
      if (held_ && past(limits.hold_ms)) refused_ns_ = 0;  // long enough: refused again if need be
      if (held_ && (refused_ns_ == 0 || pipeline_.has_room())) return let_go();
      if (input_.empty()) {
        // Before the handshake is done the head is what is waited for.
        if (past(stream_->established() ? limits.idle_ms : limits.head_ms)) close();
      } else if (past(limits.head_ms)) {
        timed_out("the request's head did not arrive in time");
      }
      return;
    case Stage::body:
    case Stage::discard: {
      if (!past(limits.body_grace_ms)) return;
      const int64_t owed =
          (context_.now_ns - since_ns_) / 1'000'000 * limits.body_bytes_per_s / 1000;
      if (static_cast<int64_t>(received_) >= owed) return;
      if (stage_ == Stage::discard && !refusal_) return close();
      return timed_out("the request's body arrives too slowly");
    }
    case Stage::waiting: {
      const int64_t deadline = exchange_->request().deadline_monotonic_ns;
      if (context_.now_ns < deadline + limits.overdue_ms * 1'000'000) return;
      answer(pipeline_.overdue(*exchange_));
      return process();
    }
    case Stage::writing:
      if (past(limits.write_stall_ms)) close();
      return;
    case Stage::lingering: {
      // As long as the client still sends, it has not read the answer; but not for ever.
      const bool quiet = received_ == std::exchange(received_before_, received_);
      if (past(10 * limits.linger_ms) || (quiet && past(limits.linger_ms))) close();
      return;
    }
    case Stage::streaming:
    case Stage::closed: return;
  }
}

void Session::drain() {
  const auto self = shared_from_this();
  const OnException end([this] { close(); });
  if (source_) {
    end_stream();
    if (stage_ != Stage::streaming) return;
    enter(Stage::writing);
    write_out();
    return process();
  }
  if (held_) return let_go();
  if (stage_ == Stage::head && input_.empty()) close();
}

void Session::close() {
  if (stage_ == Stage::closed) return;
  stage_ = Stage::closed;
  if (source_) source_->closed();
  source_.reset();
  forget_exchange();
  release_unsent();
  stream_->close();
  context_.closed(*this);
}

}  // namespace forecourt::gateway
