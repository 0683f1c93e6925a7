#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "gateway/request_body.hpp"
#include "gateway/route_table.hpp"
#include "http/streaming.hpp"

namespace forecourt::gateway {

class ServedExchange;

/// Who waits for answers that come after `handle` returned.
class AnswerSink {
 public:
  virtual ~AnswerSink() = default;
  /// From any thread, once for each exchange that was left waiting.
  virtual void answered(std::shared_ptr<ServedExchange> exchange) = 0;
};

/// One request that passed admission, until it is answered: owns everything its views point to.
class ServedExchange final : public http::StreamingExchange,
                             public std::enable_shared_from_this<ServedExchange> {
 public:
  ServedExchange(std::shared_ptr<const RouteTable> table, const Route& route, Stats& stats,
                 const Clock& clock);
  ~ServedExchange() override;

  const http::Request& request() const override { return request_; }
  void answer(http::Response response) override;
  void stream(http::Response head, std::shared_ptr<http::BodySource> source) override;
  bool abandoned() const override;

  // The gateway's side, on the I/O thread.

  /// Hands the request to its handler. True: the answer is there already, take it with take_answer;
  /// false: `sink` gets it later.
  bool dispatch(std::shared_ptr<AnswerSink> sink);
  http::Response take_answer() { return std::move(response_); }
  /// The rest of the answer, when it is a stream; null: it is whole.
  const std::shared_ptr<http::BodySource>& source() const { return source_; }
  /// Whether the source has more reaches the sink again, from now on.
  void listen();
  /// Nobody waits any more; a later answer is dropped by the sink.
  void abandon() { abandoned_.store(true, std::memory_order_relaxed); }

  const Route& route() const { return route_; }
  RequestBody& body() { return body_; }
  http::Request& request() { return request_; }
  const std::string& trace() const { return trace_; }

  /// Memory for what views point to; sized once, so that it never moves.
  void reserve(size_t bytes) { storage_.reserve(bytes); }
  std::string_view keep(std::string_view text);
  std::string_view keep_decoded(std::string_view text, bool form);
  std::string_view keep_lower(std::string_view text);

  void set_trace(std::string trace) {
    trace_ = std::move(trace);
    request_.trace_id = trace_;
  }

  const BodyRule* rule = nullptr;  ///< of the body; null when there is none
  int64_t started_ns = 0;          ///< monotonic; when the head was complete
  std::string rate_headers[2];     ///< RateLimit-Policy and RateLimit; empty without a limit
  /// Whose request it is; null once the owner gave up on it. Touched by the owner's thread only.
  void* owner = nullptr;
  // For the answer queue, which keeps the exchange alive while it is in there.
  ServedExchange* next = nullptr;
  std::shared_ptr<ServedExchange> self;

 private:
  enum State : int { dispatching, waiting, answered };
  void uncount();
  void wake();

  const std::shared_ptr<const RouteTable> table_;  // keeps operation, service and handler alive
  const Route& route_;
  Stats& stats_;
  const Clock& clock_;
  std::shared_ptr<AnswerSink> sink_;
  http::Request request_;
  RequestBody body_;
  std::string storage_;
  std::string trace_;
  std::shared_ptr<http::BodySource> source_;  // with response_
  std::atomic<bool> queued_{false};           // on its way to the sink, which holds it once at most
  http::Response response_;  // written by the answering thread before state_ becomes answered
  std::atomic<int> state_{dispatching};
  bool counted_ = false;  // as in flight: from dispatch on
  std::atomic<bool> claimed_{false};
  std::atomic<bool> abandoned_{false};
};

}  // namespace forecourt::gateway
