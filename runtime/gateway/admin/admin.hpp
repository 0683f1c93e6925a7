#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "base/worker_pool.hpp"
#include "events/dispatcher.hpp"
#include "gateway/admin/endpoint.hpp"
#include "gateway/admin/site.hpp"
#include "http/handler.hpp"
#include "jobs/scheduler.hpp"
#include "org/host_directory.hpp"
#include "plugin/registry.hpp"
#include "webhooks/webhooks.hpp"

namespace forecourt::admin {

class Backups;

/// What the endpoints work on. All of it outlives the Admin.
struct Parts {
  org::HostDirectory& directory;
  plugin::Registry& registry;
  Site& site;
  events::Dispatcher& dispatcher;
  jobs::Scheduler& scheduler;
  WorkerPool& workers;
  webhooks::Webhooks& webhooks;
  Backups& backups;
};

/// The admin API. Requests run on the workers; writes one at a time, each stored with its audit
/// entry and, where the request has an Idempotency-Key, with its answer, so that a repeat gets the
/// same answer and changes nothing. To add an endpoint: an operation in openapi.json and a row in
/// its group's file.
class Admin final : public http::Handler {
 public:
  explicit Admin(Parts parts);
  void handle(std::shared_ptr<http::Exchange> exchange) override;

 private:
  http::Response serve(const http::Request& request);
  http::Response serve_write(const Endpoint& endpoint, Call& call);

  Parts parts_;
  std::map<std::string, Endpoint, std::less<>> endpoints_;  // by operation id
  std::mutex writing_;                                      ///< held for the length of a write
};

/// The gateway's entry for it.
http::Service admin_service(std::shared_ptr<Admin> admin);

}  // namespace forecourt::admin
