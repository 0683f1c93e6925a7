// Switching generations and telling gateway, dispatcher and scheduler.
#include "plugin/registry_impl.hpp"

#include "base/log.hpp"
#include "storage/foreign.hpp"

namespace forecourt::plugin {
void Registry::Impl::note_running(Record& record) {
  std::lock_guard lock(mutex);
  const Candidate& candidate = record.running->candidate;
  record.manifest = candidate.manifest;
  record.version = candidate.bundle.descriptor.version.text();
  record.library_sha256 = candidate.bundle.library_sha256;
  record.openapi = candidate.openapi;
  record.generations = record.running->generation;
  record.state = "running";
  record.reason.clear();
}

/// Makes the candidate run in place of what ran.
Result<void> Registry::Impl::change(const std::string& id, Record& record, Candidate candidate) {
  const bool isolated = is_isolated(candidate.manifest);
  if (record.running && (isolated || record.running->isolated()))
    return hand_over(id, record, std::move(candidate));
  if (!isolated && storage::is_foreign(parts.data_folder, id)) {
    if (auto home = bring_home(record, candidate); !home) return home;
  }
  auto fresh = start(record, std::move(candidate));
  if (!fresh) return fresh.error();
  return put_in_force(id, record, std::move(*fresh));
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
  if (served) served = record.running->live->deliver();
  if (!served) {
    std::unique_ptr<Running> failed;
    {
      std::lock_guard lock(mutex);
      failed = std::exchange(record.running, std::move(old));
    }
    if (record.running) {
      failed->live->set_successor(record.running->live->handler());
      if (auto restored = record.running->live->deliver(); !restored)
        log::error("plugin", restored.error().message);
    }
    publish_or_log();
    retire(id, record, std::move(failed));
    return served;
  }
  note_running(record);
  if (old) {
    old->live->set_successor(record.running->live->handler());
    retire(id, record, std::move(old));
  }
  return {};
}

/// Lets a generation finish its calls and closes it; one with stuck calls is kept until they end.
bool Registry::Impl::retire(const std::string& id, Record& record, std::unique_ptr<Running> old) {
  if (old->live->drain(parts.drain_timeout_ms)) {
    old->live->close();
    return true;
  }
  log::error("plugin", "calls are stuck in an old generation; it is left alone",
             {{"plugin", id},
              {"generation", std::to_string(old->generation)},
              {"calls", std::to_string(old->live->calls())}});
  retired.push_back({id, old->live, record.store});
  return false;
}

void Registry::Impl::reap() {
  std::erase_if(retired, [](const Stuck& stuck) {
    if (stuck.live->calls() != 0) return false;
    stuck.live->close();
    return true;
  });
}

/// The process ends while a plugin does not return: its store cannot be closed under it.
void Registry::Impl::abandon_stuck() {
  static auto* const abandoned = new std::vector<Stuck>;
  for (Stuck& stuck : retired) {
    log::error("plugin", "a plugin does not return; its store is not closed",
               {{"plugin", stuck.plugin}});
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
  if (old) retire(id, record, std::move(old));
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
      if (record.waiting && !stopped) {
        service.handler = record.waiting;
      } else if (record.running && !stopped) {
        service.handler = record.running->live->handler();
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
