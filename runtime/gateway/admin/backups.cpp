#include "gateway/admin/backups.hpp"

#include "base/ids.hpp"
#include "base/log.hpp"
#include "gateway/admin/answers.hpp"
#include "org/audit.hpp"
#include "org/tree.hpp"

namespace forecourt::admin {

Backups::Backups(Site& site, plugin::Registry& registry, org::HostDirectory& directory,
                 storage::Store& webhooks, secrets::KeySource keys, std::string version)
    : site_(site),
      registry_(registry),
      directory_(directory),
      webhooks_(webhooks),
      keys_(std::move(keys)),
      data_(keys_.data),
      version_(std::move(version)) {}

Result<BackupState> Backups::reserve(const std::string& folder, bool with_secrets_key) {
  std::lock_guard lock(mutex_);
  if (stopping_) return Error{Code::unavailable, "the host stops"};
  if (state_ && state_->state == "running")
    return Error{Code::conflict, "a backup is being made, into " + state_->folder};
  if (auto good = backup::check_target(folder, data_); !good) return good.error();
  if (with_secrets_key) {
    if (auto there = backup::check_secrets_key(keys_); !there) return there.error();
  }
  if (thread_.joinable()) thread_.join();  // the one before has ended
  state_.emplace();
  state_->begun_ms = directory_.clock().now_ms();
  state_->id = new_id("backup", state_->begun_ms);
  state_->folder = folder;
  state_->state = "running";
  with_secrets_key_ = with_secrets_key;
  return *state_;
}

void Backups::begin() {
  std::lock_guard lock(mutex_);
  thread_ = std::thread([this] { run(); });
}

void Backups::withdraw() {
  std::lock_guard lock(mutex_);
  state_.reset();
}

std::optional<BackupState> Backups::latest() const {
  std::lock_guard lock(mutex_);
  return state_;
}

void Backups::stop() {
  stopping_ = true;
  std::thread ending;
  {
    std::lock_guard lock(mutex_);
    ending = std::move(thread_);
  }
  if (ending.joinable()) ending.join();
}

void Backups::run() {
  const auto made = make();
  if (!made)
    log::error("backup", "a backup failed", {{"reason", made.error().message}});
  else
    log::info("backup", "a backup is done", {{"id", made->id}});
  note(made);
}

Result<backup::Description> Backups::make() {
  backup::Request request;
  {
    std::lock_guard lock(mutex_);
    request.folder = state_->folder;
    request.id = state_->id;
  }
  request.data = data_;
  request.version = version_;
  request.with_secrets_key = with_secrets_key_;
  request.clock = &directory_.clock();
  request.progress = [this](const backup::Progress& progress) {
    std::lock_guard lock(mutex_);
    state_->progress = progress;
    return !stopping_;
  };
  backup::Backup copies(std::move(request));
  Result<void> taken;
  // No store may open or close until the moment is taken.
  site_.hold([&] {
    auto open = registry_.stores();
    // These outlive this.
    open.emplace(backup::k_host,
                 std::shared_ptr<storage::Store>(std::shared_ptr<void>(), &directory_.store()));
    open.emplace(backup::k_webhooks,
                 std::shared_ptr<storage::Store>(std::shared_ptr<void>(), &webhooks_));
    taken = copies.take(open, registry_.store_copiers());
  });
  if (!taken) return taken.error();
  return copies.finish();
}

void Backups::note(const Result<backup::Description>& made) {
  BackupState ended = *latest();
  ended.state = made ? "done" : "failed";
  ended.reason = made ? "" : made.error().message;
  ended.ended_ms = directory_.clock().now_ms();
  if (made) {
    for (const backup::StoreCopy& store : made->stores) ended.bytes += store.bytes;
  }
  auto chained = directory_.write([&](storage::Session& session, const org::Snapshot&) {
    return org::append_audit(
        session,
        {ended.ended_ms, "host", std::string(org::k_root), "backup." + ended.state, ended.id,
         std::move(ObjectText().add("folder", ended.folder).add("reason", ended.reason)).text()});
  });
  if (!chained)
    log::error("backup", "the audit log took no entry", {{"reason", chained.error().message}});
  std::lock_guard lock(mutex_);
  state_ = std::move(ended);
}

}  // namespace forecourt::admin
