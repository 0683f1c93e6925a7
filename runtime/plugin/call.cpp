#include "plugin/call.hpp"

#include "plugin/handles.hpp"

namespace forecourt::plugin {
namespace {

thread_local Call* t_current = nullptr;

}  // namespace

std::vector<std::string_view> path_to_root(const org::Snapshot& tree, std::string_view org) {
  std::vector<std::string_view> path;
  const org::Org* at = tree.find(org);
  while (at) {
    path.push_back(at->id);
    at = at->parent.empty() ? nullptr : tree.find(at->parent);
  }
  return path;
}

Call::Call(const PluginScope& the_scope, std::string_view the_name, Origin the_origin,
           int64_t admitted, int64_t deadline)
    : scope(the_scope),
      name(the_name),
      origin(the_origin),
      admitted_ms(admitted),
      deadline_monotonic_ns(deadline),
      handle(handles().open(HandleKind::call, this)) {}

Call::~Call() { end(); }

void Call::end() {
  if (handle != 0) handles().close(handle);
  handle = 0;
}

bool Call::cancelled() const {
  if (deadline_monotonic_ns != 0 && scope.clock->monotonic_ns() >= deadline_monotonic_ns)
    return true;
  return origin.exchange && origin.exchange->abandoned();
}

int64_t Call::deadline_ms() const {
  if (deadline_monotonic_ns == 0) return 0;
  return scope.clock->now_ms() + (deadline_monotonic_ns - scope.clock->monotonic_ns()) / 1'000'000;
}

std::string_view Call::caller() const {
  if (origin.exchange) return origin.exchange->request().caller;
  return origin.event ? "event" : "job";
}

std::string_view Call::home_org() const {
  if (origin.exchange) return origin.exchange->request().org;
  return origin.event ? origin.event->org : origin.job->org;
}

bool Call::is_public() const { return origin.exchange && origin.exchange->request().org.empty(); }

std::string_view Call::trace_id() const {
  if (origin.exchange) return origin.exchange->request().trace_id;
  return origin.event ? std::string_view(origin.event->trace_id) : std::string_view();
}

bool Call::is_sampled() const {
  if (origin.exchange) return origin.exchange->request().sampled;
  return !origin.event || origin.event->sampled;
}

const org::Snapshot& Call::tree() {
  if (!tree_) tree_ = scope.directory->snapshot();
  return *tree_;
}

const config::ConfigValues& Call::values() {
  if (!values_) values_ = scope.config->get();
  return *values_;
}

void Call::set_org(std::string_view text) {
  org = text;
  if (session) session->set_org(org);
}

void Call::notify_committed() const {
  if (published && scope.dispatcher) scope.dispatcher->notify(scope.id);
  if (planned && scope.scheduler) scope.scheduler->notify(scope.id);
}

Call* Call::current() { return t_current; }

CallRun::CallRun(Call& call, Phase phase, storage::Session* session)
    : call_(call), outer_(t_current), crash_scope_(call.scope.crash_site.get(), call.name) {
  call.phase = phase;
  call.session = session;
  call.adopted = false;
  call.has_reply = false;
  call.reply = {};
  call.fail_text.clear();
  call.diagnostic.clear();
  call.ids_made = 0;
  call.random.rewind(static_cast<uint32_t>(phase));
  call.set_org(call.home_org());
  if (session) {
    session->allow_unscoped(call.scope.unscoped);
    session->set_deadline(call.deadline_monotonic_ns);
  }
  t_current = &call;
}

CallRun::~CallRun() {
  t_current = outer_;
  call_.rows.clear();
  call_.arena.reset();
  if (call_.session) {
    call_.session->set_org({});
    call_.session->allow_unscoped(false);
    call_.session->set_deadline(0);
  }
  call_.session = nullptr;
  call_.phase = Phase::idle;
}

}  // namespace forecourt::plugin
