#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

struct ssl_ctx_st;

namespace forecourt::test {

/// An HTTP server on a free port of loopback that keeps what it is sent and answers what a test
/// says: each connection serves one request and closes.
class HttpReceiver {
 public:
  struct Request {
    std::string target;
    std::map<std::string, std::string> headers;  ///< names in lower case
    std::string body;
  };
  struct Reply {
    int status = 204;
    std::string headers;  ///< "Name: value\r\n", any number of them
  };
  using Answer = std::function<Reply(const Request&)>;

  /// PEM files; without them it speaks plain HTTP.
  struct Tls {
    std::string certificate;
    std::string key;
  };
  explicit HttpReceiver(Answer answer = {}, const Tls& tls = {});
  ~HttpReceiver();

  uint16_t port() const { return port_; }
  std::string url(const std::string& path = "/hook") const {
    return (context_ ? "https://127.0.0.1:" : "http://127.0.0.1:") + std::to_string(port_) + path;
  }
  std::vector<Request> requests() const;
  /// Waits until there are so many; false after a bound.
  bool wait_for(size_t count) const;

 private:
  void accept();
  void serve(int connection);

  const Answer answer_;
  const std::shared_ptr<ssl_ctx_st> context_;  // null: no TLS
  int listener_ = -1;
  uint16_t port_ = 0;
  mutable std::mutex mutex_;
  mutable std::condition_variable arrived_;
  std::vector<Request> requests_;     // guarded by mutex_
  std::vector<std::thread> serving_;  // the accepting thread's
  std::thread thread_;
};

}  // namespace forecourt::test
