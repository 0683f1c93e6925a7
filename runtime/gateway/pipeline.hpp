#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "gateway/access_log.hpp"
#include "gateway/admission/admission.hpp"
#include "gateway/exchange.hpp"
#include "gateway/host_endpoints.hpp"
#include "gateway/trace.hpp"
#include "gateway/validation.hpp"
#include "http/handler.hpp"
#include "org/directory.hpp"

namespace forecourt::gateway {

/// A request from its complete head to its handler, without sockets: routing, admission,
/// validation. Sessions drive it on the I/O thread; a testkit drives it with `call`. One thread,
/// except publish.
class Pipeline final : public http::Services {
 public:
  struct Parts {
    Limits limits;
    const Clock* clock = nullptr;               ///< outlives the pipeline
    const org::Directory* directory = nullptr;  ///< outlives the pipeline
    std::string spool_folder;                   ///< an existing folder; for large raw bodies
    HostEndpoints::Parts host;
    TokenVerifier* tokens = nullptr;  ///< outlives the pipeline; null: no tokens are taken
    bool access_log = true;
  };
  explicit Pipeline(Parts parts);

  Result<void> publish(std::vector<http::Service> services) override;

  /// What became of a request's head. Exactly one of `answer` and `exchange` is set.
  struct Opened {
    std::optional<http::Response> answer;      ///< refused, or answered by the host itself
    std::shared_ptr<ServedExchange> exchange;  ///< admitted: read its body, then run it
    OperationStats* stats = nullptr;
    std::string plugin;  ///< for the access log, when there is no exchange
  };
  Opened open(const RequestHead& head, CallerCache& cache);

  /// The body is complete: validates and runs. An answer now, or nothing: `sink` gets it.
  std::optional<http::Response> run(const std::shared_ptr<ServedExchange>& exchange,
                                    const std::shared_ptr<AnswerSink>& sink);
  /// The answer to a body that its exchange refused.
  http::Response body_refusal(ServedExchange& exchange) const;
  /// The answer for a handler that did not give one in time: writes may have happened.
  http::Response overdue(const ServedExchange& exchange) const;

  /// One call without a socket: `answer` is called once, on whatever thread the handler answers.
  void call(std::string method, std::string target,
            std::vector<std::pair<std::string, std::string>> headers, std::string body,
            std::function<void(http::Response)> answer);

  /// The trace id of a request that has no exchange.
  std::string trace_of(const RequestHead& head) { return traces_.id_of(head.traceparent); }

  bool has_room() const { return gateway::has_room(*stats_, parts_.limits); }
  Stats& stats() { return *stats_; }
  const Limits& limits() const { return parts_.limits; }
  const Clock& clock() const { return *parts_.clock; }
  AccessLog& access_log() { return access_log_; }
  OperationStats* malformed_stats() { return malformed_stats_; }
  HostEndpoints& host() { return host_; }

 private:
  const std::shared_ptr<const RouteTable>& table();
  Opened refuse(const RouteMatch& match, const RequestHead& head, CallerCache& cache);
  std::shared_ptr<ServedExchange> make_exchange(const RequestHead& head,
                                                const Admission& admission);
  Refused admit(Admission& admission);
  static bool fingerprint(http::Request& request);

  const Parts parts_;
  /// Shared with the route tables: exchanges that outlive the pipeline still count.
  const std::shared_ptr<Stats> stats_;
  AccessLog access_log_;
  OperationStats* const malformed_stats_;
  OperationStats* const unrouted_stats_;
  HostEndpoints host_;

  std::mutex publishing_;
  std::shared_ptr<const RouteTable> published_;  // guarded by publishing_
  std::atomic<uint64_t> version_{0};             // grows with published_

  // The calling thread's own.
  std::shared_ptr<const RouteTable> table_;
  uint64_t table_version_ = 0;
  Traces traces_;
  RateLimit rate_limit_;
  Parameters parameters_;
  BodyCheck body_check_;
  std::string decoded_path_;
};

}  // namespace forecourt::gateway
