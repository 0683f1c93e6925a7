// What a child says to the host: the first byte cuts the stream into reads, the rest is the stream.
// Whatever comes, what is let through keeps the rules of a plugin in process.

#include <algorithm>
#include <string>

#include "base/utf8.hpp"
#include "fuzz.hpp"
#include "isolation/frame.hpp"
#include "isolation/from_child.hpp"
#include "isolation/wire_source.hpp"
#include "plugin/http_text.hpp"
#include "storage/packed_values.hpp"

namespace {

using namespace forecourt;
namespace from = isolation::from_child;

constexpr size_t k_payload_max = 1 << 16;
const std::vector<std::string> k_publishes = {"coupons.coupon.redeemed", "coupons.coupon.issued"};

void look_at_reply(std::string_view payload) {
  auto reply = from::response(payload);
  if (!reply) return;
  fuzz::must(reply->status >= 200 && reply->status <= 599, "a status that HTTP has");
  fuzz::must(reply->media_type.empty() || plugin::is_media_type(reply->media_type),
             "a media type or none");
  for (const auto& [name, value] : reply->headers) {
    fuzz::must(plugin::is_header_name(name) && plugin::is_header_value(value), "headers are sound");
    fuzz::must(!plugin::is_host_header(name), "and none is the host's own");
  }
  fuzz::must(isolation::pack(*reply) == payload, "it is written as it was read");
}

void look_at_page(std::string_view payload) {
  events::PageRequest request;
  request.after = 7;
  auto page = from::page(payload, request, "coupons", k_publishes);
  if (!page) return;
  int64_t last = request.after;
  for (const events::Event& event : page->events) {
    fuzz::must(event.number > last, "events come in order, after what was asked");
    last = event.number;
    fuzz::must(event.source == "coupons", "from who publishes them");
    fuzz::must(std::ranges::find(k_publishes, event.type) != k_publishes.end(),
               "of a type it may publish");
    fuzz::must(is_utf8(event.subject) && is_utf8(event.data), "in UTF-8");
  }
}

/// Values as a loader reads them, whatever table they are said to be of.
void look_at_values(std::string_view packed) {
  storage::ValueReader reader(packed);
  while (!reader.empty()) {
    const auto value = reader.next();
    if (!value) return;
    if (value->type != storage::Value::text && value->type != storage::Value::blob) continue;
    const std::string_view bytes = value->bytes();
    fuzz::must(bytes.empty() || (bytes.data() >= packed.data() &&
                                 bytes.data() + bytes.size() <= packed.data() + packed.size()),
               "a value lies in what was told");
  }
}

void look_at_rows(std::string_view payload) {
  if (const auto page = from::rows_page(payload)) look_at_values(page->rows);
  if (const auto page = from::changes_page(payload)) look_at_values(page->changes);
  look_at_values(payload);
}

void look_at(const isolation::Frame& frame) {
  using isolation::Kind;
  using isolation::Verb;
  const auto verb = static_cast<Verb>(frame.verb);
  switch (frame.kind) {
    case Kind::reply: look_at_reply(frame.payload); return;
    case Kind::answer:
      look_at_page(frame.payload);
      look_at_rows(frame.payload);
      static_cast<void>(from::history(frame.payload));
      static_cast<void>(from::audit(frame.payload, 500));
      static_cast<void>(from::parked_events(frame.payload));
      static_cast<void>(from::parked_jobs(frame.payload));
      return;
    case Kind::ask:
      if (isolation::is_source_verb(verb))
        static_cast<void>(isolation::unpack_source_request(verb, frame.payload));
      static_cast<void>(from::blob_ask(frame.payload));
      return;
    default:
      static_cast<void>(from::state(frame.payload));
      static_cast<void>(from::sample(frame.payload));
      return;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const size_t step = data[0] + size_t{1};
  std::string_view stream = fuzz::text(data + 1, size - 1);
  isolation::FrameReader reader(k_payload_max);
  while (!stream.empty()) {
    const std::span<char> room = reader.room();
    const size_t n = std::min({step, stream.size(), room.size()});
    std::copy_n(stream.data(), n, room.data());
    reader.filled(n);
    stream.remove_prefix(n);
    for (;;) {
      auto frame = reader.next();
      if (!frame) return 0;
      if (!*frame) break;
      fuzz::must((*frame)->payload.size() <= k_payload_max, "no frame is larger than allowed");
      look_at(**frame);
    }
  }
  return 0;
}
