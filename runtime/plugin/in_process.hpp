#pragma once

#include <memory>
#include <string>

#include "plugin/bridge.hpp"
#include "plugin/live.hpp"

namespace forecourt::plugin {

/// What surrounds a generation in the process that runs its code. What is pointed to outlives it.
struct Surroundings {
  const Clock* clock = nullptr;
  WorkerPool* workers = nullptr;
  const org::Directory* directory = nullptr;
  events::Dispatcher* dispatcher = nullptr;  ///< null: no events
  jobs::Scheduler* scheduler = nullptr;      ///< null: no jobs
  std::shared_ptr<const secrets::SecretBox> secrets;
  std::shared_ptr<const CrashSite> crash_site;  ///< null: crashes are not recorded
  int64_t generation = 0;
  std::function<void(std::string_view what)> denied;  ///< as in PluginScope
};

/// Opens a plugin's database; `folder` empty: in memory.
Result<std::shared_ptr<storage::Store>> open_store(const Candidate& candidate,
                                                   const std::string& folder, const Clock& clock);

/// A generation whose code and lane run in this process.
class InProcess final : public Live {
 public:
  /// Brings the store up to date, loads the library and starts an instance.
  static Result<std::shared_ptr<InProcess>> start(const Candidate& candidate,
                                                  const std::string& library,
                                                  std::shared_ptr<storage::Store> store,
                                                  Surroundings surroundings);

  std::shared_ptr<http::Handler> handler() const override { return bridge_; }
  void set_successor(std::shared_ptr<http::Handler> successor) override {
    bridge_->set_successor(std::move(successor));
  }
  Result<void> deliver() override;
  bool drain(int64_t timeout_ms) override { return generation_->drain(timeout_ms); }
  void close() override { generation_->close(); }
  int64_t calls() const override { return generation_->running(); }
  Result<void> set_config(const config::ConfigValues& values) override;
  Result<void> tree_changed() override;
  Standing standing() const override;

 private:
  InProcess() = default;

  Surroundings surroundings_;
  std::shared_ptr<storage::Store> store_;
  std::shared_ptr<ConfigCell> config_;
  std::shared_ptr<Generation> generation_;
  std::shared_ptr<Bridge> bridge_;
  std::vector<std::string> consumes_;
  bool history_granted_ = false;
};

/// Makes the store's fc_org the closure of the tree.
Result<void> tell_tree(storage::Store& store, const org::Directory& directory);

}  // namespace forecourt::plugin
