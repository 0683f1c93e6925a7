#include "app/health.hpp"

namespace forecourt::app {
namespace {

using Lane = plugin::PluginData::Lane;

Lane lane_of(storage::Store& store) {
  storage::Lane& lane = store.lane();
  return {lane.stuck(), lane.read_only_reason(), lane.queued()};
}

void look_at_lane(const std::string& name, const Lane& lane, std::vector<gateway::Unready>& unready,
                  std::string& metrics) {
  if (lane.stuck)
    unready.push_back({"store", name + ": a call is past its deadline and has not returned"});
  if (!lane.read_only_reason.empty())
    unready.push_back({"store", name + ": takes no writes: " + lane.read_only_reason});
  metrics += "forecourt_lane_queued{store=\"" + name + "\"} " + std::to_string(lane.queued) + "\n";
}

}  // namespace

Health::Health(storage::Store& host_store, const plugin::Registry& registry,
               const events::Dispatcher& dispatcher, const webhooks::Webhooks& webhooks)
    : host_store_(host_store), registry_(registry), dispatcher_(dispatcher), webhooks_(webhooks) {}

void Health::refresh() {
  std::vector<gateway::Unready> unready;
  std::string lanes =
      "# HELP forecourt_lane_queued Write calls waiting for a store's lane.\n"
      "# TYPE forecourt_lane_queued gauge\n";
  std::string plugins =
      "# HELP forecourt_plugin_running Whether a plugin runs.\n"
      "# TYPE forecourt_plugin_running gauge\n";
  look_at_lane("host", lane_of(host_store_), unready, lanes);
  look_at_lane("host/webhooks", lane_of(webhooks_.store()), unready, lanes);
  for (const plugin::PluginInfo& info : registry_.plugins()) {
    const bool running = info.state == "running";
    plugins +=
        "forecourt_plugin_running{plugin=\"" + info.id + "\"} " + (running ? "1" : "0") + "\n";
    if (const auto data = registry_.data(info.id))
      look_at_lane(info.id, data->lane(), unready, lanes);
  }
  for (const std::string& alarm : dispatcher_.alarms()) unready.push_back({"events", alarm});
  std::lock_guard lock(mutex_);
  unready_ = std::move(unready);
  metrics_ = plugins + lanes;
}

std::vector<gateway::Unready> Health::unready() const {
  std::lock_guard lock(mutex_);
  return unready_;
}

std::string Health::metrics() const {
  std::lock_guard lock(mutex_);
  return metrics_;
}

}  // namespace forecourt::app
