#include "plugin/generation.hpp"

#include <algorithm>
#include <chrono>
#include <cstring>

#include "base/log.hpp"
#include "base/utf8.hpp"
#include "plugin/call.hpp"
#include "plugin/crash_marker.hpp"
#include "plugin/cut.hpp"
#include "plugin/handles.hpp"
#include "plugin/invoke.hpp"
#include "plugin/services/shim.hpp"
#include "plugin/services/tables.hpp"

namespace forecourt::plugin {
namespace {

constexpr size_t k_fail_bytes_max = 1024;

/// What the lifecycle function that runs on this thread said through `fail`.
struct Lifecycle {
  fc_handle self = 0;
  std::string said;
};
thread_local Lifecycle* t_lifecycle = nullptr;

Result<void> check_names(const PluginTable& table, uint32_t kind,
                         const std::vector<std::string>& names, const std::string& what,
                         const std::string& where) {
  for (const std::string& name : names) {
    if (table.find(kind, name)) continue;
    return invalid("the library has no handler for the " + what + " \"" + name + "\" of " + where);
  }
  for (const fc_handler& handler : table.handlers) {
    if (handler.kind != kind || std::ranges::find(names, handler.name) != names.end()) continue;
    return invalid("the library has a handler for the " + what + " \"" + std::string(handler.name) +
                   "\", which " + where + " does not list");
  }
  return {};
}

}  // namespace

Generation::Generation(GenerationParts parts) : parts_(std::move(parts)) {
  for (const fc_handler& functions : parts_.table.handlers) {
    auto handler = std::make_unique<Handler>();
    handler->functions = functions;
    if (functions.kind == FC_OPERATION) {
      const auto known =
          std::ranges::find(parts_.operations, std::string_view(functions.name), &Operation::id);
      if (known == parts_.operations.end()) continue;
      handler->operation = *known;
      operations_[functions.name] = handler.get();
    }
    handlers_.push_back(std::move(handler));
  }
  host_.size = sizeof(fc_host);
  host_.abi_major = FC_ABI_MAJOR;
  host_.self = handles().open(HandleKind::generation, const_cast<PluginScope*>(&parts_.scope));
  host_.query = &Generation::query;
  host_.fail = &Generation::fail;
  host_.cancelled = &Generation::cancelled;
  host_.deadline_ms = &Generation::deadline_ms;
  host_.generation = this;
}

Generation::~Generation() {
  close();
  handles().close(host_.self);
}

Result<void> Generation::check_handlers(const PluginTable& table,
                                        const std::vector<Operation>& operations,
                                        const std::vector<std::string>& consumes,
                                        const std::vector<std::string>& jobs) {
  std::vector<std::string> ids;
  for (const Operation& operation : operations) ids.push_back(operation.id);
  if (auto ok = check_names(table, FC_OPERATION, ids, "operation", "openapi.json"); !ok) return ok;
  if (auto ok = check_names(table, FC_EVENT, consumes, "event", "events.consumes of plugin.json");
      !ok)
    return ok;
  if (auto ok = check_names(table, FC_JOB, jobs, "job", "jobs of plugin.json"); !ok) return ok;
  for (const Operation& operation : operations) {
    const fc_handler* const handler = table.find(FC_OPERATION, operation.id);
    if (handler->prepare && operation.access != Access::write) {
      return invalid("the operation \"" + operation.id +
                     "\" has a prepare function, which only access \"write\" runs");
    }
  }
  return {};
}

template <class Function>
Result<void> Generation::lifecycle(const char* name, Function&& function) {
  Lifecycle running{host_.self, {}};
  t_lifecycle = &running;
  std::string diagnostic;
  fc_status status;
  {
    CrashScope guard(parts_.scope.crash_site.get(), name);
    status = invoke(function, diagnostic);
  }
  t_lifecycle = nullptr;
  if (status >= FC_OK) return {};
  std::string why = std::string("its ") + name + " function ";
  why += diagnostic.empty() ? "returned status " + std::to_string(status) : diagnostic;
  if (!running.said.empty()) why += ": " + running.said;
  return Error{code_of(status), std::move(why)};
}

Result<void> Generation::open() {
  auto opened = lifecycle("open", [this] { return parts_.table.plugin.open(&host_, &instance_); });
  opened_ = opened.ok();
  return opened;
}

Result<void> Generation::start() {
  if (!parts_.table.plugin.start) return {};
  return lifecycle("start", [this] { return parts_.table.plugin.start(instance_); });
}

bool Generation::drain(int64_t timeout_ms) {
  draining_.store(true);
  const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(timeout_ms);
  {
    std::unique_lock lock(idle_mutex_);
    if (!idle_.wait_until(lock, until, [this] { return running_.load() == 0; })) return false;
  }
  if (!opened_ || !parts_.table.plugin.drain) return true;
  auto drained = lifecycle("drain", [this, timeout_ms] {
    return parts_.table.plugin.drain(instance_, parts_.scope.clock->now_ms() + timeout_ms);
  });
  if (!drained) {
    log::warn("plugin", "a drain failed",
              {{"plugin", parts_.scope.id}, {"reason", drained.error().message}});
  }
  return true;
}

void Generation::close() {
  draining_.store(true);
  if (!opened_ || running_.load() != 0) return;
  opened_ = false;
  auto closed = lifecycle("close", [this] {
    parts_.table.plugin.close(instance_);
    return FC_OK;
  });
  if (!closed) {
    log::warn("plugin", "a close failed",
              {{"plugin", parts_.scope.id}, {"reason", closed.error().message}});
  }
}

bool Generation::enter() {
  running_.fetch_add(1);
  if (!draining_.load()) return true;
  leave();
  return false;
}

void Generation::leave() {
  // Sequentially consistent on both sides: either the drain sees this count, or this thread sees
  // the drain.
  if (running_.fetch_sub(1) != 1 || !draining_.load()) return;
  std::lock_guard lock(idle_mutex_);
  idle_.notify_all();
}

const Generation::Handler* Generation::operation(std::string_view id) const {
  const auto found = operations_.find(id);
  return found == operations_.end() ? nullptr : found->second;
}

const Generation::Handler* Generation::find(uint32_t kind, std::string_view name) const {
  for (const auto& handler : handlers_) {
    if (handler->functions.kind == kind && handler->functions.name == name) return handler.get();
  }
  return nullptr;
}

const void* Generation::query(const fc_host* host, const char* service, uint32_t min_size) {
  if (!host || !service) return nullptr;
  HandleTable::Pin pin;
  if (!handles().pin(host->self, HandleKind::generation, pin)) return nullptr;
  const auto& scope = *static_cast<const PluginScope*>(pin.object());
  for (uint32_t i = 0; i < std::size(config::k_services); ++i) {
    if (config::k_services[i] != service) continue;
    const auto which = static_cast<Service>(i);
    if (!scope.has(which)) return nullptr;  // a question, no attempt
    const void* const table = table_of(which);
    uint32_t size = 0;
    std::memcpy(&size, table, sizeof size);
    return size >= min_size ? table : nullptr;
  }
  return nullptr;
}

void Generation::fail(fc_handle subject, const fc_view* message) {
  try {
    std::string_view text;
    if (!read_view(message, text)) return;
    text = cut_utf8(text, k_fail_bytes_max);
    if (!is_utf8(text)) text = "(a reason that is not UTF-8)";
    if (Call* const call = Call::current(); call && call->handle == subject) {
      call->fail_text = text;
    } else if (t_lifecycle && t_lifecycle->self == subject) {
      t_lifecycle->said = text;
    }
  } catch (...) {
  }
}

int32_t Generation::cancelled(fc_handle handle) {
  try {
    HandleTable::Pin pin;
    if (!handles().pin(handle, HandleKind::call, pin)) return 1;
    return static_cast<const Call*>(pin.object())->cancelled() ? 1 : 0;
  } catch (...) {
    return 1;
  }
}

int64_t Generation::deadline_ms(fc_handle handle) {
  try {
    HandleTable::Pin pin;
    if (!handles().pin(handle, HandleKind::call, pin)) return 0;
    return static_cast<const Call*>(pin.object())->deadline_ms();
  } catch (...) {
    return 0;
  }
}

}  // namespace forecourt::plugin
