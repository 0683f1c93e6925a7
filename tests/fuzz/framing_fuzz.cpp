// Request framing: whatever arrives, in whatever pieces, is read the same way; nothing is read
// twice or skipped.

#include <string>
#include <vector>

#include "fuzz.hpp"
#include "gateway/request_parser.hpp"

namespace {

using namespace forecourt::gateway;

struct Sink final : BodySink {
  std::string bytes;
  bool append(std::string_view more) override {
    bytes += more;
    return bytes.size() <= 64 * 1024;
  }
};

/// All requests read from one connection, in words that two readings can be compared by.
struct Reading {
  std::string said;
  size_t used = 0;
};

/// Reads `wire` as it would arrive in pieces of `piece` bytes; 0: all at once.
Reading read_all(std::string_view wire, size_t piece) {
  RequestParser parser{ParserLimits{}};
  RequestHead head;
  Reading reading;
  size_t at = 0;  // the first byte that is not used
  size_t there = piece == 0 ? wire.size() : 0;
  for (int requests = 0; requests < 20; ++requests) {
    parser.reset();
    head.clear();
    size_t used = 0;
    Progress progress = Progress::need_more;
    for (;;) {
      if (there > at) progress = parser.read_head(wire.substr(at, there - at), head, used);
      if (progress != Progress::need_more || there == wire.size()) break;
      there = std::min(wire.size(), there + piece);
    }
    if (progress == Progress::malformed) {
      reading.said += "malformed";  // which of several faults is met first depends on the pieces
      return reading;
    }
    if (progress != Progress::done) return reading;
    fuzz::must(used > 0 && used <= there - at, "a head is made of bytes that arrived");
    reading.said += std::string(head.method) + ' ' + std::string(head.target) + ' ' +
                    std::to_string(head.headers.size()) + (head.chunked ? " chunked" : "") +
                    (head.keep_alive ? " keep\n" : " close\n");
    fuzz::must(!(head.chunked && head.content_length), "one way of framing a body");
    at += used;
    if (head.has_body()) {
      const bool chunked = head.chunked;
      const uint64_t length = head.content_length.value_or(0);
      Sink sink;
      progress = Progress::need_more;
      for (;;) {
        used = 0;
        progress = parser.read_body(wire.substr(at, there - at), sink, used);
        fuzz::must(used <= there - at, "a body is made of bytes that arrived");
        at += used;
        if (progress != Progress::need_more || there == wire.size()) break;
        there = std::min(wire.size(), there + std::max<size_t>(piece, 1));
      }
      reading.said += std::to_string(sink.bytes.size()) + ' ' + sink.bytes + '\n';
      if (progress == Progress::malformed) {
        reading.said += "malformed";
        return reading;
      }
      if (progress != Progress::done) return reading;
      if (!chunked) fuzz::must(sink.bytes.size() == length, "a body as long as it says");
    }
    reading.used = at;
    if (!head.keep_alive) return reading;
  }
  return reading;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string_view input = fuzz::text(data, size);
  const size_t piece = 1 + fuzz::take(input, 32);
  const Reading whole = read_all(input, 0);
  const Reading pieces = read_all(input, piece);
  if (whole.said != pieces.said) {
    std::fprintf(stderr, "at once:\n%s\nin pieces of %zu:\n%s\n", whole.said.c_str(), piece,
                 pieces.said.c_str());
  }
  fuzz::must(whole.said == pieces.said, "the same requests, however the bytes arrive");
  fuzz::must(whole.used == pieces.used, "the same end, however the bytes arrive");
  return 0;
}
