#include "gateway/server.hpp"

#include <sys/resource.h>
#include <sys/stat.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <charconv>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "base/log.hpp"
#include "base/round.hpp"
#include "gateway/http_date.hpp"
#include "gateway/in_room.hpp"
#include "gateway/session.hpp"

namespace forecourt::gateway {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

constexpr std::chrono::milliseconds k_sweep_interval{100};

/// "host:port" or "[v6]:port".
Result<tcp::endpoint> parse_listen(const std::string& listen) {
  const size_t colon = listen.rfind(':');
  const std::string wrong = "listen address \"" + listen + "\": ";
  if (colon == std::string::npos) return invalid(wrong + "must be host:port");
  std::string host = listen.substr(0, colon);
  if (host.size() > 1 && host.front() == '[' && host.back() == ']')
    host = host.substr(1, host.size() - 2);
  if (host == "localhost") host = "127.0.0.1";
  uint16_t port = 0;
  const char* end = listen.data() + listen.size();
  const auto [stop, failed] = std::from_chars(listen.data() + colon + 1, end, port);
  if (failed != std::errc() || stop != end) return invalid(wrong + "the port must be 0 to 65535");
  error_code error;
  const auto address = asio::ip::make_address(host.empty() ? "0.0.0.0" : host, error);
  if (error) return invalid(wrong + "the host must be an IP address or localhost");
  return tcp::endpoint(address, port);
}

Peer peer_of(const tcp::socket& socket, const Networks& proxies) {
  error_code error;
  const auto address = socket.remote_endpoint(error).address();
  Peer peer;
  if (error) return peer;
  peer.address = address.is_v4()
                     ? asio::ip::make_address_v6(asio::ip::v4_mapped, address.to_v4()).to_bytes()
                     : address.to_v6().to_bytes();
  peer.text = ip_text(peer.address);
  peer.trusted = contains(proxies, peer.address);
  return peer;
}

/// Just below half of the descriptors: the other half is for stores, files and outbound
/// connections.
size_t connections_max(const Limits& limits) {
  if (limits.connections > 0) return limits.connections;
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  const auto most = static_cast<size_t>(std::min<rlim_t>(files.rlim_cur, 1 << 20));
  return most > 64 ? most / 2 - 16 : 16;
}

struct EndRound {
  using allocator_type = InRoom<std::byte>;

  allocator_type get_allocator() const { return allocator_type(room); }
  void operator()() const { round.end(); }

  Round& round;
  Room& room;
};

}  // namespace

struct Server::Impl {
  explicit Impl(ServerOptions given)
      : options(std::move(given)),
        pipeline(
            {options.limits, options.clock, options.directory, options.spool_folder,
             HostEndpoints::Parts{options.assets_folder, options.readiness, options.more_metrics},
             options.tokens, options.access_log}),
        answers(std::make_shared<AnswerQueue>(
            io,
            [this](std::shared_ptr<ServedExchange> exchange) {
              if (exchange->owner) static_cast<Session*>(exchange->owner)->on_answer(*exchange);
              exchange.reset();
              let_held_go();
            })),
        context{pipeline,
                answers,
                {},
                options.clock->monotonic_ns(),
                {},
                false,
                options.trusted_proxies,
                {},
                [this](Session& session) { remove(session); }},
        connections_most(connections_max(options.limits)) {}

  /// Those that were refused for want of room get it in the order they were.
  void let_held_go() {
    while (!context.held.empty() && pipeline.has_room()) {
      const std::shared_ptr<Session> session = context.held.front().lock();
      context.held.pop_front();
      if (session) session->on_room();
    }
  }

