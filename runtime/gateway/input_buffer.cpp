#include "gateway/input_buffer.hpp"

#include <algorithm>
#include <cstring>

namespace forecourt::gateway {
namespace {

constexpr size_t k_small = 4 * 1024;
constexpr size_t k_large = 64 * 1024;

}  // namespace

InputBuffer::InputBuffer() : bytes_(new char[k_small]), capacity_(k_small) {}

std::span<char> InputBuffer::make_room(bool idle, uint64_t expected) {
  if (empty()) {
    clear();
    if (idle && capacity_ > k_small) {
      bytes_.reset(new char[k_small]);
      capacity_ = k_small;
    }
  }
  if (begin_ > 0) {
    std::memmove(bytes_.get(), bytes_.get() + begin_, size());
    end_ -= begin_;
    begin_ = 0;
  }
  size_t wanted = expected > k_small ? k_large : capacity_;
  // A head or a trailer may be larger than the buffer; the parser limits both.
  if (end_ == wanted) wanted = std::max(2 * wanted, k_small);
  if (wanted > capacity_) {
    std::unique_ptr<char[]> larger(new char[wanted]);
    std::memcpy(larger.get(), bytes_.get(), end_);
    bytes_ = std::move(larger);
    capacity_ = wanted;
  }
  return {bytes_.get() + end_, capacity_ - end_};
}

}  // namespace forecourt::gateway
