#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace forecourt::isolation {

/// What a frame is. Numbers name a call or an ask of the side that began it.
enum class Kind : uint8_t {
  call = 1,    ///< host: serve this request
  reply = 2,   ///< child: the answer of a call
  cancel = 3,  ///< host: nobody waits for the call any more
  ask = 4,     ///< either: do this and answer
  answer = 5,  ///< either: of an ask
  tell = 6,    ///< either: know this
};
inline constexpr uint8_t k_kind_last = 6;

/// One message between host and child. The payload is a view into the reader's buffer.
struct Frame {
  Kind kind{};
  uint8_t verb = 0;
  uint64_t number = 0;
  std::string_view payload;
};

/// On the wire: payload size (4 bytes), kind, verb, two zero bytes, number (8), payload; in the
/// byte order of the machine that both sides run on.
inline constexpr size_t k_head_bytes = 16;
void append_head(std::string& out, Kind kind, uint8_t verb, uint64_t number, size_t payload_size);

/// Cuts a byte stream into frames. What comes may be hostile: nothing in it is believed before it
/// is checked, and no more than `payload_max` is ever held for one frame.
class FrameReader {
 public:
  explicit FrameReader(size_t payload_max) : payload_max_(payload_max) {}

  /// Where the next bytes go; frames given out before are no longer valid.
  std::span<char> room();
  void filled(size_t bytes) { end_ += bytes; }
  /// The next whole frame; nothing: read more. An error: the stream cannot be trusted any further.
  Result<std::optional<Frame>> next();

 private:
  const size_t payload_max_;
  std::string buffer_;
  size_t begin_ = 0;
  size_t end_ = 0;
  size_t wanted_ = k_head_bytes;  ///< of the frame at begin_, as far as it is known
};

}  // namespace forecourt::isolation
