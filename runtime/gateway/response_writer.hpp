#pragma once

#include <array>
#include <memory>
#include <string>
#include <string_view>

#include "gateway/gzip.hpp"
#include "http/message.hpp"

namespace forecourt::gateway {

/// Turns one response into bytes on the wire, piece by piece. A small answer is one piece; a large
/// one that is compressed goes out in chunks, so that neither time nor memory grows with it.
class ResponseWriter {
 public:
  struct Terms {
    bool http_1_1 = true;
    bool keep_alive = true;
    bool head_only = false;  ///< the answer to HEAD
    bool streamed = false;   ///< the body follows in `chunk`s; the connection closes behind it
    bool gzip = false;       ///< the client takes it and the answer may be compressed
    std::string_view date;   ///< of the Date header
    std::string_view request_id;
    const std::string* rate_headers = nullptr;  ///< two, or null
  };

  /// `gzip` is borrowed for the length of the call.
  void start(http::Response response, const Terms& terms, Gzip& gzip);
  /// The next piece of a streamed body; everything before is written.
  void chunk(std::string_view bytes);
  void last_chunk();
  /// What to write next; both empty when everything is written.
  std::array<std::string_view, 2> pieces();
  /// `n` bytes of the pieces were written.
  void written(size_t n);
  /// Frees what is written, when that is most of the answer. Invalidates the pieces.
  void shrink();
  /// Frees what is left of the answer: nobody will write it.
  void drop();
  uint64_t bytes() const { return bytes_; }
  /// Bytes of the answer still held in memory.
  size_t held() const {
    return head_.size() - head_done_ + body_.size() - body_done_ + plain_.size();
  }

 private:
  void write_head(const http::Response& response, const Terms& terms, bool has_content);
  void next_chunk();
  void add(std::string_view name, std::string_view value);

  std::string head_;  // and a small body behind it
  std::string body_;
  size_t head_done_ = 0;
  size_t body_done_ = 0;
  uint64_t bytes_ = 0;

  bool chunked_ = false;  // streamed to a client that knows chunks

  // Compressing on the way: what is left of the plain text.
  std::unique_ptr<Gzip> chunks_;
  std::string plain_;
  size_t plain_done_ = 0;
};

}  // namespace forecourt::gateway
