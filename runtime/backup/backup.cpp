#include "backup/backup.hpp"

#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "backup/files.hpp"
#include "base/durable.hpp"
#include "base/ids.hpp"
#include "events/lineage.hpp"
#include "events/outbox.hpp"
#include "org/audit.hpp"
#include "secrets/key_file.hpp"
#include "storage/foreign.hpp"

namespace forecourt::backup {
namespace {

namespace fs = std::filesystem;

constexpr int64_t k_reader_wait_ns = 10'000'000'000;

/// What a backup consists of; anything else in its folder is not ours to remove.
constexpr const char* k_entries[] = {"host",        "webhooks",    "plugins",
                                     "secrets.key", "backup.json", "backup.json.new"};

bool is_inside(const fs::path& path, const fs::path& folder) {
  const auto [end, rest] = std::mismatch(folder.begin(), folder.end(), path.begin(), path.end());
  return end == folder.end();
}

}  // namespace

Result<void> check_target(const std::string& folder, const std::string& data) {
  const fs::path path(folder);
  if (!path.is_absolute() || folder.find('\0') != std::string::npos)
    return invalid("folder: must be a full path on the host's machine");
  std::error_code failure;
  const fs::path target = fs::weakly_canonical(path, failure);
  if (failure) return invalid("folder: " + folder + ": " + failure.message());
  const fs::path source = fs::weakly_canonical(data, failure);
  if (is_inside(target, source))
    return invalid("folder: " + folder + ": lies in the data folder; choose one outside of it");
  if (!fs::exists(target, failure)) {
    if (fs::is_directory(target.parent_path(), failure)) return {};
    return invalid("folder: " + target.parent_path().string() + ": is no folder; make it first");
  }
  if (!fs::is_directory(target, failure)) return invalid("folder: " + folder + ": is no folder");
  if (fs::is_empty(target, failure) && !failure) return {};
  return Error{Code::conflict, "folder: " + folder + ": is not empty; a backup takes a new folder"};
}

Result<void> check_secrets_key(const secrets::KeySource& keys) {
  if (!keys.in_data_folder()) {
    return Error{Code::conflict,
                 std::string("with_secrets_key: the secrets key is not in the data folder but "
                             "given by ") +
                     (keys.keys.empty() ? "secrets-key-file" : "FORECOURT_SECRETS_KEY") +
                     ": keep a copy of it there, and make the backup without it"};
  }
  auto found = secrets::read_key_file(keys.path());
  if (!found) return found.error();
  if (*found) return {};
  return not_found("with_secrets_key: " + keys.path() + ": there is no such file");
}

Backup::~Backup() {
  ended_ = true;
  if (barrier_) barrier_->fail({Code::cancelled, "the backup was ended"});
  join();
  parts_.clear();
  if (made_ && !finished_) remove();
}

Result<void> Backup::take(const std::map<std::string, std::shared_ptr<storage::Store>>& open,
                          const std::map<std::string, Copier>& elsewhere) {
  if (auto good = check_target(request_.folder, request_.data); !good) return good;
  description_.taken_ms = request_.clock->now_ms();
  description_.id = request_.id.empty() ? new_id("backup", description_.taken_ms) : request_.id;
  description_.version = request_.version;
  std::vector<std::string> names;
  for (const auto& [name, store] : open) {
    parts_.push_back(std::make_unique<Part>());
    parts_.back()->name = name;
    parts_.back()->open = store;
    names.push_back(name);
  }
  for (const auto& [name, copier] : elsewhere) {
    parts_.push_back(std::make_unique<Part>());
    parts_.back()->name = name;
    parts_.back()->elsewhere = copier;
    names.push_back(name);
  }
  if (auto found = find_closed(); !found) return found;
  if (auto made = make_folders(); !made) return made;
  barrier_.emplace(names, request_.held_max);
  for (size_t i = 0; i < names.size(); ++i) {
    parts_[i]->thread = std::thread([this, i] { run_open(*parts_[i], i); });
  }
  return barrier_->wait(2);
}

/// The stores of plugins that do not run. They are locked now and copied later, unchanged.
Result<void> Backup::find_closed() {
  std::vector<std::string> names = {k_host, k_webhooks};
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(request_.data + "/plugins", none))
    names.push_back(entry.path().filename().string());
  std::ranges::sort(names.begin() + 1, names.end());
  for (const std::string& name : names) {
    const auto same = [&](const auto& part) { return part->name == name; };
    if (std::ranges::any_of(parts_, same)) continue;
    const std::string folder = request_.data + "/" + folder_of(name);
    if (storage::is_foreign(request_.data, name)) {
      return Error{Code::conflict, folder +
                                       ": is written by an isolated plugin's own process, which "
                                       "does not run; start the plugin, nothing was copied"};
    }
    auto closed = storage::ClosedStore::open(folder, storage::ClosedStore::Kind::data);
    if (!closed && closed.error().code == Code::not_found && name != k_host) continue;
    if (!closed) return closed.error();
    if (auto taken = (*closed)->take(); !taken)
      return Error{taken.error().code, folder + ": " + taken.error().message};
    parts_.push_back(std::make_unique<Part>());
    parts_.back()->name = name;
    parts_.back()->closed = std::move(*closed);
  }
  return {};
}

