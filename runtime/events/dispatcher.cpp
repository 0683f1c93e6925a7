#include "events/dispatcher.hpp"

#include <algorithm>
#include <map>
#include <mutex>
#include <set>
#include <utility>

#include "events/activity.hpp"
#include "events/parking.hpp"
#include "events/pruner.hpp"
#include "events/pump.hpp"
#include "events/retrier.hpp"

namespace forecourt::events {

using storage::Session;
using storage::Store;

namespace {

// The pruner looks by itself now and then; a busy publisher's is woken after this many commits.
constexpr uint64_t k_commits_a_prune = 1024;

using TypesByPublisher = std::map<std::string, std::set<std::string>>;

Result<TypesByPublisher> by_publisher(const std::vector<std::string>& types) {
  TypesByPublisher grouped;
  for (const std::string& type : types) {
    const size_t dot = type.find('.');
    if (dot == 0 || dot == std::string::npos) {
      return invalid("event type \"" + type + "\": must be <plugin>.<thing>.<verb>");
    }
    grouped[type.substr(0, dot)].insert(type);
  }
  return grouped;
}

}  // namespace

struct Dispatcher::Impl {
  struct Publisher {
    std::shared_ptr<Source> source;
    std::shared_ptr<Pruner> pruner;  ///< null: it is pruned in another process
    uint64_t commits = 0;
    std::map<std::string, Cursor> readers_elsewhere;
  };
  struct Outside {
    std::shared_ptr<RemoteSubscriber> subscriber;
    TypesByPublisher types;
  };
  struct Member {
    std::shared_ptr<Subscriber> subscriber;
    TypesByPublisher types;
    bool from_start = false;
    std::shared_ptr<Retrier> retrier;
    std::map<std::string, std::shared_ptr<Pump>> pumps;  // by publisher; only those attached
  };

  Impl(const Clock& clock, WorkerPool& workers, RetryPolicy policy, Retention retention)
      : clock(clock), policy(policy), retention(retention), driver(workers) {}

  void notify(const std::string& publisher);
  std::shared_ptr<KillCounts> kills_of(Store& store);
  std::shared_ptr<Subscriber> make_subscriber(Subscription& subscription);
  void attach(const std::string& id, Publisher publisher);
  void start_pump(Member& member, const std::string& publisher, std::shared_ptr<Source> source);
  std::shared_ptr<RemoteSubscriber> outside_of(const std::string& id);
  std::vector<std::shared_ptr<RemoteSubscriber>> outside_readers(const std::string& publisher);
  std::vector<Reader> running(const std::string& publisher);
  Result<std::shared_ptr<Retrier>> find_retrier(const std::string& id);
  void close_subscriber(const std::string& id);
  void close_publisher(const std::string& id);

  const Clock& clock;
  const RetryPolicy policy;
  const Retention retention;
  std::function<void(const std::string&)> told;
  std::function<void(const std::string&)> notified;

  std::mutex admin;  // one attach, subscribe or detach at a time; taken before `mutex`
  std::mutex mutex;  // guards the maps; never held while a store works
  std::map<std::string, Publisher> publishers;
  std::map<std::string, Member> members;
  std::map<std::string, Outside> outside;
  std::map<const Store*, std::shared_ptr<KillCounts>> kills;

