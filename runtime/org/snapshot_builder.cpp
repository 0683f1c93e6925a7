#include "org/snapshot_builder.hpp"

namespace forecourt::org {

SnapshotBuilder::SnapshotBuilder() : snapshot_(std::make_shared<Snapshot>()) {}

void SnapshotBuilder::add(Org org) {
  std::string id = org.id;
  snapshot_->orgs_.insert_or_assign(std::move(id), std::move(org));
}

void SnapshotBuilder::add(Key key, const Digest& digest) {
  std::string id = key.id;
  digests_.emplace_back(digest, id);
  snapshot_->keys_.insert_or_assign(std::move(id), std::move(key));
}

std::shared_ptr<const Snapshot> SnapshotBuilder::build(int64_t version) {
  inherit_timezones();
  for (const auto& [digest, id] : digests_) {
    snapshot_->by_digest_[digest] = &snapshot_->keys_.find(id)->second;
  }
  snapshot_->version = version;
  return std::exchange(snapshot_, nullptr);
}

void SnapshotBuilder::inherit_timezones() {
  for (auto& [id, org] : snapshot_->orgs_) {
    const Org* from = &org;
    while (from && from->timezone.empty()) from = snapshot_->find(from->parent);
    if (from && from != &org) org.timezone = from->timezone;
  }
}

}  // namespace forecourt::org
