// The keeper's side: a process's life.
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "base/log.hpp"
#include "isolation/isolated_plugin.hpp"
#include "isolation/pack.hpp"
#include "sandbox/policy.hpp"
#include "secrets/secret_box.hpp"

namespace forecourt::isolation {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr size_t k_payload_max = 32u << 20;
constexpr milliseconds k_tick{100};
/// Past a call's deadline, before its process is killed: the lane's own watchdog comes first.
constexpr int64_t k_overdue_ns = 3'000'000'000;
constexpr int k_end_patience_ms = 2'000;
constexpr milliseconds k_backoff_least{100};
constexpr milliseconds k_backoff_most{4'800};

std::vector<std::string> environment() {
  std::vector<std::string> list = {"LANG=C.UTF-8", "PATH=/usr/bin:/bin"};
  for (const char* name : {"TZ", "ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS"}) {
    if (const char* value = std::getenv(name)) list.push_back(std::string(name) + "=" + value);
  }
  return list;
}

sandbox::Limits limits_of(const config::Limits& limits) {
  sandbox::Limits bounds;
  bounds.memory_bytes = static_cast<uint64_t>(limits.memory_max_bytes);
  bounds.processes = static_cast<uint64_t>(limits.threads_max);
  return bounds;
}

}  // namespace

/// The thread that starts a process must live as long as it: this one.
void IsolatedPlugin::keep() {
  for (;;) {
    run_process();
    std::unique_lock lock(mutex_);
    if (!ending_ && rest(lock)) continue;
    phase_ = Phase::ended;
    changed_.notify_all();
    release_waiting(lock);
    return;
  }
}

/// Until the next start. False: there is none.
bool IsolatedPlugin::rest(std::unique_lock<std::mutex>& lock) {
  if (first_) return false;  // whoever applied it is told, and it never served
  const Time now = steady_clock::now();
  const milliseconds window(limits_.crash_window_ms);
  while (!crashes_.empty() && now - crashes_.front() > window) crashes_.pop_front();
  if (static_cast<int64_t>(crashes_.size()) >= limits_.crashes_max) {
    phase_ = Phase::quarantined;
    log::error("isolation", "a plugin is quarantined",
               {{"plugin", id_}, {"reason", standing_.reason}});
    changed_.notify_all();
    release_waiting(lock);
    lock.lock();
    changed_.wait(lock, [this] { return ending_ || phase_ != Phase::quarantined; });
    return !ending_;
  }
  if (crashes_.size() <= 1) {
    phase_ = Phase::starting;
    return true;
  }
  milliseconds wait = k_backoff_least;
  for (size_t i = 2; i < crashes_.size() && wait < k_backoff_most; ++i) wait *= 2;
  phase_ = Phase::resting;
  changed_.notify_all();
  release_waiting(lock);
  lock.lock();
  changed_.wait_for(lock, std::min(wait, k_backoff_most), [this] { return ending_; });
  if (ending_) return false;
  phase_ = Phase::starting;
  return true;
}

Result<std::unique_ptr<sandbox::Child>> IsolatedPlugin::spawn(LogPipe& log,
                                                              const sandbox::Cgroup* cgroup,
                                                              int& connection) {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
    return internal(std::string("a socket pair: ") + std::strerror(errno));
  sandbox::Command command;
  command.program = parts_.program;
  command.arguments = {"forecourt", "plugin-host", id_};
  command.environment = environment();
  command.errors = log.writing_end();
  command.output = log.writing_end();
  command.descriptors = {ends[1]};
  if (parts_.shared_clock >= 0) command.descriptors.push_back(parts_.shared_clock);
  auto child = sandbox::Child::start(command, cgroup);
  ::close(ends[1]);
  log.started();
  if (!child) {
    ::close(ends[0]);
    return child.error();
  }
  connection = ends[0];
  return child;
}

Start IsolatedPlugin::start_message(const sandbox::Child& child, const sandbox::Cgroup* cgroup,
                                    uint32_t user) const {
  Start start;
  {
    std::lock_guard lock(mutex_);
    start.manifest = config::to_json(manifest_);
  }
  start.place = texts_.folder;
  start.descriptor = texts_.descriptor_text;
  start.openapi = texts_.openapi;
  for (const storage::Migration& one : texts_.migrations)
    start.migrations.emplace_back(one.name, one.sql);
  start.library = library_;
  start.folder = folder_;
  start.generation = generation_;
  start.tree = pack_tree(*parts_.directory->snapshot());
  start.secrets = secrets::SecretBox(*parts_.secrets_keys, id_).keys();
  start.sandbox_minimum = sandbox_minimum_;
  start.shared_clock = parts_.shared_clock >= 0;
  start.log_level = static_cast<int64_t>(log::lowest());
  if (cgroup == nullptr) return start;
  sandbox::Policy policy;
  policy.name = id_;
  policy.own_folder = folder_;
  policy.read_only = sandbox::system_paths();
  policy.read_only.push_back(library_);
  policy.uid = user;
  policy.gid = user;
  policy.parent = ::getpid();
  policy.limits = limits_of(limits_);
  policy.memory_in_cgroup = cgroup->holds_memory();
  policy.processes_in_cgroup = cgroup->holds_processes();
  start.policy = sandbox::to_json(policy);
  sandbox::Report around = child.report();
  around.add(cgroup->report());
  start.around = sandbox::to_json(around);
  return start;
}

/// One process, from its start to its end.
Error IsolatedPlugin::run_process() {
  std::error_code ignored;
  std::filesystem::create_directories(folder_, ignored);
  std::filesystem::permissions(folder_, std::filesystem::perms::owner_all, ignored);
  LogPipe log(id_);
  int socket = -1;
  // Before the process that is in it, so that it goes after it.
  const auto cgroup = parts_.sandboxed ? sandbox::Cgroup::make(id_, limits_of(limits_)) : nullptr;
  const auto user = cgroup && parts_.users ? parts_.users->of(id_) : Result<uint32_t>(0u);
  auto child = user ? spawn(log, cgroup.get(), socket) : user.error();
  if (!child) {
    ended("it cannot be started: " + child.error().message, {});
    return child.error();
  }
  const auto connection = std::make_shared<Channel>(socket, k_payload_max);
  {
    std::lock_guard lock(mutex_);
    if (ending_) return Error{Code::cancelled, "it ends"};
    connection_ = connection;
    ended_why_.clear();
    state_ = {};
    standing_.process = (*child)->pid();
  }
  connection->ask(number_of(Verb::start), pack(start_message(**child, cgroup.get(), *user)),
                  [this](Result<std::string> answer) { started(std::move(answer)); });
  Channel::Hooks hooks;
  hooks.frame = [this](const Frame& frame) { return take(frame); };
  hooks.tick = [this] { tick(); };
  hooks.interval = k_tick;
  hooks.watched = log.reading_end();
  hooks.readable = [&log] { return log.take(); };
  const Error why = connection->run(std::move(hooks));

  bool asked;
  {
    std::lock_guard lock(mutex_);
    asked = ending_;
    channel_.reset();
    connection_.reset();
    if (!ending_ && phase_ == Phase::running) phase_ = Phase::starting;
    if (why.code == Code::invalid && ended_why_.empty()) ended_why_ = why.message;
    standing_.process = 0;
  }
  connection->close();
  // One that broke a rule is not given the time to end by itself.
  auto exit =
      why.code == Code::invalid ? std::nullopt : (*child)->wait(asked ? k_end_patience_ms : 50);
  if (!exit) {
    (*child)->signal(SIGKILL);
    exit = (*child)->wait();
  }
  log.take();
  std::string how = "its process " + (exit ? exit->text() : std::string("ended"));
  if (cgroup && cgroup->out_of_memory_kills() > 0) how += ": it took more memory than it may";
  {
    std::lock_guard lock(mutex_);
    if (!ended_why_.empty()) how = "its process was ended: " + ended_why_;
  }
  if (!asked) ended(how, log.last_lines());
  fail_calls();
  return why;
}

/// Notes how a process ended that nobody asked to.
void IsolatedPlugin::ended(const std::string& how, std::vector<std::string> last_lines) {
  log::error("isolation", "a plugin's process has ended", {{"plugin", id_}, {"reason", how}});
  std::lock_guard lock(mutex_);
  ++standing_.crashes;
  standing_.reason = how;
  standing_.last_lines = std::move(last_lines);
  crashes_.push_back(steady_clock::now());
  // A start that was refused has said why.
  if (start_error_.message.empty()) start_error_ = Error{Code::unavailable, how};
}

/// On the reading thread.
void IsolatedPlugin::started(Result<std::string> answer) {
  std::unique_lock lock(mutex_);
  if (!connection_) return;
  if (!answer) {
    // When the process ended before it answered, how it ended says more.
    if (answer.error().message != "the connection has ended") {
      start_error_ = answer.error();
      if (ended_why_.empty()) ended_why_ = answer.error().message;
    }
    connection_->close();
    return;
  }
  auto report = sandbox::report_of(*answer);
  if (!report) {
    ended_why_ = "it said of its sandbox what cannot be read";
    connection_->close();
    return;
  }
  standing_.sandbox = sandbox::to_json(*report);
  channel_ = connection_;
  const bool again = !first_ && delivering_;
  first_ = false;
  if (ending_) {
    channel_.reset();
    return;
  }
  phase_ = Phase::running;
  changed_.notify_all();
  release_waiting(lock);
  if (again) {
    // Asks the process, so not here.
    if (const auto self = weak_from_this().lock())
      parts_.workers->submit([self] { self->attach_publishers(); });
  }
}

void IsolatedPlugin::end_process(const std::string& why) {
  std::lock_guard lock(mutex_);
  if (ended_why_.empty()) ended_why_ = why;
  if (connection_) connection_->close();
}

/// Ends a process that hangs; tells it what nobody waits for any more.
void IsolatedPlugin::tick() {
  const int64_t now_ns = parts_.clock->monotonic_ns();
  std::vector<uint64_t> cancelled;
  std::shared_ptr<Channel> channel;
  bool hangs = false;
  {
    std::lock_guard lock(mutex_);
    channel = connection_;
    for (auto& [number, open] : calls_) {
      if (now_ns > open.exchange->request().deadline_monotonic_ns + k_overdue_ns) hangs = true;
      if (open.cancelled || !open.exchange->abandoned()) continue;
      open.cancelled = true;
      cancelled.push_back(number);
    }
  }
  if (hangs) return end_process("a call did not end by its deadline");
  if (!channel) return;
  for (const uint64_t number : cancelled) channel->send(Kind::cancel, 0, number, {});
}

}  // namespace forecourt::isolation
