#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "plugin/told_store.hpp"

namespace forecourt::plugin {

/// A plugin's data on its way from the process that has it into this one: a ToldStore beside the
/// old store, which then takes its place in one step. Killed at any time, the data is where it was
/// or where it goes, whole.
class Move {
 public:
  struct Order {
    std::string data_folder;
    const Candidate& writer;  ///< what runs in the process; it made the tables
    const Clock& clock;
    const std::atomic<bool>& ending;  ///< the host stops: so does this
  };

  /// Copies everything while the process serves.
  static Result<std::unique_ptr<Move>> begin(const Order& order,
                                             std::shared_ptr<storage::RowSource> source);
  ~Move();  ///< What has not taken its place is removed.
  Move(const Move&) = delete;
  Move& operator=(const Move&) = delete;

  /// What changed meanwhile, after the last write and before the process ends.
  Result<void> rest();
  /// After the process has ended. Its store is gone then, and its mark.
  Result<void> take_place();

 private:
  explicit Move(const Order& order);

  const std::string data_folder_;
  const std::string id_;
  const std::string fresh_;  ///< the folder of the new store
  std::unique_ptr<ToldStore> told_;
};

}  // namespace forecourt::plugin
