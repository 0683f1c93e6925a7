// The baseline of "hello": Asio callbacks, Beast's basic_parser, one fixed answer. Nothing a
// gateway does: no routing, no credential, no validation, no metrics, no deadline. `bare_responder`
// prints the port it listens on.

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <cstdio>
#include <cstring>
#include <memory>
#include <optional>
#include <string_view>

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::beast::string_view;
using boost::system::error_code;

namespace {

constexpr std::string_view k_answer =
    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: "
    "15\r\n\r\n{\"hello\":\"Ada\"}";

class Parser : public http::basic_parser<true> {
  void on_request_impl(http::verb, string_view, string_view, int, error_code&) override {}
  void on_response_impl(int, string_view, int, error_code&) override {}
  void on_field_impl(http::field, string_view, string_view, error_code&) override {}
  void on_header_impl(error_code&) override {}
  void on_body_init_impl(boost::optional<std::uint64_t> const&, error_code&) override {}
  std::size_t on_body_impl(string_view body, error_code&) override { return body.size(); }
  void on_chunk_header_impl(std::uint64_t, string_view, error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, string_view body, error_code&) override {
    return body.size();
  }
  void on_finish_impl(error_code&) override {}
};

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  explicit Connection(asio::ip::tcp::socket socket) : socket_(std::move(socket)) {
    socket_.set_option(asio::ip::tcp::no_delay(true));
  }

  void read() {
    socket_.async_read_some(asio::buffer(buffer_ + size_, sizeof buffer_ - size_),
                            [self = shared_from_this()](error_code error, std::size_t n) {
                              if (!error) self->parse(n);
                            });
  }

 private:
  void parse(std::size_t n) {
    size_ += n;
    error_code error;
    if (!parser_) parser_.emplace();
    const std::size_t used = parser_->put(asio::buffer(buffer_, size_), error);
    std::memmove(buffer_, buffer_ + used, size_ - used);
    size_ -= used;
    if (error && error != http::error::need_more) return;
    if (!parser_->is_done()) return read();
    parser_.reset();
    asio::async_write(socket_, asio::buffer(k_answer),
                      [self = shared_from_this()](error_code failed, std::size_t) {
                        if (!failed) self->read();
                      });
  }

  asio::ip::tcp::socket socket_;
  std::optional<Parser> parser_;
  std::size_t size_ = 0;
  char buffer_[8192];
};

void accept(asio::ip::tcp::acceptor& acceptor) {
  acceptor.async_accept([&acceptor](error_code error, asio::ip::tcp::socket socket) {
    if (!error) std::make_shared<Connection>(std::move(socket))->read();
    accept(acceptor);
  });
}

}  // namespace

int main() {
  asio::io_context io(1);
  asio::ip::tcp::acceptor acceptor(io, {asio::ip::address_v4::loopback(), 0});
  std::printf("%d\n", acceptor.local_endpoint().port());
  std::fflush(stdout);
  accept(acceptor);
  io.run();
}
