#pragma once

#include <forecourt/testkit/testkit.hpp>

#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "events/dispatcher.hpp"
#include "storage/store.hpp"

namespace fc::testkit {

/// Subscribes to every event type it is told of, from its start, and keeps what comes.
class Recorder {
 public:
  /// `dispatcher` outlives the recorder.
  Recorder(forecourt::events::Dispatcher& dispatcher, const forecourt::Clock& clock);
  ~Recorder();

  void listen(const std::vector<std::string>& types);
  std::vector<Event> events() const;

 private:
  class Consumer;

  forecourt::events::Dispatcher& dispatcher_;
  std::unique_ptr<forecourt::storage::Store> store_;
  std::shared_ptr<Consumer> consumer_;
  std::set<std::string> types_;
};

}  // namespace fc::testkit
