#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "gateway/answer_queue.hpp"
#include "gateway/forwarded.hpp"
#include "gateway/input_buffer.hpp"
#include "gateway/pipeline.hpp"
#include "gateway/request_parser.hpp"
#include "gateway/response_writer.hpp"
#include "gateway/stream.hpp"

namespace forecourt::gateway {

class Session;

/// The other end of a connection.
struct Peer {
  IpAddress address{};
  std::string text;      ///< the same, for the log
  bool trusted = false;  ///< a proxy whose word on the client's address is taken
};

/// What all sessions of one I/O thread share.
struct SessionContext {
  Pipeline& pipeline;
  std::shared_ptr<AnswerQueue> answers;
  Gzip gzip;
  int64_t now_ns = 0;  ///< monotonic, as of the last sweep: good enough for timeouts
  std::string date;    ///< of the Date header
  bool draining = false;
  Networks proxies;                         ///< trusted ones
  std::deque<std::weak_ptr<Session>> held;  ///< refused for want of room, the first one in front
  /// Called once when a session is over; it may be destroyed then.
  std::function<void(Session&)> closed;
};

/// One connection: reads requests one after another, has each served, writes the answers in the
/// same order. While a request is served little more than the next one's head is read ahead. I/O
/// thread.
class Session final : public StreamUser, public std::enable_shared_from_this<Session> {
 public:
  Session(std::unique_ptr<Stream> stream, Peer peer, SessionContext& context);
  ~Session() override;

  void start();
  /// Timeouts; called for every session a few times a second.
  void sweep();
  /// The host goes down: an idle connection closes now, a busy one after its request.
  void drain();
  void close();
  /// There is room for another request; the session was taken from the context's `held`.
  void on_room();
  /// The handler's answer, from the queue.
  void on_answer(ServedExchange& exchange);

  void on_read(error_code error, size_t bytes) override;
  void on_written(error_code error, size_t bytes) override;

  size_t index = 0;  ///< in the server's list

 private:
  enum class Stage {
    head,       ///< between requests, or within a head
    body,       ///< of an admitted request
    discard,    ///< the body of a refused one, to keep the connection
    waiting,    ///< for the handler
    streaming,  ///< for the next piece of a streamed answer
    writing,    ///< the client is slower than the answer
    lingering,  ///< everything is said; the client reads on
    closed,
  };

  void process();
  bool step_head();
  bool step_body();
  bool step_discard();
  void on_head();
  void begin_refused(http::Response response);
  bool say_continue();
  void run();
  void refuse_malformed(const Malformed& malformed);
  void answer(http::Response response);
  void record(int status, const ServedExchange* exchange);
  bool hold_unsent();
  void release_unsent();
  void write_out();
  bool next_piece();
  void go_on_streaming();
  void end_stream();
  bool must_wait();
  void let_go();
  void after_answer();
  void linger();
  void read_more();
  void enter(Stage stage);
  void forget_exchange();
  bool past(int64_t ms) const { return context_.now_ns - since_ns_ > ms * 1'000'000; }
  void timed_out(const char* detail);

  const std::unique_ptr<Stream> stream_;
  const Peer peer_;
  SessionContext& context_;
  Pipeline& pipeline_;
  RequestParser parser_;
  RequestHead head_;
  CallerCache cache_;
  ResponseWriter writer_;

  Stage stage_ = Stage::head;
  int64_t since_ns_ = 0;  // when the stage began, the head's first byte came or bytes last moved
  InputBuffer input_;
  bool reading_ = false;
  bool read_closed_ = false;
  bool skipped_empty_line_ = false;
  int64_t refused_ns_ = 0;  // when the last request was, for want of room
  bool held_ = false;       // the next request is not looked at yet
  bool queued_ = false;     // in context_.held

  // Of the present request.
  std::shared_ptr<ServedExchange> exchange_;  // the handler and this session share it
  std::shared_ptr<http::BodySource> source_;  // of an answer being streamed
  bool stream_ends_ = false;                  // its last chunk is owed
  OperationStats* stats_ = nullptr;
  std::string plugin_;
  std::string client_;  // as a trusted proxy tells it; empty: the peer
  // Of a request that was refused, and so has no exchange.
  std::string trace_;
  std::string refused_method_;
  std::string refused_path_;
  std::optional<http::Response> refusal_;  // waits for the end of a chunked body
  int64_t unsent_ = 0;                     // bytes of the answer counted as unsent
  int64_t started_ns_ = 0;
  uint64_t body_bytes_ = 0;
  uint64_t received_ = 0;         // since the stage began
  uint64_t received_before_ = 0;  // as of the last sweep
  bool head_only_ = false;
  bool takes_gzip_ = false;
  bool http_1_1_ = true;
  bool keep_alive_ = true;
  bool discard_body_ = false;
};

}  // namespace forecourt::gateway
