#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "gateway/forwarded.hpp"
#include "gateway/host_endpoints.hpp"
#include "gateway/limits.hpp"
#include "http/handler.hpp"
#include "org/directory.hpp"

namespace forecourt::gateway {

class TlsContext;
class TokenVerifier;

/// What the server works with; the pointers outlive it.
struct ServerOptions {
  std::string listen = "127.0.0.1:8080";  ///< host:port, "[::1]:8080"; port 0: any free one
  Limits limits;
  const Clock* clock = nullptr;
  const org::Directory* directory = nullptr;
  std::string spool_folder;                         ///< for large raw bodies; made if missing
  std::string assets_folder;                        ///< of swagger-ui-dist; may be missing
  std::function<std::vector<Unready>()> readiness;  ///< cheap: called on the I/O thread
  std::function<std::string()> more_metrics;  ///< Prometheus text of other parts; on the I/O thread
  bool access_log = true;
  TokenVerifier* tokens = nullptr;  ///< null: API keys only
  TlsContext* tls = nullptr;        ///< null: plain HTTP
  Networks trusted_proxies;         ///< whose X-Forwarded-For and Forwarded are believed
};

/// The HTTP server: one thread, which reads, routes, admits, validates and writes; handlers run
/// elsewhere unless they are declared inline. Everything it holds is bounded; overload is answered,
/// never stored.
class Server final : public http::Services {
 public:
  explicit Server(ServerOptions options);
  ~Server() override;  ///< stop().
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Binds and serves. Before it, publish what is to be served.
  Result<void> start();
  uint16_t port() const;  ///< bound; 0 before start
  /// Requests whose head is complete after this returns meet the new services.
  Result<void> publish(std::vector<http::Service> services) override;

  /// Runs `pong` on the I/O thread, soon: that it runs shows the thread to be alive. Between start
  /// and stop; thread-safe.
  void ping(std::function<void()> pong);

  /// Stops accepting, closes idle connections, lets requests in flight finish. True when all
  /// connections ended within `timeout_ms` of real time.
  bool drain(int64_t timeout_ms);
  /// Ends every connection and the thread. Answers that come later are dropped.
  void stop();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace forecourt::gateway
