#include "backup/restore.hpp"

#include <fcntl.h>
#include <stdio.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <map>

#include "backup/files.hpp"
#include "base/durable.hpp"
#include "base/ids.hpp"
#include "events/outbox.hpp"
#include "org/audit.hpp"
#include "org/host_directory.hpp"
#include "org/tree.hpp"
#include "storage/closed_store.hpp"

namespace forecourt::backup {
namespace {

namespace fs = std::filesystem;

/// Lies in a folder that is being made ready. Without it, `<data>.restoring` is the data from
/// before of a restore that was killed after the exchange.
constexpr const char* k_incomplete = "restore.incomplete";

bool holds_data(const std::string& data) {
  std::error_code failure;
  return std::ranges::any_of(fs::directory_iterator(data, failure),
                             [](const auto& entry) { return entry.path().filename() != "lock"; });
}

class Restore {
 public:
  explicit Restore(const RestoreRequest& request) : request_(request) {}
  Result<Restored> run();
  /// What a failed one made ready.
  void clean_up() const;

 private:
  void step(const std::string& text) const {
    if (request_.step) request_.step(text);
  }
  std::string staged(const std::string& name) const { return staging_ + "/" + name; }

  Result<void> clear_staging();
  Result<void> make_staging();
  Result<void> copy_stores();
  Result<void> check_store(const StoreCopy& copy);
  Result<void> renew(const StoreCopy& copy);
  Result<void> renew_host(const StoreCopy& copy);
  Result<void> copy_keys();
  Result<void> sync_staging();
  Result<void> exchange();
  Result<void> keep_aside(const std::string& old);

