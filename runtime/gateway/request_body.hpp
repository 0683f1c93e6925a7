#pragma once

#include <memory>
#include <string>

#include "gateway/request_parser.hpp"
#include "gateway/spool.hpp"
#include "gateway/stats.hpp"

namespace forecourt::gateway {

/// The body of one request while it arrives: in memory, or in a file once a raw body outgrows
/// memory.
class RequestBody final : public BodySink {
 public:
  enum class Refusal { none, too_large, memory_full, spool_failed };
  struct Rules {
    int64_t bytes_max = 0;
    size_t spool_bytes = 0;  ///< 0: always in memory
    int64_t memory_max = 0;  ///< of all bodies together
    const std::string* spool_folder = nullptr;
  };

  explicit RequestBody(Stats& stats) : stats_(stats) {}
  ~RequestBody() override;
  void start(const Rules& rules, uint64_t expected);
  bool append(std::string_view bytes) override;

  std::string_view text() const { return text_; }
  const http::Blob* blob() const { return spool_.get(); }
  int64_t size() const { return size_; }
  Refusal refusal() const { return refusal_; }
  const std::string& spool_error() const { return spool_error_; }

 private:
  bool refuse(Refusal refusal) {
    refusal_ = refusal;
    return false;
  }
  bool to_spool(std::string_view bytes);
  void account(int64_t bytes);

  Stats& stats_;
  Rules rules_;
  std::string text_;
  std::unique_ptr<Spool> spool_;
  int64_t size_ = 0;
  int64_t accounted_ = 0;
  Refusal refusal_ = Refusal::none;
  std::string spool_error_;
};

}  // namespace forecourt::gateway
