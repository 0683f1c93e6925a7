#pragma once

#include <memory>
#include <string>
#include <vector>

#include "http/message.hpp"

namespace forecourt::http {

/// One request in flight and the way to answer it. Lives until answered (the handler keeps the pointer).
class Exchange {
 public:
  virtual ~Exchange() = default;
  virtual const Request& request() const = 0;
  /// Exactly once, from any thread. Never blocks.
  virtual void answer(Response response) = 0;
  /// The client is gone or the deadline has passed: nobody waits for the answer. Thread-safe.
  virtual bool abandoned() const = 0;
};

/// The one seam between gateway and what serves: a plugin in process, a plugin in a process of its own, the
/// admin API. `handle` is called on the gateway's I/O thread and must not block, except for operations
/// declared `inline`; it answers every exchange exactly once, sooner or later.
class Handler {
 public:
  virtual ~Handler() = default;
  virtual void handle(std::shared_ptr<Exchange> exchange) = 0;
};

/// What the gateway serves under a path prefix. The operations, their access, scopes and limits are read from
/// the OpenAPI document (docs/WRITING_A_PLUGIN.md lists the x-forecourt members).
struct Service {
  std::string id;       ///< plugin id, or "admin"
  std::string prefix;   ///< "/v1/coupons" or "/admin/v1": the document's paths are below it
  std::string openapi;  ///< an OpenAPI 3.1 document, already checked
  std::shared_ptr<Handler> handler;  ///< null while unavailable
  std::string unavailable;           ///< why its routes answer 503; empty when it serves
};

/// The gateway's side of the registry: replaces what is served, atomically; requests in flight keep the
/// handler they started with. Thread-safe.
class Services {
 public:
  virtual ~Services() = default;
  virtual Result<void> publish(std::vector<Service> services) = 0;
};

}  // namespace forecourt::http