  const RestoreRequest& request_;
  Restored restored_;
  std::string data_;                           ///< without links
  std::string staging_;                        ///< beside it
  std::map<std::string, std::string> epochs_;  ///< of plugins, the new ones
};

Result<Restored> Restore::run() {
  auto description = read_description(request_.backup);
  if (!description) return description.error();
  restored_.description = std::move(*description);
  std::error_code failure;
  data_ = fs::canonical(request_.data, failure).string();
  if (failure) return invalid(request_.data + ": " + failure.message());
  staging_ = data_ + ".restoring";
  if (holds_data(data_) && !request_.replace) {
    return Error{Code::conflict, data_ +
                                     ": holds data already; --replace keeps it aside and puts "
                                     "the backup in its place"};
  }
  if (auto cleared = clear_staging(); !cleared) return cleared.error();
  if (auto made = make_staging(); !made) return made.error();
  if (auto copied = copy_stores(); !copied) return copied.error();
  for (const StoreCopy& copy : restored_.description.stores) {
    step("checking " + copy.name);
    if (auto checked = check_store(copy); !checked) return checked.error();
  }
  for (const StoreCopy& copy : restored_.description.stores) {
    if (copy.name == k_host) continue;
    step("a new epoch for " + copy.name);
    if (auto renewed = renew(copy); !renewed) return renewed.error();
  }
  for (const StoreCopy& copy : restored_.description.stores) {
    if (copy.name != k_host) continue;
    step("a new epoch for " + copy.name);
    if (auto renewed = renew_host(copy); !renewed) return renewed.error();
  }
  if (auto copied = copy_keys(); !copied) return copied.error();
  step("making it durable");
  if (auto synced = sync_staging(); !synced) return synced.error();
  step("putting it in place");
  if (auto exchanged = exchange(); !exchanged) return exchanged.error();
  return restored_;
}

Result<void> Restore::clear_staging() {
  std::error_code failure;
  if (!fs::exists(staging_, failure)) return {};
  if (!fs::exists(staged(k_incomplete), failure)) return keep_aside(staging_);
  fs::remove_all(staging_, failure);
  if (failure) return internal(staging_ + ": cannot be removed: " + failure.message());
  return {};
}

void Restore::clean_up() const {
  std::error_code ignored;
  if (!staging_.empty() && fs::exists(staged(k_incomplete), ignored))
    fs::remove_all(staging_, ignored);
}

Result<void> Restore::make_staging() {
  if (auto made = make_private_folder(staging_); !made) return made;
  if (auto marked = write_new_file(staged(k_incomplete), {}); !marked) return marked;
  return make_private_folder(staged("plugins"));
}

Result<void> Restore::copy_stores() {
  for (const StoreCopy& copy : restored_.description.stores) {
    step("copying " + copy.name);
    const std::string file = folder_of(copy.name) + "/store.db";
    if (auto made = make_private_folder(staged(folder_of(copy.name))); !made) return made;
    auto sum = copy_file(request_.backup + "/" + file, staged(file));
    if (!sum) return sum.error();
    if (sum->bytes == copy.bytes && sum->sha256 == copy.sha256) continue;
    return invalid(
        request_.backup + "/" + file +
        ": is not what backup.json says (SHA-256 or size): it was changed or is damaged; "
        "use another backup");
  }
  return {};
}

Result<void> Restore::check_store(const StoreCopy& copy) {
  auto store =
      storage::ClosedStore::open(staged(folder_of(copy.name)), storage::ClosedStore::Kind::backup);
  if (!store) return store.error();
  auto found = (*store)->check();
  if (!found) return found.error();
  if (found->empty()) return {};
  return invalid(request_.backup + ": store " + copy.name + ": " + found->front() +
                 (found->size() > 1 ? " and more" : "") + "; use another backup");
}

/// Opens the staged store and begins its new epoch. What is open here is nobody else's.
Result<std::unique_ptr<storage::Store>> open_renewed(const std::string& folder,
                                                     const StoreCopy& copy, const Clock* clock) {
  storage::StoreOptions options;
  options.folder = folder;
  options.clock = clock;
  auto store = storage::Store::open(std::move(options));
  if (!store) return store;
  if ((*store)->epoch() != copy.epoch)
    return invalid("store " + copy.name + ": its epoch is not the one backup.json names");
  if (auto renewed = (*store)->renew_epoch(copy.outbox_head); !renewed) return renewed.error();
  return store;
}

Result<void> Restore::renew(const StoreCopy& copy) {
  auto store = open_renewed(staged(folder_of(copy.name)), copy, request_.clock);
  if (!store) return store.error();
  epochs_[copy.name] = (*store)->epoch();
  return (*store)->read(0, [&](storage::Session& session) -> Result<void> {
    auto head = events::outbox_head(session);
    if (!head) return head.error();
    if (*head == copy.outbox_head) return {};
    return invalid("store " + copy.name + ": its outbox does not end where backup.json says");
  });
}

/// The audit chain goes on reading each plugin's entries where it had, in the new epoch.
Result<void> Restore::renew_host(const StoreCopy& copy) {
  auto store = open_renewed(staged(folder_of(copy.name)), copy, request_.clock);
  if (!store) return store.error();
  auto directory = org::HostDirectory::open(**store, *request_.clock);
  if (!directory) return directory.error();
  return (*directory)->write([&](storage::Session& session, const org::Snapshot&) -> Result<void> {
    for (const StoreCopy& plugin : restored_.description.stores) {
      if (plugin.name == k_host) continue;
      auto moved =
          session.execute("UPDATE audit_sources SET epoch = $1 WHERE plugin = $2 AND epoch = $3",
                          {std::string_view(epochs_[plugin.name]), std::string_view(plugin.name),
                           std::string_view(plugin.epoch)});
      if (!moved) return moved.error();
    }
    return org::append_audit(session, {request_.clock->now_ms(),
                                       "offline",
                                       std::string(org::k_root),
                                       "backup.restore",
                                       restored_.description.id,
                                       {}});
  });
}

/// The backup's secrets key, else the one that was here; the admin's key and the one that signs
/// audit heads are never in a backup.
Result<void> Restore::copy_keys() {
  const std::string kept = data_ + "/secrets.key";
  const std::string from =
      restored_.description.secrets_key ? request_.backup + "/secrets.key" : kept;
  if (fs::exists(from) || restored_.description.secrets_key) {
    if (auto copied = copy_file(from, staged("secrets.key")); !copied) return copied.error();
    restored_.secrets_key = true;
  }
  for (const char* name : {"/admin.key", "/audit.key"}) {
    if (!fs::exists(data_ + name)) continue;
    auto copied = copy_file(data_ + name, staging_ + name);
    if (!copied) return copied.error();
  }
  return {};
}

Result<void> Restore::sync_staging() {
  for (const StoreCopy& copy : restored_.description.stores) {
    if (auto synced = sync_folder(staged(folder_of(copy.name))); !synced) return synced;
  }
  if (auto synced = sync_folder(staged("plugins")); !synced) return synced;
  std::error_code failure;
  fs::remove(staged(k_incomplete), failure);
  if (failure) return internal(staged(k_incomplete) + ": " + failure.message());
  return sync_folder(staging_);
}

Result<void> Restore::exchange() {
  const bool had_data = holds_data(data_);
  if (::renameat2(AT_FDCWD, staging_.c_str(), AT_FDCWD, data_.c_str(), RENAME_EXCHANGE) != 0) {
    return internal(
        data_ + ": cannot be exchanged with " + staging_ + ": " + std::strerror(errno) +
        "; restore into a folder that is no mount point, on a filesystem of this machine");
  }
  const std::string parent = fs::path(data_).parent_path().string();
  if (auto synced = sync_folder(parent); !synced) return synced;
  step("keeping the data from before aside");
  if (had_data) return keep_aside(staging_);
  std::error_code failure;
  fs::remove_all(staging_, failure);
  return {};
}

Result<void> Restore::keep_aside(const std::string& old) {
  const std::string kept = data_ + "." + new_id("before", request_.clock->now_ms());
  std::error_code failure;
  fs::rename(old, kept, failure);
  if (failure) return internal(old + ": cannot be renamed: " + failure.message());
  restored_.kept_aside = kept;
  return sync_folder(fs::path(data_).parent_path().string());
}

}  // namespace

Result<Restored> restore(const RestoreRequest& request) {
  Restore restore(request);
  auto restored = restore.run();
  if (!restored) restore.clean_up();
  return restored;
}

}  // namespace forecourt::backup
