#include "e2e/support/http_client.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>

namespace e2e {
namespace {

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return std::tolower(c); });
  return text;
}

}  // namespace

HttpClient::HttpClient(uint16_t port, std::string key, int timeout_ms)
    : port_(port), key_(std::move(key)), timeout_ms_(timeout_ms) {}

HttpClient::HttpClient(HttpClient&& other) noexcept
    : port_(other.port_),
      key_(std::move(other.key_)),
      timeout_ms_(other.timeout_ms_),
      fd_(std::exchange(other.fd_, -1)),
      input_(std::move(other.input_)) {}

HttpClient::~HttpClient() { close(); }

void HttpClient::close() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
  input_.clear();
}

bool HttpClient::connect() {
  if (fd_ >= 0) return true;
  fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd_ < 0) return false;
  const int on = 1;
  ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port_);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) return true;
  close();
  return false;
}

bool HttpClient::write_all(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(n));
  }
  return true;
}

bool HttpClient::read_more() {
  pollfd waiting{fd_, POLLIN, 0};
  if (::poll(&waiting, 1, timeout_ms_) <= 0) return false;
  char chunk[16384];
  const ssize_t n = ::recv(fd_, chunk, sizeof chunk, 0);
  if (n <= 0) return false;
  input_.append(chunk, static_cast<size_t>(n));
  return true;
}

std::string HttpClient::request_text(std::string_view method, std::string_view target,
                                     std::string_view body, const Headers& headers) const {
  std::string request;
  request.append(method).append(" ").append(target).append(" HTTP/1.1\r\nHost: 127.0.0.1\r\n");
  if (!key_.empty()) request.append("Authorization: Bearer ").append(key_).append("\r\n");
  bool typed = false;
  for (const auto& [name, value] : headers) {
    request.append(name).append(": ").append(value).append("\r\n");
    typed = typed || lower(name) == "content-type";
  }
  if (!body.empty() || method == "POST" || method == "PUT") {
    if (!typed) request.append("Content-Type: application/json\r\n");
    request.append("Content-Length: ").append(std::to_string(body.size())).append("\r\n");
  }
  return request.append("\r\n").append(body);
}

void HttpClient::send_and_hang_up(std::string_view method, std::string_view target,
                                  std::string_view body, const Headers& headers) {
  if (connect()) write_all(request_text(method, target, body, headers));
  close();
}

Answer HttpClient::send(std::string_view method, std::string_view target, std::string_view body,
                        const Headers& headers) {
  const std::string request = request_text(method, target, body, headers);
  if (!connect()) return {};
  if (!write_all(request) && input_.empty() && !read_more()) {
    close();
    return {};
  }
  Answer answer = read_answer(method == "HEAD");
  const auto connection = answer.headers.find("connection");
  if (answer.status == 0 ||
      (connection != answer.headers.end() && lower(connection->second) == "close"))
    close();
  return answer;
}

Answer HttpClient::read_answer(bool head_only) {
  for (;;) {
    size_t end;
    while ((end = input_.find("\r\n\r\n")) == std::string::npos) {
      if (!read_more()) return {};
    }
    Answer answer;
    answer.status = std::atoi(input_.c_str() + sizeof("HTTP/1.1"));
    size_t at = input_.find("\r\n") + 2;
    while (at < end) {
      const size_t stop = input_.find("\r\n", at);
      const size_t colon = input_.find(':', at);
      size_t value = colon + 1;
      while (value < stop && input_[value] == ' ') ++value;
      answer.headers[lower(input_.substr(at, colon - at))] = input_.substr(value, stop - value);
      at = stop + 2;
    }
    input_.erase(0, end + 4);
    if (answer.status == 100) continue;
    const auto length = answer.headers.find("content-length");
    if (head_only || answer.status == 204 || answer.status == 304 || length == answer.headers.end())
      return answer;
    const size_t size = std::strtoull(length->second.c_str(), nullptr, 10);
    while (input_.size() < size) {
      if (!read_more()) return {};
    }
    answer.body = input_.substr(0, size);
    input_.erase(0, size);
    return answer;
  }
}

}  // namespace e2e
