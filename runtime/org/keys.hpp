#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "org/directory.hpp"
#include "storage/session.hpp"

namespace forecourt::org {

struct NewKey {
  std::string org;
  std::string name;
  std::vector<std::string> scopes;
  int64_t expires_at_ms = 0;  ///< 0: never
  bool bootstrap = false;
};

/// Whether the key may exist: an org of the tree, 1 to 32 well-formed scopes, an expiry still to
/// come.
Result<void> check_new_key(const Snapshot& directory, const NewKey& wanted, int64_t now_ms);

/// Writes the key under a new id, which is returned; of the credential only the digest is kept.
/// Code::conflict when another key has the same credential.
Result<std::string> insert_key(storage::Session& session, const NewKey& wanted,
                               std::string_view credential, int64_t now_ms);

/// Whether the key's end has come.
inline bool has_ended(const Key& key, int64_t now_ms) {
  return key.expires_at_ms != 0 && key.expires_at_ms <= now_ms;
}

/// Whether the key is the admin key of FORECOURT_ADMIN_KEY or admin.key.
Result<bool> is_bootstrap_key(storage::Session& session, std::string_view id);

/// From when the key no longer works; it stays listed until it is deleted.
Result<void> end_key(storage::Session& session, std::string_view id, int64_t at_ms);

/// Code::not_found when there is no such key.
Result<void> delete_key(storage::Session& session, std::string_view id);

/// Whether the directory would be left without a key that can do everything at the root.
bool is_last_admin(const Snapshot& directory, std::string_view id, int64_t now_ms);

}  // namespace forecourt::org
