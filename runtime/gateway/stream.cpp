#include "gateway/stream.hpp"

#include <boost/asio/buffer.hpp>

namespace forecourt::gateway {
namespace {

std::array<boost::asio::const_buffer, 2> buffers(const std::array<std::string_view, 2>& pieces) {
  return {boost::asio::const_buffer(pieces[0].data(), pieces[0].size()),
          boost::asio::const_buffer(pieces[1].data(), pieces[1].size())};
}

class TcpStream final : public Stream {
 public:
  explicit TcpStream(boost::asio::ip::tcp::socket socket) : socket_(std::move(socket)) {
    error_code ignored;
    socket_.set_option(boost::asio::ip::tcp::no_delay(true), ignored);
    socket_.non_blocking(true, ignored);
  }

  void async_read(char* into, size_t capacity, std::shared_ptr<StreamUser> user) override {
    socket_.async_read_some(
        boost::asio::buffer(into, capacity),
        [user = std::move(user)](error_code error, size_t n) { user->on_read(error, n); });
  }
  size_t write_now(const std::array<std::string_view, 2>& pieces, error_code& error) override {
    if (pieces[1].empty()) {
      return socket_.write_some(boost::asio::buffer(pieces[0].data(), pieces[0].size()), error);
    }
    return socket_.write_some(buffers(pieces), error);
  }
  void async_write(const std::array<std::string_view, 2>& pieces,
                   std::shared_ptr<StreamUser> user) override {
    socket_.async_write_some(buffers(pieces), [user = std::move(user)](error_code error, size_t n) {
      user->on_written(error, n);
    });
  }
  void shutdown_send() override {
    error_code ignored;
    socket_.shutdown(boost::asio::ip::tcp::socket::shutdown_send, ignored);
  }
  void close() override {
    error_code ignored;
    socket_.close(ignored);
  }

 private:
  boost::asio::ip::tcp::socket socket_;
};

}  // namespace

std::unique_ptr<Stream> make_tcp_stream(boost::asio::ip::tcp::socket socket) {
  return std::make_unique<TcpStream>(std::move(socket));
}

}  // namespace forecourt::gateway
