#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

namespace forecourt::gateway {

/// What a connection received and has not used yet. Small while the connection is idle.
class InputBuffer {
 public:
  InputBuffer();

  std::string_view unread() const { return {bytes_.get() + begin_, end_ - begin_}; }
  size_t size() const { return end_ - begin_; }
  bool empty() const { return begin_ == end_; }

  void use(size_t n) { begin_ += n; }
  void clear() { begin_ = end_ = 0; }

  /// Where the next bytes go; never empty. `idle`: nothing is expected soon; `expected`: so many
  /// bytes are said to come.
  std::span<char> make_room(bool idle, uint64_t expected);
  /// So many bytes were put there.
  void received(size_t n) { end_ += n; }

 private:
  std::unique_ptr<char[]> bytes_;
  size_t capacity_;
  size_t begin_ = 0;
  size_t end_ = 0;
};

}  // namespace forecourt::gateway
