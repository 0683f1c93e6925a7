#pragma once

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <memory>
#include <string_view>

namespace forecourt::gateway {

using boost::system::error_code;

class TlsContext;

/// Who is told when reading or writing is done.
class StreamUser {
 public:
  virtual ~StreamUser() = default;
  virtual void on_read(error_code error, size_t bytes) = 0;
  virtual void on_written(error_code error, size_t bytes) = 0;
};

/// A connection, whatever is below it: sessions are compiled once, not once a transport. At most
/// one read and one write at a time; `user` is kept alive until told. I/O thread.
class Stream {
 public:
  virtual ~Stream() = default;
  virtual void async_read(char* into, size_t capacity, std::shared_ptr<StreamUser> user) = 0;
  /// Writes what goes without waiting; error would_block when nothing does.
  virtual size_t write_now(const std::array<std::string_view, 2>& pieces, error_code& error) = 0;
  virtual void async_write(const std::array<std::string_view, 2>& pieces,
                           std::shared_ptr<StreamUser> user) = 0;
  /// Whether requests can come: false while a handshake is under way.
  virtual bool established() const { return true; }
  virtual void shutdown_send() = 0;
  virtual void close() = 0;
};

std::unique_ptr<Stream> make_tcp_stream(boost::asio::ip::tcp::socket socket);
/// The handshake is part of the first read.
std::unique_ptr<Stream> make_tls_stream(boost::asio::ip::tcp::socket socket, const TlsContext& tls);

}  // namespace forecourt::gateway
