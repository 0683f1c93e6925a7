#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "webhooks/delivery.hpp"
#include "webhooks/reach.hpp"

namespace forecourt::webhooks {

/// Where a webhook's parcels go and with which keys they are signed, newest first.
struct Endpoint {
  std::string webhook;
  std::string url;
  std::vector<std::string> keys;
};

struct TransferTerms {
  Reach reach = Reach::internet;
  int64_t connect_ms = 5'000;
  int64_t total_ms = 15'000;
  std::string authorities;  ///< a PEM file of who may vouch for endpoints; empty: the system's
};

/// What an endpoint said to one attempt.
struct Reply {
  int status = 0;  ///< 0: no answer
  std::string reason;
  std::string retry_after;
};

/// One POST of one parcel: no redirects, no proxies, an answer's body is not kept.
class Transfer {
 public:
  Transfer(const Endpoint& endpoint, Parcel parcel, const TransferTerms& terms, int64_t now_ms);
  ~Transfer();
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

  const std::string& webhook() const { return webhook_; }
  const Parcel& parcel() const { return parcel_; }
  void* handle() const;  ///< libcurl's; null when there is none to be had
  /// `result` is libcurl's CURLcode.
  Reply reply(int result) const;

 private:
  struct Curl;
  void set_headers(const Endpoint& endpoint, int64_t now_ms);

  const std::string webhook_;
  const Parcel parcel_;
  const TransferTerms terms_;
  const std::string url_;
  std::unique_ptr<Curl> curl_;
};

}  // namespace forecourt::webhooks
