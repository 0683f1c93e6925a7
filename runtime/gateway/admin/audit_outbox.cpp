#include "gateway/admin/audit_outbox.hpp"

#include <vector>

#include "org/audit.hpp"
#include "plugin/audit_outbox.hpp"

namespace forecourt::admin {
namespace {

constexpr int64_t k_read_deadline_ns = 5'000'000'000;
constexpr int64_t k_slice = 500;

}  // namespace

Result<void> chain_audit_outbox(const std::string& plugin, storage::Store& store,
                                org::HostDirectory& directory) {
  for (;;) {
    std::vector<org::NumberedEntry> entries;
    auto read = store.read(directory.clock().monotonic_ns() + k_read_deadline_ns,
                           [&](storage::Session& session) -> Result<void> {
                             auto found = plugin::read_audit_outbox(session, 0, k_slice);
                             if (!found) return found.error();
                             entries = std::move(*found);
                             return {};
                           });
    if (!read || entries.empty()) return read;
    for (org::NumberedEntry& numbered : entries) {
      numbered.entry.action.insert(0, plugin + ":");
    }
    const std::string epoch = store.epoch();
    int64_t chained = 0;
    auto appended =
        directory.write([&](storage::Session& session, const org::Snapshot&) -> Result<void> {
          auto last = org::append_plugin_audit(session, plugin, epoch, entries);
          if (!last) return last.error();
          chained = *last;
          return {};
        });
    if (!appended) return appended;
    // Lost at a crash here, they are passed over the next time: the chain knows the last number
    // taken.
    auto pruned = store.lane().run_now(
        [&](storage::Session& session) { return plugin::prune_audit_outbox(session, chained); });
    if (!pruned || static_cast<int64_t>(entries.size()) < k_slice) return pruned;
  }
}

}  // namespace forecourt::admin
