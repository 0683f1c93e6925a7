#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "org/directory.hpp"

namespace forecourt::org {

/// Collects orgs and keys in any order and makes the immutable Snapshot of them. Used once.
class SnapshotBuilder {
 public:
  SnapshotBuilder();
  /// `org.timezone` is its own; empty: the nearest ancestor's.
  void add(Org org);
  void add(Key key, const Digest& digest);
  std::shared_ptr<const Snapshot> build(int64_t version);

 private:
  void inherit_timezones();

  std::shared_ptr<Snapshot> snapshot_;
  std::vector<std::pair<Digest, std::string>> digests_;  // and the id of the key
};

}  // namespace forecourt::org
