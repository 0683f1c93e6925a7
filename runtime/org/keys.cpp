#include "org/keys.hpp"

#include <algorithm>

#include "base/ids.hpp"
#include "base/json_text.hpp"
#include "org/scope.hpp"
#include "org/tree.hpp"

namespace forecourt::org {
namespace {

constexpr size_t k_scopes_max = 32;

std::string scopes_json(const std::vector<std::string>& scopes) {
  std::string text = "[";
  for (const std::string& scope : scopes) {
    if (text.size() > 1) text += ',';
    append_json_string(text, scope);
  }
  return text + ']';
}

Result<void> keys_changed(storage::Session& session) {
  auto moved =
      session.execute("UPDATE directory SET keys_version = keys_version + 1 WHERE one = 1");
  if (!moved) return moved.error();
  return {};
}

bool is_admin(const Key& key, int64_t now_ms) {
  return !has_ended(key, now_ms) && key.org == k_root && key.allows("admin", "keys");
}

}  // namespace

Result<void> check_new_key(const Snapshot& directory, const NewKey& wanted, int64_t now_ms) {
  if (!directory.find(wanted.org)) return not_found("org: there is no org \"" + wanted.org + "\"");
  if (wanted.name.empty()) return invalid("name: must not be empty");
  if (wanted.scopes.empty() || wanted.scopes.size() > k_scopes_max) {
    return invalid("scopes: must be 1 to " + std::to_string(k_scopes_max) + " scopes");
  }
  for (size_t i = 0; i < wanted.scopes.size(); ++i) {
    if (auto checked = check_scope(wanted.scopes[i]); !checked) {
      return invalid("scopes[" + std::to_string(i) + "]: " + checked.error().message);
    }
  }
  if (wanted.expires_at_ms != 0 && wanted.expires_at_ms <= now_ms) {
    return invalid("expires_at: is already in the past");
  }
  return {};
}

Result<std::string> insert_key(storage::Session& session, const NewKey& wanted,
                               std::string_view credential, int64_t now_ms) {
  const std::string id = new_id("key", now_ms);
  const Digest digest = digest_of(credential);
  const std::string_view digest_bytes(reinterpret_cast<const char*>(digest.data()), digest.size());
  const std::string scopes = scopes_json(wanted.scopes);
  auto inserted = session.execute(
      "INSERT INTO keys (id, org, name, scopes, digest, expires_at, created_at, bootstrap) "
      "VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (digest) DO NOTHING",
      {std::string_view(id), std::string_view(wanted.org), std::string_view(wanted.name),
       std::string_view(scopes), storage::Value::of_blob(digest_bytes), wanted.expires_at_ms,
       now_ms, wanted.bootstrap ? 1 : 0});
  if (!inserted) return inserted.error();
  if (*inserted == 0) return Error{Code::conflict, "another key already has this credential"};
  if (auto changed = keys_changed(session); !changed) return changed.error();
  return id;
}

Result<bool> is_bootstrap_key(storage::Session& session, std::string_view id) {
  auto rows = session.query("SELECT bootstrap FROM keys WHERE id = $1", {id});
  if (!rows) return rows.error();
  auto row = rows->next();
  if (!row) return row.error();
  return !row->empty() && (*row)[0].as_integer == 1;
}

Result<void> end_key(storage::Session& session, std::string_view id, int64_t at_ms) {
  auto ended = session.execute("UPDATE keys SET expires_at = $1 WHERE id = $2", {at_ms, id});
  if (!ended) return ended.error();
  if (*ended == 0) return not_found("there is no key \"" + std::string(id) + "\"");
  return keys_changed(session);
}

Result<void> delete_key(storage::Session& session, std::string_view id) {
  auto deleted = session.execute("DELETE FROM keys WHERE id = $1", {id});
  if (!deleted) return deleted.error();
  if (*deleted == 0) return not_found("there is no key \"" + std::string(id) + "\"");
  return keys_changed(session);
}

bool is_last_admin(const Snapshot& directory, std::string_view id, int64_t now_ms) {
  const auto found = directory.keys().find(id);
  if (found == directory.keys().end() || !is_admin(found->second, now_ms)) return false;
  return std::none_of(directory.keys().begin(), directory.keys().end(), [&](const auto& entry) {
    return entry.first != id && is_admin(entry.second, now_ms);
  });
}

}  // namespace forecourt::org
