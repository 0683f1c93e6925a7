#include "jobs/scheduler.hpp"

#include <algorithm>
#include <map>
#include <mutex>
#include <utility>

#include "events/activity.hpp"
#include "jobs/planner.hpp"

namespace forecourt::jobs {

struct Scheduler::Impl {
  Impl(const Clock& clock, WorkerPool& workers, events::RetryPolicy policy)
      : clock(clock), policy(policy), driver(workers) {}

  Result<std::shared_ptr<Planner>> find(const std::string& plugin);
  std::shared_ptr<RemoteJobs> remote_of(const std::string& plugin);
  std::shared_ptr<events::KillCounts> kills_of(storage::Store& store);
  void close(const std::string& plugin);

  const Clock& clock;
  const events::RetryPolicy policy;
  std::function<void(const std::string&)> told;

  std::mutex admin;  // one attach or detach at a time; taken before `mutex`
  std::mutex mutex;  // guards the maps
  std::map<std::string, std::shared_ptr<Planner>> planners;
  std::map<std::string, std::shared_ptr<RemoteJobs>> remotes;
  std::map<const storage::Store*, std::shared_ptr<events::KillCounts>> kills;

  events::Driver driver;  // last: its thread ends before what the planners use
};

Result<std::shared_ptr<Planner>> Scheduler::Impl::find(const std::string& plugin) {
  std::lock_guard lock(mutex);
  const auto found = planners.find(plugin);
  if (found == planners.end()) return not_found(plugin + " does not run or has no jobs");
  return found->second;
}

std::shared_ptr<RemoteJobs> Scheduler::Impl::remote_of(const std::string& plugin) {
  std::lock_guard lock(mutex);
  const auto found = remotes.find(plugin);
  return found == remotes.end() ? nullptr : found->second;
}

/// One count for as long as a store with a kill is open: a new generation must not count it again.
std::shared_ptr<events::KillCounts> Scheduler::Impl::kills_of(storage::Store& store) {
  if (store.last_kill() == nullptr)
    return std::make_shared<events::KillCounts>(store, "job", policy);
  std::lock_guard lock(mutex);
  std::shared_ptr<events::KillCounts>& counts = kills[&store];
  if (!counts) counts = std::make_shared<events::KillCounts>(store, "job", policy);
  return counts;
}

void Scheduler::Impl::close(const std::string& plugin) {
  std::shared_ptr<Planner> ending;
  {
    std::lock_guard lock(mutex);
    remotes.erase(plugin);
    const auto found = planners.find(plugin);
    if (found == planners.end()) return;
    ending = std::move(found->second);
    planners.erase(found);
  }
  ending->close();
}

Scheduler::Scheduler(const Clock& clock, WorkerPool& workers, events::RetryPolicy policy)
    : impl_(std::make_unique<Impl>(clock, workers, policy)) {}

Scheduler::~Scheduler() { stop(); }

void Scheduler::on_commit(std::function<void(const std::string&)> told) {
  impl_->told = std::move(told);
}

void Scheduler::attach(const std::string& plugin, storage::Store* store,
                       std::shared_ptr<Runner> runner) {
  std::lock_guard admin(impl_->admin);
  impl_->close(plugin);
  auto attached = std::make_shared<Attached>();
  attached->plugin = plugin;
  attached->store = store;
  attached->runner = std::move(runner);
  attached->kills = impl_->kills_of(*store);
  attached->clock = &impl_->clock;
  attached->policy = impl_->policy;
  attached->committed = [impl = impl_.get(), plugin] {
    if (impl->told) impl->told(plugin);
  };
  auto planner = std::make_shared<Planner>(impl_->driver, std::move(attached));
  impl_->driver.add(planner);
  {
    std::lock_guard lock(impl_->mutex);
    impl_->planners[plugin] = planner;
  }
  planner->wake();
}

void Scheduler::attach(const std::string& plugin, std::shared_ptr<RemoteJobs> remote) {
  std::lock_guard admin(impl_->admin);
  impl_->close(plugin);
  std::lock_guard lock(impl_->mutex);
  impl_->remotes[plugin] = std::move(remote);
}

void Scheduler::detach(const std::string& plugin) {
  std::lock_guard admin(impl_->admin);
  impl_->close(plugin);
}

void Scheduler::notify(const std::string& plugin) {
  std::lock_guard lock(impl_->mutex);
  const auto found = impl_->planners.find(plugin);
  if (found != impl_->planners.end()) found->second->wake();
}

void Scheduler::poll() { impl_->driver.wake_all(); }
void Scheduler::stop() { impl_->driver.stop(); }

bool Scheduler::drain(int64_t timeout_ms) {
  impl_->driver.wake_all();
  if (!impl_->driver.wait_idle(timeout_ms)) return false;
  std::vector<std::shared_ptr<RemoteJobs>> remotes;
  {
    std::lock_guard lock(impl_->mutex);
    for (const auto& [plugin, remote] : impl_->remotes) remotes.push_back(remote);
  }
  return std::ranges::all_of(remotes,
                             [timeout_ms](const auto& one) { return one->drain_jobs(timeout_ms); });
}

Result<std::vector<Job>> Scheduler::parked(const std::string& plugin) {
  if (const auto remote = impl_->remote_of(plugin)) return remote->parked_jobs();
  Result<std::shared_ptr<Planner>> planner = impl_->find(plugin);
  if (!planner) return std::move(planner).error();
  return (*planner)->troubled();
}

Result<void> Scheduler::replay(const std::string& plugin, const std::string& kind,
                               const std::string& key) {
  if (const auto remote = impl_->remote_of(plugin)) return remote->replay_job(kind, key);
  Result<std::shared_ptr<Planner>> planner = impl_->find(plugin);
  if (!planner) return std::move(planner).error();
  return (*planner)->replay(kind, key);
}

Result<void> Scheduler::drop(const std::string& plugin, const std::string& kind,
                             const std::string& key) {
  if (const auto remote = impl_->remote_of(plugin)) return remote->drop_job(kind, key);
  Result<std::shared_ptr<Planner>> planner = impl_->find(plugin);
  if (!planner) return std::move(planner).error();
  return (*planner)->drop(kind, key);
}

}  // namespace forecourt::jobs
