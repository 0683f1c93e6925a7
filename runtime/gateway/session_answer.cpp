// What goes out of a session: answers, pieces of streams, and what is noted of them.

#include <boost/asio/error.hpp>
#include <utility>

#include "gateway/on_exception.hpp"
#include "gateway/session.hpp"

namespace forecourt::gateway {

void Session::answer(http::Response response) {
  const bool streamed = stage_ == Stage::waiting && exchange_ && exchange_->source();
  keep_alive_ = keep_alive_ && !context_.draining && !streamed;
  ResponseWriter::Terms terms;
  terms.http_1_1 = http_1_1_;
  terms.keep_alive = keep_alive_;
  terms.head_only = head_only_;
  terms.streamed = streamed;
  terms.gzip = takes_gzip_;
  terms.date = context_.date;
  terms.request_id = exchange_ ? exchange_->trace() : trace_;
  if (exchange_) terms.rate_headers = exchange_->rate_headers;
  const int status = response.status;
  writer_.start(std::move(response), terms, context_.gzip);

  const std::shared_ptr<ServedExchange> exchange = exchange_;
  if (streamed && !head_only_ && !context_.draining) {
    source_ = exchange_->source();
    exchange_->listen();
  } else {
    forget_exchange();
  }
  if (status == 503 && !pipeline_.has_room()) refused_ns_ = context_.now_ns;
  enter(Stage::writing);
  write_out();
  record(status, exchange.get());
}

void Session::record(int status, const ServedExchange* exchange) {
  const int64_t duration_ns = pipeline_.clock().monotonic_ns() - started_ns_;
  stats_->record(status, duration_ns);
  if (!pipeline_.access_log().on()) return;
  AccessEntry entry;
  entry.status = status;
  entry.plugin = plugin_;
  entry.client = client_.empty() ? peer_.text : client_;
  entry.duration_ns = duration_ns;
  entry.bytes_in = body_bytes_;
  entry.bytes_out = writer_.bytes();
  if (exchange) {
    const http::Request& request = exchange->request();
    entry.method = head_only_ ? "HEAD" : request.method;
    entry.path = request.target.substr(0, request.target.find('?'));
    entry.operation = request.operation_id;
    entry.caller = request.caller;
    entry.org = request.org;
    entry.trace = request.trace_id;
  } else {
    entry.method = refused_method_;
    entry.path = refused_path_;
    entry.trace = trace_;
  }
  pipeline_.access_log().write(entry);
}

/// Counts what a slow client makes us keep. False: all of them together make us keep too much.
bool Session::hold_unsent() {
  std::atomic<int64_t>& all = pipeline_.stats().unsent_bytes;
  release_unsent();
  writer_.shrink();
  unsent_ = static_cast<int64_t>(writer_.held());
  return all.fetch_add(unsent_, std::memory_order_relaxed) + unsent_ <=
         pipeline_.limits().unsent_bytes;
}

void Session::release_unsent() {
  pipeline_.stats().unsent_bytes.fetch_sub(unsent_, std::memory_order_relaxed);
  unsent_ = 0;
}

/// Gives the writer the next piece of a stream. False: there is none, now or at all.
bool Session::next_piece() {
  std::string piece;
  if (source_ && !source_->take(piece)) end_stream();
  if (!piece.empty()) {
    writer_.chunk(piece);
    return true;
  }
  if (!std::exchange(stream_ends_, false)) return false;
  writer_.last_chunk();
  return true;
}

void Session::go_on_streaming() {
  exchange_->listen();
  if (stage_ != Stage::streaming) return;  // what is ready is taken when the writing is done
  enter(Stage::writing);
  write_out();
  process();
}

/// What was taken is still written, then the end of the body.
void Session::end_stream() {
  source_->closed();
  source_.reset();
  stream_ends_ = true;
  forget_exchange();
}

/// Writes what the kernel takes; the rest when it takes more.
void Session::write_out() {
  for (;;) {
    auto pieces = writer_.pieces();
    if (pieces[0].empty() && pieces[1].empty()) {
      if (next_piece()) continue;
      if (source_) return enter(Stage::streaming);
      return after_answer();
    }
    error_code error;
    const size_t n = stream_->write_now(pieces, error);
    if (error == boost::asio::error::would_block) {
      if (!hold_unsent()) {
        // The session is freed with the next sweep; thousands of answers must not wait for that.
        writer_.drop();
        return close();
      }
      return stream_->async_write(writer_.pieces(), shared_from_this());
    }
    if (error) return close();
    writer_.written(n);
  }
}

void Session::on_written(error_code error, size_t bytes) {
  const OnException end([this] { close(); });
  if (stage_ != Stage::writing) return;
  if (error) return close();
  since_ns_ = context_.now_ns;
  writer_.written(bytes);
  write_out();
  if (stage_ == Stage::writing) return;
  process();
}

void Session::after_answer() {
  if (unsent_ > 0) release_unsent();
  if (discard_body_) return enter(Stage::discard);
  if (!keep_alive_) return linger();
  parser_.reset();
  skipped_empty_line_ = false;
  enter(Stage::head);
}

void Session::linger() {
  // Closing with unread input would reset the connection and could take the answer away from the
  // client.
  stream_->shutdown_send();
  enter(Stage::lingering);
  if (read_closed_) close();
}

}  // namespace forecourt::gateway
