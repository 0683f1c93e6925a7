#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace e2e {

struct Answer {
  int status = 0;  ///< 0: no answer came (connection refused, reset or timed out)
  std::map<std::string, std::string> headers;  ///< names in lower case
  std::string body;
};

using Headers = std::vector<std::pair<std::string, std::string>>;

/// One keep-alive connection to a host on loopback. Connects when first used and again after it was
/// closed. One thread. Every wait is bounded.
class HttpClient {
 public:
  explicit HttpClient(uint16_t port, std::string key = {}, int timeout_ms = 20'000);
  ~HttpClient();
  HttpClient(HttpClient&& other) noexcept;
  HttpClient& operator=(HttpClient&&) = delete;

  Answer send(std::string_view method, std::string_view target, std::string_view body = {},
              const Headers& headers = {});
  Answer get(std::string_view target, const Headers& headers = {}) {
    return send("GET", target, {}, headers);
  }
  Answer post(std::string_view target, std::string_view body, const Headers& headers = {}) {
    return send("POST", target, body, headers);
  }
  Answer put(std::string_view target, std::string_view body) { return send("PUT", target, body); }

  /// Sends a request and closes the connection before its answer is read.
  void send_and_hang_up(std::string_view method, std::string_view target, std::string_view body,
                        const Headers& headers = {});

  void set_key(std::string key) { key_ = std::move(key); }
  void close();

 private:
  bool connect();
  std::string request_text(std::string_view method, std::string_view target, std::string_view body,
                           const Headers& headers) const;
  bool write_all(std::string_view bytes);
  bool read_more();
  Answer read_answer(bool head_only);

  const uint16_t port_;
  std::string key_;
  const int timeout_ms_;
  int fd_ = -1;
  std::string input_;
};

}  // namespace e2e
