#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace forecourt::org {

struct Org {
  std::string id;
  std::string parent;  ///< empty at the root, "group"
  std::string kind;    ///< group, brand, region, dealer, store
  std::string name;
  std::string timezone;  ///< effective: its own or the nearest ancestor's
};

struct Key {
  std::string id;
  std::string org;
  std::string name;
  std::vector<std::string>
      scopes;  ///< "*", "<plugin>:*" or "<plugin>:<verb>"; admin API: plugin is "admin"
  int64_t expires_at_ms = 0;  ///< 0: never
  int64_t created_at_ms = 0;

  bool allows(std::string_view plugin, std::string_view verb) const;
};

using Digest = std::array<uint8_t, 32>;
/// SHA-256 of a credential: what is stored of a key.
Digest digest_of(std::string_view credential);

/// One immutable state of the tree and the keys. Shared by readers for the length of a request.
class Snapshot {
 public:
  int64_t version = 0;  ///< grows with each change of the tree

  const Org* find(std::string_view org) const;
  bool within(std::string_view org, std::string_view ancestor) const;  ///< itself included
  const Org* at_level(std::string_view org, std::string_view kind) const;
  /// The key a credential belongs to; nullptr when unknown. Expiry is the caller's to check.
  const Key* authenticate(std::string_view credential) const;
  const std::map<std::string, Org, std::less<>>& orgs() const { return orgs_; }
  const std::map<std::string, Key, std::less<>>& keys() const { return keys_; }

 private:
  friend class SnapshotBuilder;
  struct DigestHash {
    size_t operator()(const Digest& digest) const;
  };
  std::map<std::string, Org, std::less<>> orgs_;
  std::map<std::string, Key, std::less<>> keys_;
  std::unordered_map<Digest, const Key*, DigestHash> by_digest_;
};

/// Where to get the present state; `snapshot` is cheap and thread-safe.
class Directory {
 public:
  virtual ~Directory() = default;
  virtual std::shared_ptr<const Snapshot> snapshot() const = 0;
};

}  // namespace forecourt::org
