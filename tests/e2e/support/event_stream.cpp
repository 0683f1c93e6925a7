#include "e2e/support/event_stream.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cstdlib>

namespace e2e {
namespace {

constexpr int k_patience_s = 30;

}  // namespace

EventStream::EventStream(uint16_t port, const std::string& key, const std::string& query,
                         const std::string& after) {
  fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const timeval patience{k_patience_s, 0};
  ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) return;
  std::string request = "GET /v1/events" + query +
                        " HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n"
                        "Authorization: Bearer " +
                        key + "\r\n";
  if (!after.empty()) request += "Last-Event-ID: " + after + "\r\n";
  request += "\r\n";
  if (::send(fd_, request.data(), request.size(), MSG_NOSIGNAL) !=
      static_cast<ssize_t>(request.size()))
    return;
  size_t end;
  while ((end = raw_.find("\r\n\r\n")) == std::string::npos) {
    if (!read_more()) return;
  }
  status_ = std::atoi(raw_.c_str() + raw_.find(' ') + 1);
  raw_.erase(0, end + 4);
}

EventStream::~EventStream() {
  if (fd_ >= 0) ::close(fd_);
}

bool EventStream::read_more() {
  char buffer[16 * 1024];
  const ssize_t n = ::recv(fd_, buffer, sizeof buffer, 0);
  if (n == 0) ended_ = true;
  if (n <= 0) return false;
  raw_.append(buffer, static_cast<size_t>(n));
  return true;
}

bool EventStream::read_line(std::string& line) {
  for (;;) {
    const size_t end = text_.find('\n');
    if (end != std::string::npos) {
      line = text_.substr(0, end);
      text_.erase(0, end + 1);
      return true;
    }
    const size_t size_end = raw_.find("\r\n");
    if (size_end != std::string::npos) {
      const size_t size = std::strtoull(raw_.c_str(), nullptr, 16);
      if (size == 0) {
        ended_ = true;
        return false;
      }
      if (raw_.size() >= size_end + 2 + size + 2) {
        text_ += raw_.substr(size_end + 2, size);
        raw_.erase(0, size_end + 2 + size + 2);
        continue;
      }
    }
    if (!read_more()) return false;
  }
}

bool EventStream::next(Event& event) {
  event = {};
  std::string line;
  while (read_line(line)) {
    if (line.empty()) {
      if (!event.data.empty()) return true;
      event = {};
    } else if (line.starts_with("id: ")) {
      last_id_ = event.id = line.substr(4);
    } else if (line.starts_with("event: ")) {
      event.type = line.substr(7);
    } else if (line.starts_with("data: ")) {
      event.data = line.substr(6);
    }
  }
  return false;
}

}  // namespace e2e
