#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "org/audit.hpp"
#include "storage/store.hpp"

namespace forecourt::plugin {

/// What the host itself asks of a plugin's store, in whatever process that is. Thread-safe; may
/// block.
class PluginData {
 public:
  virtual ~PluginData() = default;

  struct Audit {
    std::string epoch;
    std::vector<org::NumberedEntry> entries;  ///< in commit order
  };
  /// What calls recorded and the host has not chained yet, up to `limit` entries.
  virtual Result<Audit> audit(int64_t limit) = 0;
  /// The entries up to `number` are chained: they go.
  virtual Result<void> audit_chained(int64_t number) = 0;

  struct Lane {
    bool stuck = false;
    std::string read_only_reason;
    size_t queued = 0;
  };
  virtual Lane lane() const = 0;
};

/// Of a store in this process.
class StoreData final : public PluginData {
 public:
  explicit StoreData(std::shared_ptr<storage::Store> store) : store_(std::move(store)) {}
  Result<Audit> audit(int64_t limit) override;
  Result<void> audit_chained(int64_t number) override;
  Lane lane() const override;

 private:
  const std::shared_ptr<storage::Store> store_;
};

}  // namespace forecourt::plugin
