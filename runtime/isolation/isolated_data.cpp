// What the host asks of the data of a plugin that has a process of its own.
#include "isolation/from_child.hpp"
#include "isolation/isolated_plugin.hpp"
#include "isolation/pack.hpp"

namespace forecourt::isolation {

plugin::PluginData::Lane IsolatedPlugin::lane() const {
  std::lock_guard lock(mutex_);
  return state_.lane;
}

// Its events and jobs.

void IsolatedPlugin::publisher_attached(const std::string& publisher) {
  static_cast<void>(ask(Verb::attach_publisher, Packer().put(publisher).bytes()));
}

void IsolatedPlugin::publisher_detached(const std::string& publisher) {
  static_cast<void>(ask(Verb::detach_publisher, Packer().put(publisher).bytes()));
}

void IsolatedPlugin::published(const std::string& publisher) {
  if (const std::shared_ptr<Channel> to = channel())
    to->send(Kind::tell, number_of(Verb::published), 0, publisher, Channel::Leave::soon);
}

Result<std::vector<events::Parked>> IsolatedPlugin::parked() {
  auto answer = ask(Verb::parked_events, {});
  if (!answer) return answer.error();
  return from_child::parked_events(*answer);
}

Result<void> IsolatedPlugin::replay(const std::string& publisher, int64_t number) {
  auto answer = ask(Verb::replay_event, Packer().put(publisher).put(number).bytes());
  if (!answer) return answer.error();
  return {};
}

Result<void> IsolatedPlugin::drop(const std::string& publisher, int64_t number) {
  auto answer = ask(Verb::drop_event, Packer().put(publisher).put(number).bytes());
  if (!answer) return answer.error();
  return {};
}

Result<void> IsolatedPlugin::resume(const std::string& publisher) {
  auto answer = ask(Verb::resume_events, Packer().put(publisher).bytes());
  if (!answer) return answer.error();
  return {};
}

std::vector<std::string> IsolatedPlugin::alarms() const {
  std::lock_guard lock(mutex_);
  return state_.alarms;
}

Result<std::vector<jobs::Job>> IsolatedPlugin::parked_jobs() {
  auto answer = ask(Verb::parked_jobs, {});
  if (!answer) return answer.error();
  return from_child::parked_jobs(*answer);
}

Result<void> IsolatedPlugin::replay_job(const std::string& kind, const std::string& key) {
  auto answer = ask(Verb::replay_job, Packer().put(kind).put(key).bytes());
  if (!answer) return answer.error();
  return {};
}

bool IsolatedPlugin::drain_events(int64_t timeout_ms) {
  return ask(Verb::drain_events, Packer().put(timeout_ms).bytes()).ok();
}

bool IsolatedPlugin::drain_jobs(int64_t timeout_ms) {
  return ask(Verb::drain_jobs, Packer().put(timeout_ms).bytes()).ok();
}

Result<void> IsolatedPlugin::drop_job(const std::string& kind, const std::string& key) {
  auto answer = ask(Verb::drop_job, Packer().put(kind).put(key).bytes());
  if (!answer) return answer.error();
  return {};
}

}  // namespace forecourt::isolation
