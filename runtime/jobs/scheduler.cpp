#include "jobs/scheduler.hpp"

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
  std::shared_ptr<events::KillCounts> kills_of(storage::Store& store);
  void close(const std::string& plugin);

  const Clock& clock;
  const events::RetryPolicy policy;
  std::function<void(const std::string&)> told;

  std::mutex admin;  // one attach or detach at a time; taken before `mutex`
  std::mutex mutex;  // guards the maps
  std::map<std::string, std::shared_ptr<Planner>> planners;
  std::map<const storage::Store*, std::shared_ptr<events::KillCounts>> kills;

  events::Driver driver;  // last: its thread ends before what the planners use
};

Result<std::shared_ptr<Planner>> Scheduler::Impl::find(const std::string& plugin) {
  std::lock_guard lock(mutex);
  const auto found = planners.find(plugin);
  if (found == planners.end()) return not_found(plugin + " does not run or has no jobs");
  return found->second;
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
  return impl_->driver.wait_idle(timeout_ms);
}

Result<std::vector<Job>> Scheduler::parked(const std::string& plugin) {
  Result<std::shared_ptr<Planner>> planner = impl_->find(plugin);
  if (!planner) return std::move(planner).error();
  return (*planner)->troubled();
}

Result<void> Scheduler::replay(const std::string& plugin, const std::string& kind,
                               const std::string& key) {
  Result<std::shared_ptr<Planner>> planner = impl_->find(plugin);
  if (!planner) return std::move(planner).error();
  return (*planner)->replay(kind, key);
}

Result<void> Scheduler::drop(const std::string& plugin, const std::string& kind,
                             const std::string& key) {
  Result<std::shared_ptr<Planner>> planner = impl_->find(plugin);
  if (!planner) return std::move(planner).error();
  return (*planner)->drop(kind, key);
}

}  // namespace forecourt::jobs