Result<void> Backup::make_folders() {
  std::error_code failure;
  if (!fs::exists(request_.folder, failure)) {
    if (auto made = make_private_folder(request_.folder); !made) return made;
  }
  made_ = true;
  fs::permissions(request_.folder, fs::perms::owner_all, failure);
  if (failure) return internal(request_.folder + ": " + failure.message());
  if (auto made = make_private_folder(request_.folder + "/plugins"); !made) return made;
  for (const auto& part : parts_) {
    auto made = make_private_folder(request_.folder + "/" + folder_of(part->name));
    if (!made) return made;
  }
  return {};
}

void Backup::run_open(Part& part, size_t party) {
  std::unique_lock turn(turn_, std::defer_lock);
  storage::CopyHooks hooks;
  hooks.meet = [this, party] { return barrier_->meet(party); };
  hooks.inspect = [&](storage::Session& session) -> Result<void> {
    turn.lock();
    ++begun_;
    return inspect(part, session);
  };
  hooks.progress = [&](int64_t bytes, int64_t total) { return report(part, bytes, total); };
  part.result = part.open
                    ? storage::copy_store(*part.open, path_of(part),
                                          request_.clock->monotonic_ns() + k_reader_wait_ns, hooks)
                    : part.elsewhere(request_.folder + "/" + folder_of(part.name), hooks);
  if (part.result) return;
  part.result = Error{part.result.error().code, part.name + ": " + part.result.error().message};
  ended_ = true;
  barrier_->fail(part.result.error());
}

void Backup::run_closed(Part& part) {
  std::lock_guard turn(turn_);
  ++begun_;
  storage::CopyHooks hooks;
  hooks.inspect = [&](storage::Session& session) { return inspect(part, session); };
  hooks.progress = [&](int64_t bytes, int64_t total) { return report(part, bytes, total); };
  part.result = part.closed->copy(path_of(part), hooks);
  if (!part.result)
    part.result = Error{part.result.error().code, part.name + ": " + part.result.error().message};
}

Result<void> Backup::inspect(Part& part, storage::Session& session) {
  part.copy.name = part.name;
  auto epoch = events::read_epoch(session);
  if (!epoch) return epoch.error();
  part.copy.epoch = *epoch;
  if (part.name != k_host) {
    auto head = events::outbox_head(session);
    if (!head) return head.error();
    part.copy.outbox_head = *head;
    return {};
  }
  auto newest = org::list_audit(session, 0, 1);
  if (!newest) return newest.error();
  if (newest->empty()) return {};
  const org::Digest& hash = newest->front().hash;
  description_.audit_seq = newest->front().seq;
  description_.audit_hash = hex({reinterpret_cast<const char*>(hash.data()), hash.size()});
  return {};
}

bool Backup::report(const Part& part, int64_t bytes, int64_t total) {
  if (ended_) return false;
  return !request_.progress || request_.progress({begun_, parts_.size(), part.name, bytes, total});
}

std::string Backup::path_of(const Part& part) const {
  return request_.folder + "/" + folder_of(part.name) + "/store.db";
}

void Backup::join() {
  for (const auto& part : parts_) {
    if (part->thread.joinable()) part->thread.join();
  }
}

Result<Description> Backup::finish() {
  for (const auto& part : parts_) {
    if (!part->closed || ended_) continue;
    run_closed(*part);
    if (part->result) continue;
    ended_ = true;
    barrier_->fail(part->result.error());
  }
  join();  // before anything of the open ones' parts is looked at
  // The first that failed says why; the others were only told to end.
  if (auto stood = barrier_->wait(2); !stood) return stood.error();
  for (const auto& part : parts_) {
    auto sum = sum_of(path_of(*part));
    if (!sum) return sum.error();
    part->copy.bytes = sum->bytes;
    part->copy.sha256 = sum->sha256;
    description_.stores.push_back(part->copy);
  }
  if (request_.with_secrets_key) {
    if (auto copied = copy_secrets_key(); !copied) return copied.error();
  }
  if (auto written = write_description(); !written) return written.error();
  finished_ = true;
  return description_;
}

Result<void> Backup::copy_secrets_key() {
  auto copied = copy_file(request_.data + "/secrets.key", request_.folder + "/secrets.key");
  if (!copied) return copied.error();
  description_.secrets_key = true;
  return {};
}

/// Last, when all else is durable: with it the folder is a backup.
Result<void> Backup::write_description() {
  for (const auto& part : parts_) {
    if (auto synced = sync_folder(request_.folder + "/" + folder_of(part->name)); !synced)
      return synced;
  }
  if (auto synced = sync_folder(request_.folder + "/plugins"); !synced) return synced;
  const std::string path = request_.folder + "/" + k_description_file;
  if (auto written = write_new_file(path + ".new", to_json(description_)); !written) return written;
  std::error_code failure;
  fs::rename(path + ".new", path, failure);
  if (failure) return internal(path + ": " + failure.message());
  if (auto synced = sync_folder(request_.folder); !synced) return synced;
  return sync_folder(fs::path(request_.folder).parent_path().string());
}

void Backup::remove() {
  std::error_code ignored;
  for (const char* entry : k_entries) fs::remove_all(fs::path(request_.folder) / entry, ignored);
  fs::remove(request_.folder, ignored);
}

}  // namespace forecourt::backup
