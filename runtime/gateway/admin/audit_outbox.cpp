#include "gateway/admin/audit_outbox.hpp"

#include "org/audit.hpp"

namespace forecourt::admin {
namespace {

constexpr int64_t k_slice = 500;

}  // namespace

Result<void> chain_audit_outbox(const std::string& plugin, plugin::PluginData& data,
                                org::HostDirectory& directory) {
  for (;;) {
    auto waiting = data.audit(k_slice);
    if (!waiting) return waiting.error();
    if (waiting->entries.empty()) return {};
    for (org::NumberedEntry& numbered : waiting->entries) {
      numbered.entry.action.insert(0, plugin + ":");
    }
    int64_t chained = 0;
    auto appended =
        directory.write([&](storage::Session& session, const org::Snapshot&) -> Result<void> {
          auto last = org::append_plugin_audit(session, plugin, waiting->epoch, waiting->entries);
          if (!last) return last.error();
          chained = *last;
          return {};
        });
    if (!appended) return appended;
    // Lost at a crash here, they are passed over the next time: the chain knows the last number
    // taken.
    auto pruned = data.audit_chained(chained);
    if (!pruned || static_cast<int64_t>(waiting->entries.size()) < k_slice) return pruned;
  }
}

}  // namespace forecourt::admin
