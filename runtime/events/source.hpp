#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "events/cursor.hpp"
#include "events/lineage.hpp"
#include "events/outbox.hpp"
#include "storage/store.hpp"

namespace forecourt::events {

/// What a reader asks of an outbox.
struct PageRequest {
  std::string reader;  ///< subscriber's id
  Cursor confirmed;    ///< how far it has surely read, for pruning; an empty epoch: not known
  int64_t after = 0;
  std::vector<std::string> types;  ///< empty: all
  size_t events_max = 64;
};

/// Consecutive events of the wanted types.
struct Page {
  std::string epoch;
  std::vector<Event> events;
  int64_t through = 0;  ///< every event up to here was looked at
  bool more = false;
  bool gap = false;  ///< the next events are gone, pruned past the retention limit
};

/// A publisher's outbox as those who read it see it, in whatever process its store is. Thread-safe.
/// An error passes: try again later.
class Source {
 public:
  virtual ~Source() = default;
  virtual Result<History> history() = 0;
  virtual Result<Page> page(const PageRequest& request) = 0;
  /// Has pruning spare what this reader has not read. Due before its cursor exists or enters another
  /// epoch.
  virtual Result<void> register_reader(const Reader& reader) = 0;
  /// Nothing is kept for this reader any more. False: nothing was.
  virtual Result<bool> forget_reader(const std::string& reader) = 0;
};

/// The outbox of a store in this process, which outlives it.
class StoreSource final : public Source {
 public:
  explicit StoreSource(storage::Store& store) : store_(store) {}
  Result<History> history() override;
  Result<Page> page(const PageRequest& request) override;
  Result<void> register_reader(const Reader& reader) override;
  Result<bool> forget_reader(const std::string& reader) override;

 private:
  storage::Store& store_;
};

}  // namespace forecourt::events
