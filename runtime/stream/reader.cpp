#include "stream/reader.hpp"

#include <algorithm>

#include "base/json_text.hpp"
#include "events/cloud_event.hpp"

namespace forecourt::stream {
namespace {

constexpr size_t k_page = 64;
constexpr std::string_view k_greeting = "retry: 2000\n";

/// JSON has line ends only between its tokens, where a space is as good.
std::string one_line(std::string json) {
  std::ranges::replace_if(
      json, [](char c) { return c == '\n' || c == '\r'; }, ' ');
  return json;
}

}  // namespace

bool Reader::take(std::string& into) {
  std::lock_guard lock(mutex_);
  into.swap(buffer_);
  return !ended_;
}

void Reader::closed() {
  std::lock_guard lock(mutex_);
  closed_ = true;
}

bool Reader::is_closed() const {
  std::lock_guard lock(mutex_);
  return closed_ || ended_;
}

bool Reader::has_room() const {
  std::lock_guard lock(mutex_);
  return buffer_.size() < k_room_bytes && !closed_;
}

void Reader::put(std::string_view text) {
  {
    std::lock_guard lock(mutex_);
    if (ended_ || closed_) return;
    buffer_ += text;
  }
  if (ready_) ready_();
}

void Reader::beat() { put(":\n" + id_line() + "\n"); }

void Reader::end(std::string_view reason) {
  put("event: end\ndata: {\"reason\":" + json_string(reason) + "}\n\n");
  {
    std::lock_guard lock(mutex_);
    ended_ = true;
  }
  if (ready_) ready_();
}

void Reader::reset(const std::string& publisher, const std::string& reason) {
  put("event: reset\n" + id_line() + "data: {\"publisher\":" + json_string(publisher) +
      ",\"reason\":" + json_string(reason) + "}\n\n");
}

void Reader::locate(const std::vector<Outbox>& outboxes) {
  if (terms_.after) position_ = *terms_.after;
  for (const Outbox& outbox : outboxes)
    position_.try_emplace(outbox.publisher,
                          events::Cursor{outbox.history.epoch(), outbox.history.head});
  put(std::string(k_greeting) + id_line() + "\n");
}

Result<bool> Reader::fill(const std::vector<Outbox>& outboxes, const org::Snapshot& tree) {
  bool more = false;
  for (const Outbox& outbox : outboxes) {
    auto left = fill_from(outbox, tree);
    if (!left) return left;
    more = more || *left;
  }
  return more;
}

Result<bool> Reader::fill_from(const Outbox& outbox, const org::Snapshot& tree) {
  // A publisher that came after the stream began is read from where it was when first seen.
  events::Cursor& at = position_
                           .try_emplace(outbox.publisher,
                                        events::Cursor{outbox.history.epoch(), outbox.history.head})
                           .first->second;
  const events::Standing standing = events::judge(at, outbox.history);
  at = standing.resume;
  if (!standing.trouble.empty()) reset(outbox.publisher, standing.trouble);
  if (at.number >= outbox.history.head || !has_room()) return false;

  events::PageRequest request;
  request.after = at.number;
  request.events_max = k_page;
  auto page = outbox.source->page(request);
  if (!page) return std::move(page).error();
  if (page->gap) return false;  // pruned just now: the next look says so
  std::string text;
  for (const events::Event& event : page->events) {
    at.number = event.number;
    if (!wants(event, tree)) continue;
    text += id_line() + "event: " + event.type +
            "\ndata: " + one_line(events::cloud_event_json(event)) + "\n\n";
  }
  if (!text.empty()) put(text);
  return !page->events.empty() && at.number < outbox.history.head && has_room();
}

bool Reader::wants(const events::Event& event, const org::Snapshot& tree) const {
  return (terms_.types.empty() || terms_.types.contains(event.type)) &&
         tree.within(event.org, terms_.org);
}

}  // namespace forecourt::stream
