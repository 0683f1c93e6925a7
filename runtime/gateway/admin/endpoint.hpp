#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "gateway/admin/call.hpp"
#include "http/message.hpp"

namespace forecourt::admin {

struct Parts;

struct Endpoint {
  enum class Access { read, write };
  std::string operation_id;  ///< as in openapi.json
  Access access;
  /// Runs on a worker. An error becomes a problem (answers.hpp says which status).
  std::function<Result<http::Response>(Call& call)> run;
};

// One group a file.
std::vector<Endpoint> org_endpoints(Parts& parts);
std::vector<Endpoint> key_endpoints(Parts& parts);
std::vector<Endpoint> plugin_endpoints(Parts& parts);
std::vector<Endpoint> config_endpoints(Parts& parts);
std::vector<Endpoint> webhook_endpoints(Parts& parts);
std::vector<Endpoint> event_endpoints(Parts& parts);
std::vector<Endpoint> job_endpoints(Parts& parts);
std::vector<Endpoint> audit_endpoints(Parts& parts);
std::vector<Endpoint> backup_endpoints(Parts& parts);

}  // namespace forecourt::admin