  Result<void> bind() {
    auto endpoint = parse_listen(options.listen);
    if (!endpoint) return endpoint.error();
    error_code error;
    acceptor.open(endpoint->protocol(), error);
    if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error) acceptor.bind(*endpoint, error);
    if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
    if (error)
      return Error{Code::unavailable,
                   "cannot listen on " + options.listen + ": " + error.message()};
    port = acceptor.local_endpoint(error).port();
    return {};
  }

  void accept() {
    acceptor.async_accept([this](error_code error, tcp::socket socket) {
      if (error == asio::error::operation_aborted || !acceptor.is_open()) return;
      accept_again = true;
      if (error == asio::error::no_descriptors || error == asio::error::no_buffer_space)
        return;  // trying at once would only spin
      if (!error) add(std::move(socket));
      accept();
    });
    accept_again = false;
  }

  /// An exception passed through the loop: it may have been the end of the accept under way.
  void accept_anew() {
    error_code ignored;
    acceptor.cancel(ignored);
    accept_again = true;
  }

  void add(tcp::socket socket) {
    if (sessions.size() >= connections_most) return turn_away(std::move(socket));
    make_room_to_leave();
    Peer peer = peer_of(socket, options.trusted_proxies);
    auto stream = options.tls ? make_tls_stream(std::move(socket), *options.tls)
                              : make_tcp_stream(std::move(socket));
    auto session = std::make_shared<Session>(std::move(stream), std::move(peer), context);
    session->index = sessions.size();
    sessions.push_back(session);
    pipeline.stats().connections.store(static_cast<int64_t>(sessions.size()),
                                       std::memory_order_relaxed);
    session->start();
  }

  /// A session leaves without an allocation, or it would stay for good when there is none to have.
  void make_room_to_leave() {
    const size_t needed = leaving.size() + sessions.size() + 1;
    if (leaving.capacity() < needed) leaving.reserve(2 * needed);
  }

  void turn_away(tcp::socket socket) {
    pipeline.stats().connections_refused.fetch_add(1, std::memory_order_relaxed);
    if (options.tls) return;  // a handshake would cost what there is too little of
    constexpr std::string_view k_answer =
        "HTTP/1.1 503 Service Unavailable\r\nContent-Type: "
        "application/problem+json\r\nContent-Length: 117\r\n"
        "Retry-After: 1\r\nConnection: close\r\n\r\n"
        "{\"type\":\"about:blank\",\"title\":\"Service "
        "Unavailable\",\"status\":503,\"code\":\"overloaded\","
        "\"detail\":\"too many connections\"}";
    static_assert(k_answer.size() - k_answer.find("\r\n\r\n") - 4 == 117);
    error_code ignored;
    socket.non_blocking(true, ignored);
    socket.write_some(asio::buffer(k_answer.data(), k_answer.size()), ignored);
  }

  void remove(Session& session) {
    const size_t index = session.index;
    std::swap(sessions[index], sessions.back());
    sessions[index]->index = index;
    // Freed by the next sweep or a pending callback, never under the caller's feet.
    leaving.push_back(std::move(sessions.back()));
    sessions.pop_back();
    pipeline.stats().connections.store(static_cast<int64_t>(sessions.size()),
                                       std::memory_order_relaxed);
    if (sessions.empty() && context.draining) note_empty();
  }

  void note_empty() {
    std::lock_guard lock(mutex);
    empty = true;
    wake.notify_all();
  }

  /// The next sweep is planned first: whatever goes wrong in this one, there will be another.
  void sweep() {
    sweep_planned = false;
    timer.expires_after(k_sweep_interval);
    timer.async_wait([this](error_code error) {
      if (!error) sweep();
    });
    sweep_planned = true;
    leaving.clear();
    context.now_ns = options.clock->monotonic_ns();
    const int64_t now_s = options.clock->now_ms() / 1000;
    if (now_s != date_s || context.date.empty()) {
      context.date = http_date(now_s);
      date_s = now_s;
    }
    // Backwards: a session that ends is replaced by the last one, which was seen already.
    for (size_t i = sessions.size(); i-- > 0;) {
      if (i < sessions.size()) sessions[i]->sweep();
    }
    if (accept_again && acceptor.is_open()) accept();
  }

  void begin_drain() {
    error_code ignored;
    acceptor.close(ignored);
    context.draining = true;
    pipeline.host().set_draining();
    for (size_t i = sessions.size(); i-- > 0;) sessions[i]->drain();
    if (sessions.empty()) note_empty();
  }

  /// The I/O thread's round is what one look at the sockets brought. Handlers are run in the order
  /// they became ready, so its end comes after all of them.
  void plan_end(Round& round) { asio::post(io, EndRound{round, round_room}); }

  void end() {
    error_code ignored;
    acceptor.close(ignored);
    answers->close();
    while (!sessions.empty()) sessions.back()->close();
    timer.cancel();
    io.stop();
  }

  const ServerOptions options;
  Room round_room;
  asio::io_context io{1};
  Pipeline pipeline;
  std::shared_ptr<AnswerQueue> answers;
  SessionContext context;
  tcp::acceptor acceptor{io};
  asio::steady_timer timer{io};
  const size_t connections_most;
  std::vector<std::shared_ptr<Session>> sessions;
  std::vector<std::shared_ptr<Session>> leaving;
  bool accept_again = true;  ///< with the next sweep: no accept is under way
  bool sweep_planned = false;
  int64_t date_s = 0;
  uint16_t port = 0;
  std::thread thread;

  std::mutex mutex;
  std::condition_variable wake;
  bool empty = false;  // guarded by mutex: draining is done
};

Server::Server(ServerOptions options) : impl_(std::make_unique<Impl>(std::move(options))) {}
Server::~Server() { stop(); }

Result<void> Server::start() {
  Impl& impl = *impl_;
  if (!impl.options.spool_folder.empty()) ::mkdir(impl.options.spool_folder.c_str(), 0700);
  if (auto bound = impl.bind(); !bound) return bound;
  impl.thread = std::thread([&impl] {
    Round round([&impl](Round& ended) { impl.plan_end(ended); });
    for (;;) {
      try {
        if (!impl.sweep_planned) impl.sweep();  // the first one accepts
        impl.io.run();
        return;
      } catch (const std::exception& error) {
        // The third and last edge where exceptions stop; the connection concerned dies with its
        // callback.
        log::error("gateway", "an exception reached the I/O thread", {{"what", error.what()}});
        impl.accept_anew();
      }
    }
  });
  return {};
}

uint16_t Server::port() const { return impl_->port; }

Result<void> Server::publish(std::vector<http::Service> services) {
  return impl_->pipeline.publish(std::move(services));
}

void Server::ping(std::function<void()> pong) { asio::post(impl_->io, std::move(pong)); }

bool Server::drain(int64_t timeout_ms) {
  Impl& impl = *impl_;
  if (!impl.thread.joinable()) return true;
  asio::post(impl.io, [&impl] { impl.begin_drain(); });
  std::unique_lock lock(impl.mutex);
  return impl.wake.wait_for(lock, std::chrono::milliseconds(timeout_ms),
                            [&] { return impl.empty; });
}

void Server::stop() {
  Impl& impl = *impl_;
  if (!impl.thread.joinable()) return;
  asio::post(impl.io, [&impl] { impl.end(); });
  impl.thread.join();
}

}  // namespace forecourt::gateway
