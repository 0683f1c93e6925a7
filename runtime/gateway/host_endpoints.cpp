#include "gateway/host_endpoints.hpp"

#include "base/json_text.hpp"

namespace forecourt::gateway {
namespace {

http::Response text(int status, std::string media_type, std::string body) {
  http::Response response;
  response.status = status;
  response.media_type = std::move(media_type);
  response.body = std::move(body);
  return response;
}

}  // namespace

HostEndpoints::HostEndpoints(Parts parts, Stats& stats)
    : parts_(std::move(parts)),
      stats_(stats),
      assets_(parts_.assets_folder),
      livez_(stats.operation("host", "livez")),
      readyz_(stats.operation("host", "readyz")),
      metrics_(stats.operation("host", "metrics")),
      openapi_(stats.operation("host", "openapi")),
      docs_(stats.operation("host", "docs")) {}

OperationStats* HostEndpoints::answer(const RequestHead& head, const RouteTable& routes,
                                      std::optional<http::Response>& answer) {
  const std::string_view path = head.url.path;
  OperationStats* which = nullptr;
  if (path.starts_with("/v1/")) return nullptr;
  if (path == "*") which = livez_;
  if (path == "/livez") which = livez_;
  if (path == "/readyz") which = readyz_;
  if (path == "/metrics") which = metrics_;
  if (path == "/openapi.json") which = openapi_;
  if (path == "/docs" || path.starts_with("/docs/")) which = docs_;
  if (!which) return nullptr;
  if (head.method == "OPTIONS") {
    answer.emplace();
    answer->status = 204;
    answer->headers.emplace_back("Allow", path == "*"
                                              ? "GET, HEAD, PUT, POST, DELETE, PATCH, OPTIONS"
                                              : "GET, HEAD, OPTIONS");
  } else if (head.method != "GET" && head.method != "HEAD") {
    answer = http::problem(405, "method-not-allowed", "allowed here: GET, HEAD, OPTIONS");
    answer->headers.emplace_back("Allow", "GET, HEAD, OPTIONS");
  } else if (head.has_body()) {
    answer = http::problem(400, "invalid-body", "this operation takes no body");
  } else {
    answer = serve(path, head, routes);
  }
  return which;
}

http::Response HostEndpoints::serve(std::string_view path, const RequestHead& head,
                                    const RouteTable& routes) {
  if (path == "/livez") return text(200, "application/json", "{\"status\":\"ok\"}");
  if (path == "/readyz") return ready();
  if (path == "/metrics") return metrics();
  if (path == "/openapi.json") return openapi(head, routes);
  return assets_.serve(path, head.if_none_match);
}

http::Response HostEndpoints::ready() {
  std::vector<Unready> reasons;
  if (parts_.readiness) reasons = parts_.readiness();
  if (draining_.load()) reasons.push_back({"shutdown", "the host is shutting down"});
  std::string body =
      reasons.empty() ? "{\"status\":\"ok\",\"checks\":[" : "{\"status\":\"unready\",\"checks\":[";
  for (const Unready& reason : reasons) {
    if (body.back() != '[') body += ',';
    body += "{\"check\":";
    append_json_string(body, reason.check);
    body += ",\"reason\":";
    append_json_string(body, reason.reason);
    body += '}';
  }
  body += "]}";
  return text(reasons.empty() ? 200 : 503, "application/json", std::move(body));
}

http::Response HostEndpoints::metrics() {
  std::string body = stats_.render();
  if (parts_.more_metrics) body += parts_.more_metrics();
  return text(200, "text/plain; version=0.0.4; charset=utf-8", std::move(body));
}

http::Response HostEndpoints::openapi(const RequestHead& head, const RouteTable& routes) {
  http::Response response;
  response.headers.emplace_back("ETag", routes.openapi_etag());
  response.headers.emplace_back("Cache-Control", "no-cache");
  if (matches_etag(head.if_none_match, routes.openapi_etag())) {
    response.status = 304;
    return response;
  }
  response.status = 200;
  response.media_type = "application/json";
  response.body = routes.openapi();
  return response;
}

}  // namespace forecourt::gateway
