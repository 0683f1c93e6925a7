#include "gateway/request_body.hpp"

#include <algorithm>

namespace forecourt::gateway {

RequestBody::~RequestBody() { account(-accounted_); }

void RequestBody::account(int64_t bytes) {
  accounted_ += bytes;
  if (bytes != 0) stats_.buffered_bytes.fetch_add(bytes, std::memory_order_relaxed);
}

void RequestBody::start(const Rules& rules, uint64_t expected) {
  rules_ = rules;
  const bool spools = rules.spool_bytes > 0 && expected > rules.spool_bytes;
  // A promise of much is not yet a reason to set much aside.
  if (!spools) text_.reserve(std::min<uint64_t>(expected, 64 * 1024));
}

bool RequestBody::append(std::string_view bytes) {
  size_ += static_cast<int64_t>(bytes.size());
  if (size_ > rules_.bytes_max) return refuse(Refusal::too_large);
  if (spool_) return to_spool(bytes);
  if (rules_.spool_bytes > 0 && text_.size() + bytes.size() > rules_.spool_bytes) {
    auto spool = Spool::open(*rules_.spool_folder);
    if (!spool) {
      spool_error_ = spool.error().message;
      return refuse(Refusal::spool_failed);
    }
    spool_ = std::move(*spool);
    const std::string so_far = std::move(text_);
    text_ = {};
    account(-accounted_);
    return to_spool(so_far) && to_spool(bytes);
  }
  if (stats_.buffered_bytes.load(std::memory_order_relaxed) + static_cast<int64_t>(bytes.size()) >
      rules_.memory_max) {
    return refuse(Refusal::memory_full);
  }
  account(static_cast<int64_t>(bytes.size()));
  text_.append(bytes);
  return true;
}

bool RequestBody::to_spool(std::string_view bytes) {
  if (auto written = spool_->append(bytes); !written) {
    spool_error_ = written.error().message;
    return refuse(Refusal::spool_failed);
  }
  return true;
}

}  // namespace forecourt::gateway
