#include "isolation/isolated_plugin.hpp"

#include <algorithm>
#include <filesystem>

#include "isolation/pack.hpp"
#include "isolation/wire_rows.hpp"
#include "plugin/answers.hpp"
#include "sandbox/report.hpp"

namespace forecourt::isolation {
namespace {

constexpr size_t k_calls_max = 16'384;
constexpr size_t k_waiting_max = 4'096;
constexpr std::chrono::seconds k_patience{10};
constexpr std::chrono::seconds k_copy_patience{60};
constexpr std::chrono::seconds k_start_patience{60};
constexpr std::chrono::milliseconds k_stop_margin{2'000};

http::Response unavailable(std::string_view detail) {
  http::Response response = http::problem(503, "plugin-unavailable", detail);
  response.headers.emplace_back("Retry-After", "1");
  return response;
}

/// The sandbox has another working folder.
std::string absolute(const std::string& path) {
  return std::filesystem::absolute(path).lexically_normal().string();
}

plugin::Bundle without_library(plugin::Bundle bundle) {
  bundle.library.clear();
  return bundle;
}

}  // namespace

IsolatedPlugin::IsolatedPlugin(const Isolator::Parts& parts, const plugin::Isolation::Order& order)
    : parts_(parts),
      id_(order.candidate.bundle.descriptor.id),
      library_(absolute(order.library)),
      folder_(absolute(order.folder)),
      generation_(order.generation),
      texts_(without_library(order.candidate.bundle)),
      limits_(order.candidate.manifest.limits),
      sandbox_minimum_(order.candidate.manifest.sandbox_minimum),
      consumes_(order.candidate.consumes),
      publishes_(order.candidate.bundle.descriptor.publishes),
      denials_(std::make_shared<plugin::Denials>(id_, *parts.workers, parts.denied)),
      manifest_(order.candidate.manifest) {
  for (const std::string& type : consumes_) publishers_.insert(type.substr(0, type.find('.')));
  for (const plugin::Operation& operation : texts_.operations) {
    writes_[operation.id] = operation.access == plugin::Access::write;
    if (operation.audited) audited_.insert(operation.id);
  }
}

IsolatedPlugin::~IsolatedPlugin() { close(); }

Result<void> IsolatedPlugin::start() {
  keeper_ = std::thread([this] { keep(); });
  std::unique_lock lock(mutex_);
  const bool over =
      changed_.wait_for(lock, k_start_patience, [this] { return phase_ != Phase::starting; });
  if (phase_ == Phase::running) return {};
  Error why = over ? start_error_ : Error{Code::cancelled, "its process did not start in time"};
  lock.unlock();
  close();
  return why;
}

std::shared_ptr<http::Handler> IsolatedPlugin::handler() const {
  return std::const_pointer_cast<IsolatedPlugin>(shared_from_this());
}

std::shared_ptr<plugin::PluginData> IsolatedPlugin::data() const {
  return std::const_pointer_cast<IsolatedPlugin>(shared_from_this());
}

std::shared_ptr<storage::RowSource> IsolatedPlugin::rows() const {
  return std::make_shared<WireRows>(
      [self = shared_from_this()](Verb verb, const std::string& body) {
        return self->ask(verb, body, k_copy_patience);
      });
}

void IsolatedPlugin::set_successor(std::shared_ptr<http::Handler> successor) {
  std::lock_guard lock(mutex_);
  successor_ = std::move(successor);
}

void IsolatedPlugin::handle(std::shared_ptr<http::Exchange> exchange) {
  std::unique_lock lock(mutex_);
  switch (phase_) {
    case Phase::running: {
      std::shared_ptr<Channel> channel = channel_;
      lock.unlock();
      return send(std::move(exchange), std::move(channel));
    }
    case Phase::starting:
      if (waiting_.size() >= k_waiting_max) break;
      waiting_.push_back(std::move(exchange));
      return;
    case Phase::draining:
    case Phase::ended: {
      const std::shared_ptr<http::Handler> successor = successor_;
      lock.unlock();
      if (successor) return successor->handle(std::move(exchange));
      return exchange->answer(unavailable("Not available now, try again later."));
    }
    case Phase::resting:
    case Phase::quarantined: break;
  }
  lock.unlock();
  exchange->answer(unavailable("The plugin's process has ended and is not running again yet."));
}

void IsolatedPlugin::send(std::shared_ptr<http::Exchange> exchange,
                          std::shared_ptr<Channel> channel) {
  if (parts_.call_audit && audited_.contains(exchange->request().operation_id))
    return send_audited(std::move(exchange));
  if (!give(exchange, channel, 0)) handle_again(std::move(exchange));
}

/// False: it did not get there.
bool IsolatedPlugin::give(const std::shared_ptr<http::Exchange>& exchange,
                          const std::shared_ptr<Channel>& to, int64_t audit) {
  if (!to) return false;
  const http::Request& request = exchange->request();
  const std::string bytes = pack(request);
  uint64_t number = 0;
  {
    std::lock_guard lock(mutex_);
    const auto writes = writes_.find(std::string(request.operation_id));
    // The process may have ended meanwhile, or been told to: then its calls have been answered.
    if (phase_ == Phase::running && to == channel_ && calls_.size() < k_calls_max) {
      number = ++number_;
      const bool is_write = writes != writes_.end() && writes->second;
      calls_.emplace(number, Open{exchange, is_write, false, audit});
      if (is_write) parts_.callers->note(id_, request.caller, request.org, request.admitted_ms);
    }
  }
  if (number == 0) return false;
  if (to->send(Kind::call, 0, number, bytes)) return true;
  std::lock_guard lock(mutex_);
  return calls_.erase(number) == 0;  // answered with the others of its process
}

/// One that did not get to the process it was meant for: to wherever the plugin is now.
void IsolatedPlugin::handle_again(std::shared_ptr<http::Exchange> exchange) {
  std::unique_lock lock(mutex_);
  const bool runs = phase_ == Phase::running;
  lock.unlock();
  if (!runs) return handle(std::move(exchange));
  exchange->answer(unavailable("The plugin's process takes no more now, try again."));
}

/// Whoever called the process that has ended learns so.
void IsolatedPlugin::fail_calls() {
  std::unordered_map<uint64_t, Open> calls;
  {
    std::lock_guard lock(mutex_);
    calls.swap(calls_);
  }
  changed_.notify_all();
  for (auto& [number, open] : calls) {
    http::Response answer = open.writes
                                ? plugin::outcome_unknown()
                                : unavailable("The plugin's process ended during the call.");
    conclude(std::move(open), std::move(answer), std::nullopt);
  }
}

/// Gives those that wait to what the plugin has become. Unlocks.
void IsolatedPlugin::release_waiting(std::unique_lock<std::mutex>& lock) {
  std::deque<std::shared_ptr<http::Exchange>> waiting;
  waiting.swap(waiting_);
  lock.unlock();
  for (std::shared_ptr<http::Exchange>& exchange : waiting) handle(std::move(exchange));
}

std::shared_ptr<Channel> IsolatedPlugin::channel() const {
  std::lock_guard lock(mutex_);
  return channel_;
}

Result<std::string> IsolatedPlugin::ask(Verb verb, const std::string& body) const {
  return ask(verb, body, k_patience);
}

Result<std::string> IsolatedPlugin::ask(Verb verb, const std::string& body,
                                        std::chrono::milliseconds patience) const {
  const std::shared_ptr<Channel> to = channel();
  if (!to) return Error{Code::unavailable, id_ + ": its process does not run"};
  return to->ask_and_wait(number_of(verb), body, patience);
}

Result<void> IsolatedPlugin::deliver() {
  {
    std::lock_guard lock(mutex_);
    delivering_ = true;
  }
  const auto self = shared_from_this();
  if (parts_.scheduler) parts_.scheduler->attach(id_, std::shared_ptr<jobs::RemoteJobs>(self));
  if (!parts_.dispatcher) return {};
  const auto source = std::make_shared<WireSource>(
      id_, publishes_,
      [self](Verb verb, const std::string& body) { return self->ask(verb, body); });
  parts_.dispatcher->attach_publisher(id_, source);
  return parts_.dispatcher->subscribe(id_, consumes_,
                                      std::shared_ptr<events::RemoteSubscriber>(self));
}

/// A process that starts again knows of no publisher; and what was published meanwhile waits.
void IsolatedPlugin::attach_publishers() {
  if (!parts_.dispatcher) return;
  for (const std::string& publisher : publishers_) {
    if (parts_.dispatcher->source(publisher)) publisher_attached(publisher);
  }
  parts_.dispatcher->notify(id_);
}

bool IsolatedPlugin::drain(int64_t timeout_ms) {
  const std::chrono::milliseconds patience(timeout_ms);
  {
    std::unique_lock lock(mutex_);
    if (phase_ == Phase::ended) return true;
    ending_ = true;
    phase_ = Phase::draining;
    changed_.notify_all();
    changed_.wait_for(lock, patience, [this] { return calls_.empty(); });
    release_waiting(lock);
  }
  end_unless_done(ask(Verb::settle, Packer().put(timeout_ms).bytes(), patience + k_stop_margin));
  return true;
}

/// A process that does not do as it is told is not waited for.
void IsolatedPlugin::end_unless_done(const Result<std::string>& told) {
  if (!told && told.error().code != Code::unavailable)
    end_process("it did not stop: " + told.error().message);
}

void IsolatedPlugin::close() {
  bool drained;
  {
    std::lock_guard lock(mutex_);
    drained = phase_ == Phase::draining && channel_;
  }
  if (drained) end_unless_done(ask(Verb::stop, Packer().put(0).bytes(), k_stop_margin));
  std::shared_ptr<Channel> connection;
  {
    std::lock_guard lock(mutex_);
    ending_ = true;
    channel_.reset();
    connection = connection_;
    changed_.notify_all();
  }
  if (connection) connection->close();
  if (keeper_.joinable()) keeper_.join();
}

int64_t IsolatedPlugin::calls() const {
  std::lock_guard lock(mutex_);
  return static_cast<int64_t>(calls_.size());
}

Result<void> IsolatedPlugin::set_config(const config::ConfigValues& values) {
  const std::string json = values.to_json();
  {
    std::lock_guard lock(mutex_);
    manifest_.config = json;
    if (!channel_) return {};  // the next start has it
  }
  auto told = ask(Verb::set_config, json);
  if (!told && channel()) return told.error();
  return {};
}

Result<void> IsolatedPlugin::tree_changed() {
  const auto tree = parts_.directory->snapshot();
  if (!channel()) return {};  // the next start has it
  auto told = ask(Verb::set_tree, pack_tree(*tree));
  if (!told && channel()) return told.error();
  return {};
}

plugin::Standing IsolatedPlugin::standing() const {
  std::lock_guard lock(mutex_);
  plugin::Standing standing = standing_;
  switch (phase_) {
    case Phase::running: standing.state = "running"; break;
    case Phase::quarantined: standing.state = "quarantined"; break;
    default: standing.state = "restarting"; break;
  }
  return standing;
}

Result<void> IsolatedPlugin::clear() {
  std::unique_lock lock(mutex_);
  if (phase_ != Phase::quarantined) return Error{Code::state, "it is not quarantined"};
  crashes_.clear();
  phase_ = Phase::starting;
  changed_.notify_all();
  changed_.wait_for(lock, k_start_patience, [this] { return phase_ != Phase::starting; });
  if (phase_ == Phase::running) return {};
  return Error{Code::unavailable, "it does not start: " + standing_.reason};
}

Result<void> Isolator::check(const config::Manifest& manifest) const {
  if (auto known = sandbox::check_demand(manifest.sandbox_minimum); !known)
    return invalid(manifest.source + ": sandbox_minimum: " + known.error().message);
  return {};
}

Result<std::shared_ptr<plugin::Live>> Isolator::start(const Order& order) {
  auto plugin = std::make_shared<IsolatedPlugin>(parts_, order);
  if (auto started = plugin->start(); !started) return started.error();
  return std::shared_ptr<plugin::Live>(std::move(plugin));
}

}  // namespace forecourt::isolation
