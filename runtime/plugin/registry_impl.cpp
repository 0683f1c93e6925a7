// Switching generations and telling gateway, dispatcher and scheduler.
#include "plugin/registry_impl.hpp"

#include <algorithm>

#include "base/log.hpp"

namespace forecourt::plugin {
namespace {

/// A subscription starts all its publishers at one end, so history is delivered only when it is
/// granted for each of them: a grant for one publisher does not open another's past.
bool is_history_granted(const Candidate& candidate) {
  const std::vector<std::string>& granted = candidate.manifest.grants.history;
  return !candidate.consumes.empty() &&
         std::ranges::all_of(candidate.consumes, [&granted](const std::string& type) {
           return std::ranges::find(granted, type.substr(0, type.find('.'))) != granted.end();
         });
}

}  // namespace

/// Delivers events and jobs to what runs, in place of what ran before.
Result<void> Registry::Impl::deliver(const std::string& id, Record& record) {
  const Running& running = *record.running;
  if (parts.scheduler)
    parts.scheduler->attach(id, record.store.get(), make_runner(running.generation));
  if (!parts.dispatcher) return {};
  parts.dispatcher->attach_publisher(id, record.store.get());
  events::Subscription subscription;
  subscription.subscriber = id;
  subscription.store = record.store.get();
  subscription.consumer = make_consumer(running.generation);
  subscription.types = running.candidate.consumes;
  subscription.from_start = is_history_granted(running.candidate);
  return parts.dispatcher->subscribe(std::move(subscription));
}

/// Switches to `fresh`: new requests, events and jobs go to it; what the old generation has begun
/// it finishes.
Result<void> Registry::Impl::put_in_force(const std::string& id, Record& record,
                                          std::unique_ptr<Running> fresh) {
  std::unique_ptr<Running> old;
  {
    std::lock_guard lock(mutex);
    old = std::exchange(record.running, std::move(fresh));
  }
  auto served = publish();
  if (served) served = deliver(id, record);
  if (!served) {
    std::unique_ptr<Running> failed;
    {
      std::lock_guard lock(mutex);
      failed = std::exchange(record.running, std::move(old));
    }
    if (record.running) {
      failed->bridge->set_successor(record.running->bridge);
      if (auto restored = deliver(id, record); !restored)
        log::error("plugin", restored.error().message);
    }
    publish_or_log();
    retire(record, std::move(failed));
    return served;
  }
  {
    std::lock_guard lock(mutex);
    const Candidate& candidate = record.running->candidate;
    record.manifest = candidate.manifest;
    record.version = candidate.bundle.descriptor.version.text();
    record.library_sha256 = candidate.bundle.library_sha256;
    record.openapi = candidate.openapi;
    record.generations = record.running->generation->scope().generation;
    record.state = "running";
    record.reason.clear();
  }
  if (old) {
    old->bridge->set_successor(record.running->bridge);
    retire(record, std::move(old));
  }
  return {};
}

/// Lets a generation finish its calls and closes it; one with stuck calls is kept until they end.
void Registry::Impl::retire(Record& record, std::unique_ptr<Running> old) {
  if (old->generation->drain(parts.drain_timeout_ms)) {
    old->generation->close();
    return;
  }
  log::error("plugin", "calls are stuck in an old generation; it is left alone",
             {{"plugin", old->generation->scope().id},
              {"generation", std::to_string(old->generation->scope().generation)},
              {"calls", std::to_string(old->generation->running())}});
  retired.push_back({old->generation, record.store});
}

void Registry::Impl::reap() {
  std::erase_if(retired, [](const Stuck& stuck) {
    if (stuck.generation->running() != 0) return false;
    stuck.generation->close();
    return true;
  });
}

/// The process ends while a plugin does not return: its store cannot be closed under it.
void Registry::Impl::abandon_stuck() {
  static auto* const abandoned = new std::vector<Stuck>;
  for (Stuck& stuck : retired) {
    log::error("plugin", "a plugin does not return; its store is not closed",
               {{"plugin", stuck.generation->scope().id}});
    abandoned->push_back(std::move(stuck));
  }
  retired.clear();
}

/// Notes why a manifest is not in force. A generation that runs goes on.
void Registry::Impl::refuse(const std::string& id, Record& record, const config::Manifest& manifest,
                            const Error& error) {
  log::error("plugin", "a plugin does not run as its manifest says",
             {{"plugin", id}, {"reason", error.message}});
  {
    std::lock_guard lock(mutex);
    record.reason = error.message;
    if (!record.running) {
      record.state = "failed";
      record.manifest = manifest;
    }
  }
  publish_or_log();
}

/// Takes a plugin out of service: its routes answer 503, its outbox is still delivered to others.
void Registry::Impl::end(const std::string& id, Record& record) {
  std::unique_ptr<Running> old;
  {
    std::lock_guard lock(mutex);
    old = std::move(record.running);
  }
  publish_or_log();
  if (parts.dispatcher) parts.dispatcher->detach(id);
  if (parts.scheduler) parts.scheduler->detach(id);
  if (old) retire(record, std::move(old));
  if (parts.dispatcher && record.store && !stopped)
    parts.dispatcher->attach_publisher(id, record.store.get());
}

Result<void> Registry::Impl::publish() {
  if (!parts.services) return {};
  std::vector<http::Service> services;
  {
    std::lock_guard lock(mutex);
    for (const auto& [id, record] : records) {
      http::Service service;
      service.id = id;
      service.prefix = prefix_of(id);
      service.openapi = record.running ? record.running->candidate.openapi : record.openapi;
      if (record.running && !stopped) {
        service.handler = record.running->bridge;
      } else {
        service.unavailable =
            stopped ? "the host stops"
                    : record.state + (record.reason.empty() ? "" : ": ") + record.reason;
      }
      services.push_back(std::move(service));
    }
  }
  return parts.services->publish(std::move(services));
}

void Registry::Impl::publish_or_log() {
  if (auto published = publish(); !published) {
    log::error("plugin", "the routes cannot be published", {{"reason", published.error().message}});
  }
}

}  // namespace forecourt::plugin
