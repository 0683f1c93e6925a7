#include "support/http_receiver.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>

namespace forecourt::test {
namespace {

constexpr std::chrono::seconds k_patience{30};

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

bool read_more(int connection, std::string& input) {
  char buffer[4096];
  const ssize_t n = ::recv(connection, buffer, sizeof buffer, 0);
  if (n <= 0) return false;
  input.append(buffer, static_cast<size_t>(n));
  return true;
}

bool read_request(int connection, HttpReceiver::Request& request) {
  std::string input;
  size_t end;
  while ((end = input.find("\r\n\r\n")) == std::string::npos) {
    if (!read_more(connection, input)) return false;
  }
  size_t at = input.find("\r\n");
  const size_t target = input.find(' ') + 1;
  request.target = input.substr(target, input.find(' ', target) - target);
  while (at < end) {
    const size_t line = at + 2;
    at = input.find("\r\n", line);
    const size_t colon = input.find(": ", line);
    if (colon < at)
      request.headers[lower(input.substr(line, colon - line))] =
          input.substr(colon + 2, at - colon - 2);
  }
  const size_t length = std::strtoull(request.headers["content-length"].c_str(), nullptr, 10);
  while (input.size() < end + 4 + length) {
    if (!read_more(connection, input)) return false;
  }
  request.body = input.substr(end + 4, length);
  return true;
}

}  // namespace

HttpReceiver::HttpReceiver(Answer answer) : answer_(std::move(answer)) {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      ::listen(listener_, 128) != 0 ||
      ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    std::abort();
  }
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { accept(); });
}

HttpReceiver::~HttpReceiver() {
  ::shutdown(listener_, SHUT_RDWR);
  thread_.join();
  for (std::thread& thread : serving_) thread.join();
  ::close(listener_);
}

void HttpReceiver::accept() {
  for (;;) {
    const int connection = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (connection < 0) return;
    const timeval patience{k_patience.count(), 0};
    ::setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    serving_.emplace_back([this, connection] {
      serve(connection);
      ::close(connection);
    });
  }
}

void HttpReceiver::serve(int connection) {
  Request request;
  if (!read_request(connection, request)) return;
  const Reply reply = answer_ ? answer_(request) : Reply{};
  {
    std::lock_guard lock(mutex_);
    requests_.push_back(std::move(request));
    arrived_.notify_all();
  }
  const std::string text = "HTTP/1.1 " + std::to_string(reply.status) + " x\r\n" + reply.headers +
                           "Content-Length: 0\r\nConnection: close\r\n\r\n";
  (void)!::send(connection, text.data(), text.size(), MSG_NOSIGNAL);
}

std::vector<HttpReceiver::Request> HttpReceiver::requests() const {
  std::lock_guard lock(mutex_);
  return requests_;
}

bool HttpReceiver::wait_for(size_t count) const {
  std::unique_lock lock(mutex_);
  return arrived_.wait_for(lock, k_patience, [&] { return requests_.size() >= count; });
}

}  // namespace forecourt::test
