#pragma once

#include <zlib.h>

#include <string>
#include <string_view>

namespace forecourt::gateway {

/// One gzip stream after another; keeps its memory.
class Gzip {
 public:
  Gzip();
  ~Gzip();
  Gzip(const Gzip&) = delete;
  Gzip& operator=(const Gzip&) = delete;

  void restart();
  /// Appends what `bytes` become to `out`; `last` ends the stream.
  void add(std::string_view bytes, bool last, std::string& out);

 private:
  z_stream stream_{};
};

/// Whether an Accept-Encoding takes gzip.
bool accepts_gzip(std::string_view accept_encoding);
/// Whether compressing a media type pays: text of some kind.
bool is_text(std::string_view media_type);

}  // namespace forecourt::gateway
