#include "cli/target.hpp"

#include <fstream>

#include "base/json.hpp"
#include "cli/data_lock.hpp"
#include "cli/http_client.hpp"

namespace forecourt::cli {
namespace {

std::string kept_key(const Settings& settings) {
  std::string key;
  std::ifstream file(settings.data_path("admin.key"));
  std::getline(file, key);
  return key;
}

std::string with_scheme(std::string url) {
  if (url.find("://") == std::string::npos) url = "http://" + url;
  while (url.ends_with('/')) url.pop_back();
  return url;
}

}  // namespace

Result<Target> find_target(const Whereabouts& where) {
  Target target;
  const std::string address = where.host.empty() ? holder_address(where.settings.data) : where.host;
  if (address.empty()) return target;
  target.running = true;
  target.url = with_scheme(address);
  target.key = where.key;
  if (target.key.empty()) target.key = where.settings.admin_key;
  if (target.key.empty()) target.key = kept_key(where.settings);
  if (!target.key.empty()) return target;
  return invalid("a host runs at " + target.url +
                 ", but no API key is known: give --key, set FORECOURT_ADMIN_KEY, or "
                 "name its data directory with --data");
}

Result<std::string> call_admin(const Target& target, const std::string& method,
                               const std::string& path, const std::string& body) {
  auto reply = request(method, target.url + "/admin/v1" + path, target.key, body);
  if (!reply) return reply.error();
  if (reply->status >= 200 && reply->status < 300) return std::move(reply->body);
  std::string detail;
  if (const auto problem = json::parse(reply->body)) detail = json::text(*problem, "detail");
  if (detail.empty()) detail = reply->body.substr(0, 200);
  const Code code = reply->status == 404 ? Code::not_found : Code::invalid;
  return Error{code, detail + " (" + std::to_string(reply->status) + ")"};
}

}  // namespace forecourt::cli
