#include "support/http_receiver.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <signal.h>
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

/// One connection, of either kind.
struct Wire {
  int socket;
  SSL* tls;  // null: none

  ssize_t read(char* into, size_t size) const {
    return tls ? SSL_read(tls, into, static_cast<int>(size)) : ::recv(socket, into, size, 0);
  }
  void write(const std::string& text) const {
    if (tls) {
      SSL_write(tls, text.data(), static_cast<int>(text.size()));
      SSL_shutdown(tls);
    } else {
      (void)!::send(socket, text.data(), text.size(), MSG_NOSIGNAL);
    }
  }
};

std::shared_ptr<SSL_CTX> context_of(const HttpReceiver::Tls& tls) {
  if (tls.certificate.empty()) return nullptr;
  ::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes to a peer that has gone, too
  std::shared_ptr<SSL_CTX> context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
  if (SSL_CTX_use_certificate_chain_file(context.get(), tls.certificate.c_str()) != 1 ||
      SSL_CTX_use_PrivateKey_file(context.get(), tls.key.c_str(), SSL_FILETYPE_PEM) != 1) {
    std::abort();
  }
  return context;
}

bool read_more(const Wire& connection, std::string& input) {
  char buffer[4096];
  const ssize_t n = connection.read(buffer, sizeof buffer);
  if (n <= 0) return false;
  input.append(buffer, static_cast<size_t>(n));
  return true;
}

bool read_request(const Wire& connection, HttpReceiver::Request& request) {
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

HttpReceiver::HttpReceiver(Answer answer, const Tls& tls)
    : answer_(std::move(answer)), context_(context_of(tls)) {
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
  const std::unique_ptr<SSL, void (*)(SSL*)> tls(context_ ? SSL_new(context_.get()) : nullptr,
                                                 SSL_free);
  if (tls && (SSL_set_fd(tls.get(), connection) != 1 || SSL_accept(tls.get()) != 1)) return;
  const Wire wire{connection, tls.get()};
  Request request;
  if (!read_request(wire, request)) return;
  const Reply reply = answer_ ? answer_(request) : Reply{};
  {
    std::lock_guard lock(mutex_);
    requests_.push_back(std::move(request));
    arrived_.notify_all();
  }
  const std::string text = "HTTP/1.1 " + std::to_string(reply.status) + " x\r\n" + reply.headers +
                           "Content-Length: 0\r\nConnection: close\r\n\r\n";
  wire.write(text);
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
