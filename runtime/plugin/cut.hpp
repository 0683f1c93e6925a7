#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace forecourt::plugin {

/// At most `bytes_max` bytes of `text`, cut between characters.
inline std::string_view cut_utf8(std::string_view text, size_t bytes_max) {
  if (text.size() <= bytes_max) return text;
  size_t end = bytes_max;
  while (end > 0 && (static_cast<uint8_t>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end);
}

}  // namespace forecourt::plugin
