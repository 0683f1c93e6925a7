#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "http/message.hpp"

namespace forecourt::gateway {

/// A body in a file without a name: gone when the request is, or the process.
class Spool final : public http::Blob {
 public:
  /// In `folder`, which must exist.
  static Result<std::unique_ptr<Spool>> open(const std::string& folder);
  ~Spool() override;
  Spool(const Spool&) = delete;
  Spool& operator=(const Spool&) = delete;

  Result<void> append(std::string_view bytes);
  uint64_t size() const override { return size_; }
  Result<uint64_t> read(uint64_t offset, uint8_t* buffer, uint64_t capacity) const override;

 private:
  explicit Spool(int file) : file_(file) {}
  const int file_;
  uint64_t size_ = 0;
};

}  // namespace forecourt::gateway
