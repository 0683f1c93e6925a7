#pragma once

#include <atomic>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gateway/assets.hpp"
#include "gateway/request_head.hpp"
#include "gateway/route_table.hpp"

namespace forecourt::gateway {

/// A check that is not fulfilled: its name and why.
struct Unready {
  std::string check;
  std::string reason;
};

/// What the host answers itself, without a credential: /livez, /readyz, /metrics, /openapi.json,
/// /docs.
class HostEndpoints {
 public:
  struct Parts {
    std::string assets_folder;                        ///< of swagger-ui-dist; may be missing
    std::function<std::vector<Unready>()> readiness;  ///< cheap; may be empty
    std::function<std::string()> more_metrics;        ///< Prometheus text of others; may be empty
  };
  HostEndpoints(Parts parts, Stats& stats);

  /// Nullptr: not one of these paths. Else `answer` is set.
  OperationStats* answer(const RequestHead& head, const RouteTable& routes,
                         std::optional<http::Response>& answer);
  /// From now on /readyz says no: the host is going down. Thread-safe.
  void set_draining() { draining_.store(true); }

 private:
  http::Response serve(std::string_view path, const RequestHead& head, const RouteTable& routes);
  http::Response ready();
  http::Response metrics();
  static http::Response openapi(const RequestHead& head, const RouteTable& routes);

  const Parts parts_;
  Stats& stats_;
  Assets assets_;
  std::atomic<bool> draining_{false};
  OperationStats* const livez_;
  OperationStats* const readyz_;
  OperationStats* const metrics_;
  OperationStats* const openapi_;
  OperationStats* const docs_;
};

}  // namespace forecourt::gateway
