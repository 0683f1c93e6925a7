#include "cli/offline.hpp"

#include "org/audit.hpp"
#include "org/tree.hpp"

namespace forecourt::cli {

Result<std::unique_ptr<Offline>> Offline::open(const Settings& settings) {
  auto lock = DataLock::take(settings.data);
  if (!lock) return lock.error();
  std::unique_ptr<Offline> offline(new Offline(std::move(*lock)));
  storage::StoreOptions options;
  options.folder = settings.data_path("host");
  options.clock = &offline->clock_;
  auto store = storage::Store::open(std::move(options));
  if (!store) return store.error();
  offline->store_ = std::move(*store);
  auto directory = org::HostDirectory::open(*offline->store_, offline->clock_);
  if (!directory) return directory.error();
  offline->directory_ = std::move(*directory);
  return offline;
}

Result<void> Offline::write(std::string_view action, const std::string& plugin,
                            const org::HostDirectory::Work& work) {
  return directory_->write([&](storage::Session& session,
                               const org::Snapshot& now) -> Result<void> {
    if (auto worked = work(session, now); !worked) return worked;
    return org::append_audit(
        session,
        {clock_.now_ms(), "offline", std::string(org::k_root), std::string(action), plugin, {}});
  });
}

}  // namespace forecourt::cli
