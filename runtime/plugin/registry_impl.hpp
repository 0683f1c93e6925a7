#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "plugin/bridge.hpp"
#include "plugin/candidate.hpp"
#include "plugin/registry.hpp"

namespace forecourt::plugin {

/// What runs: a generation and the faces it shows to gateway, dispatcher and scheduler.
struct Running {
  Candidate candidate;
  std::shared_ptr<Generation> generation;
  std::shared_ptr<Bridge> bridge;
  std::shared_ptr<ConfigCell> config;
};

struct Record {
  config::Manifest manifest;
  std::string version;
  std::string library_sha256;
  std::string state = "failed";
  std::string reason;
  int64_t generations = 0;
  std::string openapi;  ///< the last one the gateway took; empty: none yet
  std::shared_ptr<storage::Store> store;
  std::unique_ptr<Running> running;
};

/// The closure of the tree, as stores keep it.
std::vector<storage::OrgPair> closure(const org::Snapshot& tree);

/// A generation that calls are stuck in, and the store they use.
struct Stuck {
  std::shared_ptr<Generation> generation;
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

  std::string folder_of(const std::string& id) const {
    return parts.data_folder + "/plugins/" + id;
  }

  Record* find(const std::string& id) {
    const auto found = records.find(id);
    return found == records.end() ? nullptr : &found->second;
  }

  Result<void> open_store(Record& record, const Candidate& candidate);
  Result<std::unique_ptr<Running>> start(Record& record, Candidate candidate);
  Result<std::unique_ptr<Running>> load(Record& record, Candidate candidate);
  Result<std::unique_ptr<Running>> make(Record& record, const config::Manifest& manifest,
                                        Cause cause);
  Result<void> put_in_force(const std::string& id, Record& record, std::unique_ptr<Running> fresh);
  Result<void> deliver(const std::string& id, Record& record);
  void refuse(const std::string& id, Record& record, const config::Manifest& manifest,
              const Error& error);
  void end(const std::string& id, Record& record);
  void retire(Record& record, std::unique_ptr<Running> old);
  void reap();
  void abandon_stuck();
  Result<void> publish();
  void publish_or_log();
};

}  // namespace forecourt::plugin
