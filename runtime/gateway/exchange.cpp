#include "gateway/exchange.hpp"

#include <cassert>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "gateway/target.hpp"

namespace forecourt::gateway {

ServedExchange::ServedExchange(std::shared_ptr<const RouteTable> table, const Route& route,
                               Stats& stats, const Clock& clock)
    : table_(std::move(table)), route_(route), stats_(stats), clock_(clock), body_(stats) {}

ServedExchange::~ServedExchange() {
  uncount();
  if (source_) source_->closed();
}

void ServedExchange::uncount() {
  if (counted_) stats_.in_flight.fetch_sub(1, std::memory_order_relaxed);
  counted_ = false;
}

std::string_view ServedExchange::keep(std::string_view text) {
  assert(storage_.size() + text.size() <= storage_.capacity());
  const size_t at = storage_.size();
  storage_.append(text);
  return std::string_view(storage_).substr(at);
}

std::string_view ServedExchange::keep_decoded(std::string_view text, bool form) {
  assert(storage_.size() + text.size() <= storage_.capacity());
  const size_t at = storage_.size();
  append_decoded(storage_, text, form);
  return std::string_view(storage_).substr(at);
}

std::string_view ServedExchange::keep_lower(std::string_view text) {
  const size_t at = storage_.size();
  keep(text);
  for (size_t i = at; i < storage_.size(); ++i) {
    char& c = storage_[i];
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
  }
  return std::string_view(storage_).substr(at);
}

bool ServedExchange::dispatch(std::shared_ptr<AnswerSink> sink) {
  sink_ = std::move(sink);
  counted_ = true;
  stats_.in_flight.fetch_add(1, std::memory_order_relaxed);
  route_.service->handler->handle(shared_from_this());
  int expected = dispatching;
  return !state_.compare_exchange_strong(expected, waiting, std::memory_order_acq_rel);
}

void ServedExchange::answer(http::Response response) {
  if (claimed_.exchange(true, std::memory_order_relaxed)) {
    log::error("gateway", "an exchange was answered twice; the second answer is dropped",
               {{"plugin", route_.service->id}, {"operation", route_.operation->id}});
    return;
  }
  response_ = std::move(response);
  if (state_.exchange(answered, std::memory_order_acq_rel) == waiting)
    sink_->answered(shared_from_this());
}

void ServedExchange::stream(http::Response head, std::shared_ptr<http::BodySource> source) {
  source->on_ready([exchange = weak_from_this()] {
    if (const auto alive = exchange.lock()) alive->wake();
  });
  queued_.store(true, std::memory_order_relaxed);
  source_ = std::move(source);
  answer(std::move(head));
}

/// A stream that waits for its next piece is no work in flight.
void ServedExchange::listen() {
  uncount();
  queued_.store(false, std::memory_order_release);
}

void ServedExchange::wake() {
  if (!queued_.exchange(true, std::memory_order_acq_rel)) sink_->answered(shared_from_this());
}

bool ServedExchange::abandoned() const {
  return abandoned_.load(std::memory_order_relaxed) ||
         clock_.monotonic_ns() > request_.deadline_monotonic_ns;
}

}  // namespace forecourt::gateway
