#include "isolation/remote_exchange.hpp"

#include <algorithm>
#include <cstring>

#include "isolation/pack.hpp"

namespace forecourt::isolation {
namespace {

constexpr uint64_t k_piece_bytes = 1u << 20;
constexpr std::chrono::seconds k_patience{30};

}  // namespace

Result<uint64_t> RemoteBlob::read(uint64_t offset, uint8_t* buffer, uint64_t capacity) const {
  if (offset >= size_ || capacity == 0) return uint64_t{0};
  Packer out;
  out.put(call_).put(offset).put(std::min(capacity, k_piece_bytes));
  auto piece = channel_.ask_and_wait(number_of(Verb::read_blob), out.bytes(), k_patience);
  if (!piece) return piece.error();
  const uint64_t got = std::min<uint64_t>(piece->size(), capacity);
  std::memcpy(buffer, piece->data(), got);
  return got;
}

Result<std::shared_ptr<RemoteExchange>> RemoteExchange::make(Channel& channel, OpenCalls& open,
                                                             const Clock& clock,
                                                             const Frame& frame) {
  auto exchange = std::make_shared<RemoteExchange>(channel, open, clock, frame.number);
  if (auto read = unpack(frame.payload, exchange->received_); !read) return read.error();
  if (exchange->received_.spooled) {
    exchange->blob_ =
        std::make_unique<RemoteBlob>(channel, frame.number, exchange->received_.blob_size);
    exchange->received_.request.blob = exchange->blob_.get();
  }
  return exchange;
}

RemoteExchange::RemoteExchange(Channel& channel, OpenCalls& open, const Clock& clock,
                               uint64_t number)
    : channel_(channel), open_(open), clock_(clock), number_(number) {
  open_.add(number_, *this);
}

RemoteExchange::~RemoteExchange() { open_.remove(number_); }

void RemoteExchange::answer(http::Response response) {
  channel_.send(Kind::reply, 0, number_, pack(response));
}

bool RemoteExchange::abandoned() const {
  return cancelled_.load(std::memory_order_relaxed) ||
         clock_.monotonic_ns() > request().deadline_monotonic_ns;
}

}  // namespace forecourt::isolation
