#include "isolation/frame.hpp"

#include <algorithm>
#include <cstring>

namespace forecourt::isolation {
namespace {

constexpr size_t k_read_bytes = 64u << 10;

}  // namespace

void append_head(std::string& out, Kind kind, uint8_t verb, uint64_t number, size_t payload_size) {
  char head[k_head_bytes] = {};
  const auto size = static_cast<uint32_t>(payload_size);
  std::memcpy(head, &size, sizeof size);
  head[4] = static_cast<char>(kind);
  head[5] = static_cast<char>(verb);
  std::memcpy(head + 8, &number, sizeof number);
  out.append(head, sizeof head);
}

std::span<char> FrameReader::room() {
  if (begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  const size_t size = std::max(wanted_, end_ + k_read_bytes);
  // One large frame does not hold its memory for ever.
  if (buffer_.size() < size || buffer_.size() > 16 * size) buffer_.resize(size);
  return {buffer_.data() + end_, buffer_.size() - end_};
}

Result<std::optional<Frame>> FrameReader::next() {
  const std::string_view bytes(buffer_.data() + begin_, end_ - begin_);
  wanted_ = k_head_bytes;
  if (bytes.size() < k_head_bytes) return std::optional<Frame>();
  uint32_t size = 0;
  std::memcpy(&size, bytes.data(), sizeof size);
  const auto kind = static_cast<uint8_t>(bytes[4]);
  if (kind == 0 || kind > k_kind_last) return invalid("a frame of no known kind");
  if (bytes[6] != 0 || bytes[7] != 0) return invalid("a frame's head is not well formed");
  if (size > payload_max_)
    return invalid("a frame of " + std::to_string(size) + " bytes, more than " +
                   std::to_string(payload_max_));
  wanted_ = k_head_bytes + size;
  if (bytes.size() < wanted_) return std::optional<Frame>();
  Frame frame;
  frame.kind = static_cast<Kind>(kind);
  frame.verb = static_cast<uint8_t>(bytes[5]);
  std::memcpy(&frame.number, bytes.data() + 8, sizeof frame.number);
  frame.payload = bytes.substr(k_head_bytes, size);
  begin_ += wanted_;
  wanted_ = k_head_bytes;
  return std::optional<Frame>(frame);
}

}  // namespace forecourt::isolation