  Driver driver;  // last: its thread ends before what the activities use
};

void Dispatcher::Impl::notify(const std::string& publisher) {
  if (notified) notified(publisher);
  std::lock_guard lock(mutex);
  const auto found = publishers.find(publisher);
  if (found == publishers.end()) return;
  const bool prune = ++found->second.commits % k_commits_a_prune == 0;
  if (prune && found->second.pruner) found->second.pruner->wake();
  for (auto& [id, one] : outside) {
    if (one.types.contains(publisher)) one.subscriber->published(publisher);
  }
  for (auto& [id, member] : members) {
    const auto pump = member.pumps.find(publisher);
    if (pump != member.pumps.end()) pump->second->wake();
  }
}

/// One count for as long as a store with a kill is open: a new generation must not count it again.
std::shared_ptr<KillCounts> Dispatcher::Impl::kills_of(Store& store) {
  if (store.last_kill() == nullptr) return std::make_shared<KillCounts>(store, "event", policy);
  std::lock_guard lock(mutex);
  std::shared_ptr<KillCounts>& counts = kills[&store];
  if (!counts) counts = std::make_shared<KillCounts>(store, "event", policy);
  return counts;
}

std::shared_ptr<Subscriber> Dispatcher::Impl::make_subscriber(Subscription& subscription) {
  auto subscriber = std::make_shared<Subscriber>();
  subscriber->id = std::move(subscription.subscriber);
  subscriber->store = subscription.store;
  subscriber->consumer = std::move(subscription.consumer);
  subscriber->kills = kills_of(*subscription.store);
  subscriber->clock = &clock;
  subscriber->policy = policy;
  subscriber->committed = [this, id = subscriber->id] {
    notify(id);
    if (told) told(id);
  };
  return subscriber;
}

void Dispatcher::Impl::start_pump(Member& member, const std::string& publisher,
                                  std::shared_ptr<Source> source) {
  auto pump = std::make_shared<Pump>(driver, member.subscriber, publisher, std::move(source),
                                     member.types[publisher], member.from_start);
  pump->start();
  driver.add(pump);
  {
    std::lock_guard lock(mutex);
    member.pumps[publisher] = pump;
  }
  pump->wake();
}

std::vector<Reader> Dispatcher::Impl::running(const std::string& publisher) {
  std::lock_guard lock(mutex);
  std::vector<Reader> readers;
  for (const auto& [id, member] : members) {
    const auto pump = member.pumps.find(publisher);
    if (pump == member.pumps.end()) continue;
    std::optional<Cursor> at = pump->second->confirmed();
    if (at) readers.push_back({id, *std::move(at)});
  }
  const auto found = publishers.find(publisher);
  if (found == publishers.end()) return readers;
  for (const auto& [id, at] : found->second.readers_elsewhere) readers.push_back({id, at});
  return readers;
}

std::shared_ptr<RemoteSubscriber> Dispatcher::Impl::outside_of(const std::string& id) {
  std::lock_guard lock(mutex);
  const auto found = outside.find(id);
  return found == outside.end() ? nullptr : found->second.subscriber;
}

std::vector<std::shared_ptr<RemoteSubscriber>> Dispatcher::Impl::outside_readers(
    const std::string& publisher) {
  std::lock_guard lock(mutex);
  std::vector<std::shared_ptr<RemoteSubscriber>> readers;
  for (const auto& [id, one] : outside) {
    if (one.types.contains(publisher)) readers.push_back(one.subscriber);
  }
  return readers;
}

Result<std::shared_ptr<Retrier>> Dispatcher::Impl::find_retrier(const std::string& id) {
  std::lock_guard lock(mutex);
  const auto found = members.find(id);
  if (found == members.end()) return not_found(id + " does not run or takes no events");
  return found->second.retrier;
}

void Dispatcher::Impl::close_subscriber(const std::string& id) {
  Member member;
  {
    std::lock_guard lock(mutex);
    outside.erase(id);
    const auto found = members.find(id);
    if (found == members.end()) return;
    member = std::move(found->second);
    members.erase(found);
  }
  for (auto& [publisher, pump] : member.pumps) pump->close();
  member.retrier->close();
}

void Dispatcher::Impl::close_publisher(const std::string& id) {
  std::vector<std::shared_ptr<Activity>> ending;
  {
    std::lock_guard lock(mutex);
    const auto found = publishers.find(id);
    if (found == publishers.end()) return;
    if (found->second.pruner) ending.push_back(std::move(found->second.pruner));
    publishers.erase(found);
    for (auto& [name, member] : members) {
      const auto pump = member.pumps.find(id);
      if (pump == member.pumps.end()) continue;
      ending.push_back(std::move(pump->second));
      member.pumps.erase(pump);
    }
  }
  for (const std::shared_ptr<Activity>& activity : ending) activity->close();
  for (const auto& reader : outside_readers(id)) reader->publisher_detached(id);
}

Dispatcher::Dispatcher(const Clock& clock, WorkerPool& workers, RetryPolicy policy,
                       Retention retention)
    : impl_(std::make_unique<Impl>(clock, workers, policy, retention)) {}

Dispatcher::~Dispatcher() { stop(); }

void Dispatcher::on_commit(std::function<void(const std::string&)> told) {
  impl_->told = std::move(told);
}

void Dispatcher::on_notify(std::function<void(const std::string&)> told) {
  impl_->notified = std::move(told);
}

void Dispatcher::Impl::attach(const std::string& id, Publisher publisher) {
  const std::shared_ptr<Source> source = publisher.source;
  const std::shared_ptr<Pruner> pruner = publisher.pruner;
  std::vector<Member*> waiting;
  {
    std::lock_guard lock(mutex);
    publishers[id] = std::move(publisher);
    for (auto& [name, member] : members) {
      if (member.types.contains(id)) waiting.push_back(&member);
    }
  }
  for (Member* member : waiting) start_pump(*member, id, source);
  for (const auto& reader : outside_readers(id)) reader->publisher_attached(id);
  if (pruner) pruner->wake();
}

void Dispatcher::attach_publisher(const std::string& id, Store* store) {
  std::lock_guard admin(impl_->admin);
  impl_->close_publisher(id);
  Impl::Publisher publisher;
  publisher.source = std::make_shared<StoreSource>(*store);
  publisher.pruner =
      std::make_shared<Pruner>(impl_->driver, id, *store, impl_->clock, impl_->retention,
                               [impl = impl_.get(), id] { return impl->running(id); });
  impl_->driver.add(publisher.pruner);
  impl_->attach(id, std::move(publisher));
}

void Dispatcher::attach_publisher(const std::string& id, std::shared_ptr<Source> source) {
  std::lock_guard admin(impl_->admin);
  impl_->close_publisher(id);
  Impl::Publisher publisher;
  publisher.source = std::move(source);
  impl_->attach(id, std::move(publisher));
}

std::shared_ptr<Source> Dispatcher::source(const std::string& publisher) const {
  std::lock_guard lock(impl_->mutex);
  const auto found = impl_->publishers.find(publisher);
  return found == impl_->publishers.end() ? nullptr : found->second.source;
}

void Dispatcher::note_reader(const std::string& publisher, const Reader& reader) {
  std::lock_guard lock(impl_->mutex);
  const auto found = impl_->publishers.find(publisher);
  if (found != impl_->publishers.end())
    found->second.readers_elsewhere.insert_or_assign(reader.name, reader.at);
}

Result<void> Dispatcher::subscribe(Subscription subscription) {
  Result<TypesByPublisher> types = by_publisher(subscription.types);
  if (!types) return std::move(types).error();
  if (subscription.store == nullptr || subscription.consumer == nullptr) {
    return invalid(subscription.subscriber + ": a subscription needs a store and a consumer");
  }
  std::lock_guard admin(impl_->admin);
  impl_->close_subscriber(subscription.subscriber);

  Impl::Member member;
  member.types = *std::move(types);
  member.from_start = subscription.from_start;
  member.subscriber = impl_->make_subscriber(subscription);
  member.retrier = std::make_shared<Retrier>(impl_->driver, member.subscriber);
  member.subscriber->set_aside = [retrier = std::weak_ptr(member.retrier)] {
    if (std::shared_ptr<Retrier> alive = retrier.lock()) alive->wake();
  };
  impl_->driver.add(member.retrier);

  const std::string id = member.subscriber->id;
  std::vector<std::pair<std::string, std::shared_ptr<Source>>> attached;
  Impl::Member* placed = nullptr;
  {
    std::lock_guard lock(impl_->mutex);
    placed = &(impl_->members[id] = std::move(member));
    for (const auto& [publisher, wanted] : placed->types) {
      const auto found = impl_->publishers.find(publisher);
      if (found != impl_->publishers.end()) attached.emplace_back(publisher, found->second.source);
    }
  }
  for (const auto& [publisher, source] : attached) impl_->start_pump(*placed, publisher, source);
  placed->retrier->wake();
  return {};
}

Result<void> Dispatcher::subscribe(const std::string& id, const std::vector<std::string>& types,
                                   std::shared_ptr<RemoteSubscriber> remote) {
  Result<TypesByPublisher> grouped = by_publisher(types);
  if (!grouped) return std::move(grouped).error();
  std::lock_guard admin(impl_->admin);
  impl_->close_subscriber(id);
  std::vector<std::string> attached;
  {
    std::lock_guard lock(impl_->mutex);
    for (const auto& [publisher, wanted] : *grouped) {
      if (impl_->publishers.contains(publisher)) attached.push_back(publisher);
    }
    impl_->outside[id] = {remote, *std::move(grouped)};
  }
  for (const std::string& publisher : attached) remote->publisher_attached(publisher);
  return {};
}

void Dispatcher::detach(const std::string& id) {
  std::lock_guard admin(impl_->admin);
  impl_->close_subscriber(id);
  impl_->close_publisher(id);
}

void Dispatcher::notify(const std::string& publisher) { impl_->notify(publisher); }
void Dispatcher::poll() { impl_->driver.wake_all(); }
void Dispatcher::stop() { impl_->driver.stop(); }

bool Dispatcher::drain(int64_t timeout_ms) {
  impl_->driver.wake_all();
  if (!impl_->driver.wait_idle(timeout_ms)) return false;
  std::vector<std::shared_ptr<RemoteSubscriber>> remotes;
  {
    std::lock_guard lock(impl_->mutex);
    for (const auto& [id, one] : impl_->outside) remotes.push_back(one.subscriber);
  }
  return std::ranges::all_of(
      remotes, [timeout_ms](const auto& one) { return one->drain_events(timeout_ms); });
}

Result<std::vector<Parked>> Dispatcher::parked(const std::string& subscriber) {
  if (const auto remote = impl_->outside_of(subscriber)) return remote->parked();
  Result<std::shared_ptr<Retrier>> retrier = impl_->find_retrier(subscriber);
  if (!retrier) return std::move(retrier).error();
  Result<std::vector<ParkedRow>> rows = (*retrier)->rows();
  if (!rows) return std::move(rows).error();
  std::vector<Parked> all;
  for (ParkedRow& row : *rows) {
    all.push_back({std::move(row.publisher), row.event.number, std::move(row.event.type),
                   std::move(row.event.subject), std::move(row.state), row.attempts, row.due_ms,
                   std::move(row.reason)});
  }
  return all;
}

Result<void> Dispatcher::replay(const std::string& subscriber, const std::string& publisher,
                                int64_t number) {
  if (const auto remote = impl_->outside_of(subscriber)) return remote->replay(publisher, number);
  Result<std::shared_ptr<Retrier>> retrier = impl_->find_retrier(subscriber);
  if (!retrier) return std::move(retrier).error();
  return (*retrier)->replay(publisher, number);
}

Result<void> Dispatcher::drop(const std::string& subscriber, const std::string& publisher,
                              int64_t number) {
  if (const auto remote = impl_->outside_of(subscriber)) return remote->drop(publisher, number);
  Result<std::shared_ptr<Retrier>> retrier = impl_->find_retrier(subscriber);
  if (!retrier) return std::move(retrier).error();
  return (*retrier)->drop(publisher, number);
}

Result<void> Dispatcher::resume(const std::string& subscriber, const std::string& publisher) {
  if (const auto remote = impl_->outside_of(subscriber)) return remote->resume(publisher);
  std::shared_ptr<Pump> pump;
  {
    std::lock_guard lock(impl_->mutex);
    const auto member = impl_->members.find(subscriber);
    if (member != impl_->members.end()) {
      const auto found = member->second.pumps.find(publisher);
      if (found != member->second.pumps.end()) pump = found->second;
    }
  }
  if (!pump) return not_found(subscriber + " does not read " + publisher + " now");
  return pump->resume();
}

Result<void> Dispatcher::forget(const std::string& publisher, const std::string& subscriber) {
  std::lock_guard admin(impl_->admin);
  std::shared_ptr<Source> source;
  {
    std::lock_guard lock(impl_->mutex);
    const auto found = impl_->publishers.find(publisher);
    if (found == impl_->publishers.end())
      return Error{Code::unavailable, publisher + " does not run"};
    const auto member = impl_->members.find(subscriber);
    const auto outside = impl_->outside.find(subscriber);
    const bool reads =
        (member != impl_->members.end() && member->second.pumps.contains(publisher)) ||
        (outside != impl_->outside.end() && outside->second.types.contains(publisher));
    if (reads)
      return Error{Code::state, subscriber + " still reads " + publisher + "; disable it first"};
    source = found->second.source;
  }
  Result<bool> removed = source->forget_reader(subscriber);
  if (!removed) return std::move(removed).error();
  if (!*removed) return not_found(publisher + " keeps nothing for " + subscriber);
  return {};
}

std::vector<std::string> Dispatcher::alarms() const {
  std::lock_guard lock(impl_->mutex);
  std::vector<std::string> all;
  for (const auto& [id, member] : impl_->members) {
    for (const auto& [publisher, pump] : member.pumps) {
      std::string alarm = pump->alarm();
      if (!alarm.empty()) all.push_back(std::move(alarm));
    }
  }
  for (const auto& [id, remote] : impl_->outside) {
    for (std::string& alarm : remote.subscriber->alarms()) all.push_back(std::move(alarm));
  }
  for (const auto& [id, publisher] : impl_->publishers) {
    if (!publisher.pruner) continue;
    for (std::string& alarm : publisher.pruner->alarms()) all.push_back(std::move(alarm));
  }
  return all;
}

}  // namespace forecourt::events
