#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "gateway/request_head.hpp"

namespace forecourt::gateway {

struct ParserLimits {
  size_t head_bytes = 16 * 1024;
  size_t target_bytes = 8 * 1024;
  size_t header_count = 100;
  size_t trailer_bytes = 8 * 1024;
  size_t chunk_extension_bytes = 256;
  size_t chunk_line_bytes = 1024;
};

/// Where decoded body bytes go.
class BodySink {
 public:
  virtual ~BodySink() = default;
  /// False: stop reading; the parser then reports Progress::stopped.
  virtual bool append(std::string_view bytes) = 0;
};

enum class Progress {
  need_more,  ///< all of the input is used but the rest of a line; read on
  done,       ///< the head, or the body, is complete
  malformed,  ///< see refusal(); nothing may be read from this connection any more
  stopped,    ///< the sink refused the body
};

/// Reads one request at a time off the wire, strictly per RFC 9112: anything another reader could
/// frame differently is malformed. Built on beast::http::basic_parser, which by itself accepts
/// several of these. Counts every byte: no limit can be passed through extensions, trailers or tiny
/// chunks.
class RequestParser {
 public:
  explicit RequestParser(const ParserLimits& limits);
  ~RequestParser();
  RequestParser(const RequestParser&) = delete;
  RequestParser& operator=(const RequestParser&) = delete;

  /// Forgets the last request.
  void reset();
  /// `wire` is everything received of this request so far, from its first byte, in place until the
  /// request is admitted. When done, `used` bytes of it were the head.
  Progress read_head(std::string_view wire, RequestHead& head, size_t& used);
  /// `wire` is what follows what was used so far. After need_more, the unused rest is to be passed
  /// again with more behind it.
  Progress read_body(std::string_view wire, BodySink& sink, size_t& used);

  const Malformed& refusal() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace forecourt::gateway
