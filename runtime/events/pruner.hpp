#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "events/activity.hpp"
#include "events/cursor.hpp"
#include "events/retention.hpp"
#include "storage/store.hpp"

namespace forecourt::events {

/// Keeps one publisher's outbox from growing: notes how far its readers are and deletes behind the
/// slowest, in slices, running or not.
class Pruner final : public Activity {
 public:
  /// `running` tells how far the running subscribers have surely read.
  using Running = std::function<std::vector<Reader>()>;

  Pruner(Driver& driver, std::string publisher, storage::Store& outbox, const Clock& clock,
         Retention retention, Running running);

  /// Readers that are far behind, for the admin.
  std::vector<std::string> alarms() const;

 private:
  class Slice;
  struct View {
    History history;
    std::vector<Reader> readers;
    std::vector<std::string> alarms;
  };

  void step() override;
  Result<View> look();
  int64_t prunable_through(const History& history, const std::vector<Reader>& readers) const;
  std::string lag(storage::Session& session, const History& history, const Reader& reader) const;

  const std::string publisher_;
  storage::Store& outbox_;
  const Clock& clock_;
  const Retention retention_;
  const Running running_;
  mutable std::mutex mutex_;
  std::vector<std::string> alarms_;  // guarded by mutex_
};

}  // namespace forecourt::events
