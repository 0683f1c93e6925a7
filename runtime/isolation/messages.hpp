#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "events/source.hpp"
#include "http/message.hpp"
#include "jobs/scheduler.hpp"
#include "org/directory.hpp"
#include "plugin/plugin_data.hpp"
#include "storage/dump.hpp"

namespace forecourt::isolation {

/// What an ask or a tell is about. What both sides ask each other is of a publisher's outbox.
enum class Verb : uint8_t {
  // Either side asks.
  source_history = 1,
  source_page,
  source_register,
  source_forget,
  // The host asks.
  start = 16,
  set_config,
  set_tree,
  settle,
  stop,
  attach_publisher,
  detach_publisher,
  audit,
  audit_chained,
  parked_events,
  replay_event,
  drop_event,
  resume_events,
  parked_jobs,
  replay_job,
  drop_job,
  drain_events,
  drain_jobs,
  copy_begin,
  copy_stand_still,
  copy_go_on,
  copy_rows,
  copy_changes,
  copy_sequences,
  copy_end,
  // The child asks.
  read_blob = 48,
  // Either side tells.
  published = 64,
  // The child tells.
  state = 80,
  metric,
  denied,
};
inline uint8_t number_of(Verb verb) { return static_cast<uint8_t>(verb); }

/// What a child needs to become a plugin.
struct Start {
  std::string manifest;  ///< JSON
  std::string place;     ///< of the bundle, for error texts
  std::string descriptor;
  std::string openapi;
  std::vector<std::pair<std::string, std::string>> migrations;  ///< names and texts
  std::string library;                                          ///< path
  std::string folder;                                           ///< the plugin's own
  int64_t generation = 0;
  std::string tree;     ///< as pack_tree has it
  std::string secrets;  ///< keys of this plugin alone
  std::string policy;   ///< of the sandbox; empty: none
  std::string around;   ///< report of the layers that the host put around the process
  std::vector<std::string> sandbox_minimum;
  int64_t log_level = 0;
  bool shared_clock = false;  ///< time is on the second descriptor it was given
};
std::string pack(const Start& start);
Result<Start> unpack_start(std::string_view bytes);

std::string pack_tree(const org::Snapshot& tree);
Result<std::shared_ptr<const org::Snapshot>> unpack_tree(std::string_view bytes);

/// A request with what it is made of.
struct Received {
  std::string bytes;  ///< what the views of the request are into
  http::Request request;
  bool spooled = false;
  uint64_t blob_size = 0;
};
std::string pack(const http::Request& request);
Result<void> unpack(std::string_view bytes, Received& received);

std::string pack(const http::Response& response);

std::string pack(const events::History& history);
std::string pack(const events::Page& page);
std::string pack(const events::PageRequest& request);
Result<events::PageRequest> unpack_page_request(std::string_view bytes);

std::string pack(const std::vector<storage::TableShape>& tables);
Result<std::vector<storage::TableShape>> unpack_tables(std::string_view bytes);
std::string pack(const storage::RowsPage& page);
std::string pack(const storage::ChangesPage& page);

std::string pack(const plugin::PluginData::Audit& audit);
std::string pack(const std::vector<events::Parked>& parked);
std::string pack(const std::vector<jobs::Job>& jobs);

/// What a child says of itself twice a second.
struct State {
  plugin::PluginData::Lane lane;
  std::vector<std::string> alarms;
};
std::string pack(const State& state);

struct Sample {
  bool observed = false;  ///< else counted
  std::string name;
  std::string label;
  double value = 0;
};
std::string pack(const Sample& sample);

}  // namespace forecourt::isolation
