#include "stream/feed.hpp"

#include <algorithm>

#include "base/log.hpp"
#include "stream/openapi.hpp"

namespace forecourt::stream {
namespace {

constexpr std::chrono::milliseconds k_look_interval{100};
constexpr int64_t k_beat_ns = 15'000'000'000;
// A caller that is no key of ours cannot be seen to be revoked: it shows its credential again.
constexpr int64_t k_unknown_caller_ns = 300'000'000'000;
constexpr size_t k_types_max = 64;

http::Response head() {
  http::Response head;
  head.status = 200;
  head.media_type = "text/event-stream";
  head.headers.emplace_back("Cache-Control", "no-store");
  head.headers.emplace_back("X-Accel-Buffering", "no");  // nginx passes each event on at once
  return head;
}

std::string_view parameter(const http::Request& request, std::string_view name) {
  for (const http::Parameter& parameter : request.parameters) {
    if (parameter.name == name) return parameter.value;
  }
  return {};
}

Result<Reader::Terms> read_terms(const http::Request& request) {
  Reader::Terms terms;
  terms.caller = request.caller;
  terms.ends_ms = request.credential_ends_ms;
  terms.org = request.org;
  std::string_view types = parameter(request, "types");
  while (!types.empty()) {
    const size_t comma = types.find(',');
    const std::string_view type = types.substr(0, comma);
    if (type.empty()) return invalid("types: must be event types separated by commas");
    terms.types.emplace(type);
    types = comma == std::string_view::npos ? std::string_view() : types.substr(comma + 1);
  }
  if (terms.types.size() > k_types_max)
    return invalid("types: must name at most " + std::to_string(k_types_max));
  const std::string_view token = parameter(request, "Last-Event-ID");
  if (token.empty()) return terms;
  auto after = from_token(token);
  if (!after) return std::move(after).error();
  terms.after = *std::move(after);
  return terms;
}

std::vector<Outbox> outboxes_of(const Feed::Sources& sources) {
  std::vector<Outbox> outboxes;
  for (const auto& [publisher, source] : sources) {
    auto history = source->history();
    if (!history) {
      log::warn("stream", history.error().message, {{"publisher", publisher}});
      continue;
    }
    outboxes.push_back({publisher, source.get(), *std::move(history)});
  }
  return outboxes;
}

}  // namespace

Feed::Feed(Parts parts) : parts_(std::move(parts)), thread_([this] { run(); }) {}

Feed::~Feed() { stop(); }

void Feed::handle(std::shared_ptr<http::Exchange> exchange) {
  auto streaming = std::dynamic_pointer_cast<http::StreamingExchange>(exchange);
  if (!streaming)
    return exchange->answer(http::problem(501, "not-implemented", "streams need a connection"));
  auto terms = read_terms(exchange->request());
  if (!terms)
    return exchange->answer(http::problem(400, "invalid-parameter", terms.error().message));
  {
    std::lock_guard lock(mutex_);
    if (!stopping_ && readers_ < parts_.readers_max) {
      ++readers_;
      Guest guest;
      guest.reader = std::make_shared<Reader>(*std::move(terms));
      guest.exchange = std::move(streaming);
      arriving_.push_back(std::move(guest));
      wake_.notify_one();
      return;
    }
  }
  http::Response full =
      http::problem(503, "overloaded", "too many streams are open; try again later");
  full.headers.emplace_back("Retry-After", "5");
  exchange->answer(std::move(full));
}

void Feed::stop() {
  {
    std::lock_guard lock(mutex_);
    if (stopping_) return;
    stopping_ = true;
    wake_.notify_one();
  }
  thread_.join();
}

void Feed::run() {
  bool more = false;
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      readers_ = guests_.size() + arriving_.size();
      const auto called = [this] { return stopping_ || !arriving_.empty(); };
      if (guests_.empty()) {
        wake_.wait(lock, called);
      } else if (!more) {
        wake_.wait_for(lock, k_look_interval, called);
      }
      if (stopping_) break;
      const int64_t now_ns = parts_.clock->monotonic_ns();
      for (Guest& guest : arriving_) {
        guest.since_ns = guest.beat_ns = now_ns;
        guests_.push_back(std::move(guest));
      }
      arriving_.clear();
    }
    more = look();
  }
  for (std::vector<Guest>* guests : {&guests_, &arriving_}) {
    for (Guest& guest : *guests) {
      if (guest.exchange)
        guest.exchange->answer(http::problem(503, "shutting-down", "the host is shutting down"));
      guest.reader->end("the host stops: connect again");
    }
    guests->clear();
  }
}

/// True: some reader can take more at once.
bool Feed::look() {
  const auto directory = parts_.directory->snapshot();
  bool more = false;
  parts_.look([&](const Sources& sources) {
    const std::vector<Outbox> outboxes = outboxes_of(sources);
    for (Guest& guest : guests_) more = serve(guest, outboxes, *directory) || more;
  });
  const int64_t now_ns = parts_.clock->monotonic_ns();
  for (Guest& guest : guests_) {
    const std::string reason = over(guest, *directory);
    if (!guest.exchange && !reason.empty()) guest.reader->end(reason);
    if (guest.exchange || now_ns - guest.beat_ns < k_beat_ns) continue;
    guest.beat_ns = now_ns;
    guest.reader->beat();
  }
  std::erase_if(guests_, [](const Guest& guest) {
    return guest.reader->is_closed() || (guest.exchange && guest.exchange->abandoned());
  });
  return more;
}

bool Feed::serve(Guest& guest, const std::vector<Outbox>& outboxes, const org::Snapshot& tree) {
  if (guest.reader->is_closed() || !over(guest, tree).empty()) return false;
  if (guest.exchange) {
    guest.known = tree.keys().contains(guest.reader->terms().caller);
    guest.reader->locate(outboxes);
    std::exchange(guest.exchange, nullptr)->stream(head(), guest.reader);
  }
  auto more = guest.reader->fill(outboxes, tree);
  if (more) return *more;
  log::warn("stream", more.error().message);
  return false;
}

/// Why a reader must stop; empty: it may go on.
std::string Feed::over(const Guest& guest, const org::Snapshot& directory) const {
  if (guest.exchange) return {};
  if (!guest.known) {
    const int64_t ends_ms = guest.reader->terms().ends_ms;
    if (ends_ms != 0 && ends_ms <= parts_.clock->now_ms()) return "the token has expired";
    const bool long_enough = parts_.clock->monotonic_ns() - guest.since_ns > k_unknown_caller_ns;
    return long_enough ? "the credential must be shown again: connect again" : std::string();
  }
  const auto key = directory.keys().find(guest.reader->terms().caller);
  if (key == directory.keys().end()) return "the API key was revoked";
  const int64_t ends = key->second.expires_at_ms;
  return ends != 0 && ends <= parts_.clock->now_ms() ? "the API key has expired" : std::string();
}

http::Service feed_service(std::shared_ptr<Feed> feed) {
  http::Service service;
  service.id = "events";
  service.prefix = "/v1/events";
  service.openapi = openapi_document();
  service.handler = std::move(feed);
  return service;
}

}  // namespace forecourt::stream
