// TLS over a non-blocking socket: OpenSSL reads and writes it, Asio says when that is worth trying.

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>

#include "gateway/on_exception.hpp"
#include "gateway/stream.hpp"
#include "gateway/tls.hpp"

namespace forecourt::gateway {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

constexpr size_t k_record_max = 16 * 1024;

/// The next bytes of both pieces that go into one record. Always the same for the same bytes: what
/// OpenSSL could not send is to be offered again.
std::string_view next_record(const std::array<std::string_view, 2>& pieces, size_t done,
                             std::string& joined) {
  const std::string_view first = pieces[0].substr(std::min(done, pieces[0].size()));
  const size_t into_second = done - std::min(done, pieces[0].size());
  const std::string_view second = pieces[1].substr(into_second);
  if (first.empty()) return second.substr(0, k_record_max);
  if (second.empty() || first.size() >= k_record_max) return first.substr(0, k_record_max);
  joined.assign(first);
  joined += second.substr(0, k_record_max - first.size());
  return joined;
}

class TlsStream final : public Stream {
 public:
  TlsStream(tcp::socket socket, const TlsContext& tls)
      : socket_(std::move(socket)), ssl_(SSL_new(tls.context().get()), SSL_free) {
    error_code ignored;
    socket_.set_option(tcp::no_delay(true), ignored);
    socket_.non_blocking(true, ignored);
    broken_ = !ssl_ || SSL_set_fd(ssl_.get(), socket_.native_handle()) != 1;
    if (!broken_) SSL_set_accept_state(ssl_.get());
  }

  void async_read(char* into, size_t capacity, std::shared_ptr<StreamUser> user) override {
    // What OpenSSL holds already is no reason for the socket to become readable.
    if (broken_ || SSL_has_pending(ssl_.get()) == 1) {
      return asio::post(socket_.get_executor(), [this, into, capacity, user = std::move(user)] {
        read(into, capacity, user);
      });
    }
    wait_to_read(tcp::socket::wait_read, into, capacity, std::move(user));
  }

  size_t write_now(const std::array<std::string_view, 2>& pieces, error_code& error) override {
    size_t written = 0;
    const size_t all = pieces[0].size() + pieces[1].size();
    while (written < all) {
      if (broken_) {
        error = asio::error::connection_reset;
        break;
      }
      const std::string_view record = next_record(pieces, written, joined_);
      ERR_clear_error();
      size_t n = 0;
      const int outcome = SSL_write_ex(ssl_.get(), record.data(), record.size(), &n);
      written += n;
      if (outcome == 1) continue;
      error = error_of(outcome);
      break;
    }
    if (written > 0) error = {};
    return written;
  }

  void async_write(const std::array<std::string_view, 2>& pieces,
                   std::shared_ptr<StreamUser> user) override {
    socket_.async_wait(
        tcp::socket::wait_write, [this, pieces, user = std::move(user)](error_code error) {
          if (error) return user->on_written(error, 0);
          const OnException lost([&] { user->on_written(asio::error::no_memory, 0); });
          const size_t n = write_now(pieces, error);
          if (error == asio::error::would_block) return async_write(pieces, user);
          user->on_written(error, n);
        });
  }

  bool established() const override { return !broken_ && SSL_is_init_finished(ssl_.get()) == 1; }

  void shutdown_send() override {
    say_end();
    error_code ignored;
    socket_.shutdown(tcp::socket::shutdown_send, ignored);
  }
  void close() override {
    say_end();
    broken_ = true;  // the descriptor may soon be somebody else's
    error_code ignored;
    socket_.close(ignored);
  }

 private:
  /// Without it the client cannot tell the end from a cut.
  void say_end() {
    if (!established() || (SSL_get_shutdown(ssl_.get()) & SSL_SENT_SHUTDOWN) != 0) return;
    ERR_clear_error();
    SSL_shutdown(ssl_.get());
  }

  void wait_to_read(tcp::socket::wait_type what, char* into, size_t capacity,
                    std::shared_ptr<StreamUser> user) {
    socket_.async_wait(what, [this, into, capacity, user = std::move(user)](error_code error) {
      if (error) return user->on_read(error, 0);
      read(into, capacity, user);
    });
  }

  /// Shakes hands first, on a new connection.
  void read(char* into, size_t capacity, const std::shared_ptr<StreamUser>& user) {
    if (broken_) return user->on_read(asio::error::connection_reset, 0);
    const OnException lost([&] { user->on_read(asio::error::no_memory, 0); });
    ERR_clear_error();
    size_t n = 0;
    const int outcome = SSL_read_ex(ssl_.get(), into, capacity, &n);
    if (outcome == 1) return user->on_read({}, n);
    const bool to_write = SSL_get_error(ssl_.get(), outcome) == SSL_ERROR_WANT_WRITE;
    const error_code error = error_of(outcome);
    if (error != asio::error::would_block) return user->on_read(error, 0);
    wait_to_read(to_write ? tcp::socket::wait_write : tcp::socket::wait_read, into, capacity, user);
  }

  error_code error_of(int outcome) {
    switch (SSL_get_error(ssl_.get(), outcome)) {
      case SSL_ERROR_WANT_READ:
      case SSL_ERROR_WANT_WRITE: return asio::error::would_block;
      case SSL_ERROR_ZERO_RETURN: return asio::error::eof;
      default:
        // A connection that ends without saying so may have been cut by somebody else.
        fail();
        return asio::error::connection_reset;
    }
  }

  /// What is left unread would turn the close into a reset, and take our alert away from the
  /// client.
  void fail() {
    broken_ = true;
    ERR_clear_error();
    error_code ignored;
    socket_.shutdown(tcp::socket::shutdown_send, ignored);
    char scratch[4096];
    for (int i = 0; i < 16; ++i) {
      if (::recv(socket_.native_handle(), scratch, sizeof scratch, MSG_DONTWAIT) <= 0) return;
    }
  }

  tcp::socket socket_;
  const std::unique_ptr<SSL, void (*)(SSL*)> ssl_;
  std::string joined_;
  bool broken_ = false;
};

}  // namespace

std::unique_ptr<Stream> make_tls_stream(tcp::socket socket, const TlsContext& tls) {
  return std::make_unique<TlsStream>(std::move(socket), tls);
}

}  // namespace forecourt::gateway
