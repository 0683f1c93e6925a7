#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "plugin/candidate.hpp"
#include "plugin/live.hpp"
#include "plugin/move.hpp"
#include "plugin/registry.hpp"
#include "plugin/waiting_room.hpp"

namespace forecourt::plugin {

/// What runs, and what it was made from.
struct Running {
  Candidate candidate;
  int64_t generation = 0;
  std::shared_ptr<Live> live;

  bool isolated() const { return is_isolated(candidate.manifest); }
};

struct Record {
  config::Manifest manifest;
  std::string version;
  std::string library_sha256;
  std::string state = "failed";
  std::string reason;
  int64_t generations = 0;
  std::string openapi;                    ///< the last one the gateway took; empty: none yet
  std::shared_ptr<storage::Store> store;  ///< null while it is in a process of the plugin's own
  std::unique_ptr<Running> running;
  std::shared_ptr<WaitingRoom> waiting;  ///< while one process takes over from another
};

/// A generation that calls are stuck in, and the store they use.
struct Stuck {
  std::string plugin;
  std::shared_ptr<Live> live;
  std::shared_ptr<storage::Store> store;
};

struct Registry::Impl {
  explicit Impl(RegistryParts the_parts) : parts(std::move(the_parts)) {}

  const RegistryParts parts;

  std::mutex changing;  // one change at a time; taken before `mutex`
  mutable std::mutex mutex;
  std::map<std::string, Record> records;  // guarded by mutex; changed under both
  std::vector<Stuck> retired;             // guarded by changing
  bool stopped = false;                   // guarded by changing
  std::atomic<bool> ending{false};        ///< a change that takes long is not waited for

  std::string folder_of(const std::string& id) const {
    return parts.data_folder + "/plugins/" + id;
  }

  Record* find(const std::string& id) {
    const auto found = records.find(id);
    return found == records.end() ? nullptr : &found->second;
  }

  // From a manifest to a running generation.
  Result<std::optional<Candidate>> check(Record& record, const config::Manifest& manifest,
                                         Cause cause);
  Result<std::unique_ptr<Running>> start(Record& record, Candidate candidate);
  Result<std::shared_ptr<Live>> start_here(Record& record, const Candidate& candidate,
                                           const std::string& library);
  Result<std::shared_ptr<Live>> start_isolated(Record& record, const Candidate& candidate,
                                               const std::string& library);

  // From one generation to the next.
  Result<void> change(const std::string& id, Record& record, Candidate candidate);
  Result<void> put_in_force(const std::string& id, Record& record, std::unique_ptr<Running> fresh);
  Result<void> hand_over(const std::string& id, Record& record, Candidate candidate);
  Result<void> bring_home(Record& record, const Candidate& candidate);
  Result<void> take_over(const std::string& id, Record& record, Candidate candidate);
  void note_running(Record& record);
  void refuse(const std::string& id, Record& record, const config::Manifest& manifest,
              const Error& error);
  void end(const std::string& id, Record& record);
  bool retire(const std::string& id, Record& record, std::unique_ptr<Running> old);
  void reap();
  void abandon_stuck();
  Result<void> publish();
  void publish_or_log();
};

}  // namespace forecourt::plugin
