#pragma once

#include <atomic>
#include <memory>

#include "base/clock.hpp"
#include "http/handler.hpp"
#include "isolation/channel.hpp"
#include "isolation/messages.hpp"
#include "isolation/open_calls.hpp"

namespace forecourt::isolation {

/// In the child: a body that the host has spooled, read from there piece by piece.
class RemoteBlob final : public http::Blob {
 public:
  RemoteBlob(Channel& channel, uint64_t call, uint64_t size)
      : channel_(channel), call_(call), size_(size) {}
  uint64_t size() const override { return size_; }
  Result<uint64_t> read(uint64_t offset, uint8_t* buffer, uint64_t capacity) const override;

 private:
  Channel& channel_;
  const uint64_t call_;
  const uint64_t size_;
};

/// In the child: a call of the host's, one of the open ones while it lives, and the way its answer
/// goes back.
class RemoteExchange final : public http::Exchange {
 public:
  static Result<std::shared_ptr<RemoteExchange>> make(Channel& channel, OpenCalls& open,
                                                      const Clock& clock, const Frame& frame);
  RemoteExchange(Channel& channel, OpenCalls& open, const Clock& clock, uint64_t number);
  ~RemoteExchange() override;

  const http::Request& request() const override { return received_.request; }
  void answer(http::Response response) override;
  bool abandoned() const override;
  void cancel() { cancelled_ = true; }
  bool spooled() const { return received_.spooled; }

 private:
  Channel& channel_;
  OpenCalls& open_;
  const Clock& clock_;
  const uint64_t number_;
  Received received_;
  std::unique_ptr<RemoteBlob> blob_;
  std::atomic<bool> cancelled_{false};
};

}  // namespace forecourt::isolation
