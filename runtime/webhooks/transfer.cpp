#include "webhooks/transfer.hpp"

#include <curl/curl.h>
#include <strings.h>
#include <sys/socket.h>

#include "events/cloud_event.hpp"
#include "webhooks/signature.hpp"

namespace forecourt::webhooks {
namespace {

constexpr size_t k_answer_bytes_max = 64 * 1024;

}  // namespace

struct Transfer::Curl {
  CURL* easy = curl_easy_init();
  curl_slist* headers = nullptr;
  Reach reach = Reach::internet;
  bool https = true;
  std::string refusal;  // why an address was not connected to
  size_t answer_bytes = 0;
  char why[CURL_ERROR_SIZE] = "";

  ~Curl() {
    curl_easy_cleanup(easy);
    curl_slist_free_all(headers);
  }

  void add(const std::string& line) { headers = curl_slist_append(headers, line.c_str()); }

  /// Where the connection goes is known here and cannot change any more, whatever the name says
  /// next time.
  static curl_socket_t open_socket(void* self, curlsocktype, curl_sockaddr* address) {
    auto& curl = *static_cast<Curl*>(self);
    if (auto allowed = check_address(curl.reach, address->addr, curl.https); !allowed) {
      curl.refusal = allowed.error().message;
      return CURL_SOCKET_BAD;
    }
    return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
  }

  /// The status is what counts; a body longer than anybody would say ends the transfer.
  static size_t discard(char*, size_t size, size_t count, void* self) {
    auto& curl = *static_cast<Curl*>(self);
    curl.answer_bytes += size * count;
    return curl.answer_bytes <= k_answer_bytes_max ? size * count : 0;
  }
};

Transfer::Transfer(const Endpoint& endpoint, Parcel parcel, const TransferTerms& terms,
                   int64_t now_ms)
    : webhook_(endpoint.webhook),
      parcel_(std::move(parcel)),
      terms_(terms),
      url_(endpoint.url),
      curl_(std::make_unique<Curl>()) {
  CURL* const easy = curl_->easy;
  if (!easy) return;
  curl_->reach = terms_.reach;
  curl_->https = ::strncasecmp(url_.c_str(), "https:", 6) == 0;
  set_headers(endpoint, now_ms);
  curl_easy_setopt(easy, CURLOPT_PRIVATE, this);
  curl_easy_setopt(easy, CURLOPT_URL, url_.c_str());
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(easy, CURLOPT_PROXY, "");
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  if (!terms_.authorities.empty())
    curl_easy_setopt(easy, CURLOPT_CAINFO, terms_.authorities.c_str());
  curl_easy_setopt(easy, CURLOPT_SSLVERSION, long{CURL_SSLVERSION_TLSv1_2});
  curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, long{CURL_HTTP_VERSION_1_1});
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(terms_.connect_ms));
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(terms_.total_ms));
  curl_easy_setopt(easy, CURLOPT_POST, 1L);
  curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(parcel_.body.size()));
  curl_easy_setopt(easy, CURLOPT_POSTFIELDS, parcel_.body.data());
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, curl_->headers);
  curl_easy_setopt(easy, CURLOPT_USERAGENT, "Forecourt-Webhooks/1");
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, curl_->why);
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, Curl::open_socket);
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, curl_.get());
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, Curl::discard);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, curl_.get());
}

Transfer::~Transfer() = default;

void Transfer::set_headers(const Endpoint& endpoint, int64_t now_ms) {
  const int64_t timestamp_s = now_ms / 1000;
  std::string signatures;
  for (const std::string& key : endpoint.keys) {
    if (!signatures.empty()) signatures += ' ';
    signatures += sign(key, parcel_.event, timestamp_s, parcel_.body);
  }
  curl_->add("Content-Type: " + std::string(events::k_cloud_event_media_type));
  curl_->add("webhook-id: " + parcel_.event);
  curl_->add("webhook-timestamp: " + std::to_string(timestamp_s));
  curl_->add("webhook-signature: " + signatures);
  if (!parcel_.traceparent.empty()) curl_->add("traceparent: " + parcel_.traceparent);
  curl_->add("Expect:");
}

void* Transfer::handle() const { return curl_->easy; }

Reply Transfer::reply(int result) const {
  Reply reply;
  long status = 0;
  curl_easy_getinfo(curl_->easy, CURLINFO_RESPONSE_CODE, &status);
  const bool too_long = result == CURLE_WRITE_ERROR && curl_->answer_bytes > k_answer_bytes_max;
  if (result != CURLE_OK && !too_long) {
    const auto code = static_cast<CURLcode>(result);
    reply.reason = curl_->why[0] ? curl_->why : curl_easy_strerror(code);
    if (!curl_->refusal.empty()) reply.reason = curl_->refusal;
    return reply;
  }
  reply.status = static_cast<int>(status);
  if (status / 100 != 2) reply.reason = "answered " + std::to_string(status);
  if (status / 100 == 3) reply.reason += "; redirects are not followed";
  curl_header* header = nullptr;
  if (curl_easy_header(curl_->easy, "Retry-After", 0, CURLH_HEADER, -1, &header) == CURLHE_OK)
    reply.retry_after = header->value;
  return reply;
}

}  // namespace forecourt::webhooks
