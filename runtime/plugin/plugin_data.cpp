#include "plugin/plugin_data.hpp"

#include "plugin/audit_outbox.hpp"

namespace forecourt::plugin {

Result<PluginData::Audit> StoreData::audit(int64_t limit) {
  Audit audit;
  audit.epoch = store_->epoch();
  auto read = store_->read(0, [&](storage::Session& session) -> Result<void> {
    auto found = read_audit_outbox(session, 0, limit);
    if (!found) return found.error();
    audit.entries = std::move(*found);
    return {};
  });
  if (!read) return read.error();
  return audit;
}

Result<void> StoreData::audit_chained(int64_t number) {
  return store_->lane().run_now(
      [number](storage::Session& session) { return prune_audit_outbox(session, number); });
}

PluginData::Lane StoreData::lane() const {
  storage::Lane& lane = store_->lane();
  return {lane.stuck(), lane.read_only_reason(), lane.queued()};
}

}  // namespace forecourt::plugin
