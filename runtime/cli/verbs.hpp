#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cli/target.hpp"

namespace forecourt::cli {

// One verb a file. Each prints its result on standard output, or why not on standard error, and
// returns the exit status.

/// `forecourt apply <files or folders>`: makes manifests true, all of them or as many as can be.
int run_apply(const Whereabouts& where, const std::vector<std::string>& paths);

/// `forecourt plugins`: what runs, or would run.
int run_plugins(const Whereabouts& where);

/// `forecourt plugins clear <id>`: ends a quarantine.
int run_clear(const Whereabouts& where, const std::string& id);

/// `forecourt disable|enable|remove <id>`.
enum class Change { disable, enable, remove };
int run_change(const Whereabouts& where, Change change, const std::string& id, bool purge);

/// `forecourt keys list|create|rotate|revoke|replace-admin`.
enum class KeyVerb { list, create, rotate, revoke, replace_admin };
struct KeyOptions {
  std::string id;
  std::string org;
  std::string name;
  std::vector<std::string> scopes;
  std::string expires_at;  ///< empty: never, or that of the key being rotated
  int64_t overlap_seconds = 0;
};
int run_keys(const Whereabouts& where, KeyVerb verb, const KeyOptions& options);

/// `forecourt check <bundle>`: everything that can be said of a bundle without starting it.
int run_check(const std::string& bundle);

/// `forecourt backup <folder>`: of the running host, or of the data directory of a stopped one.
int run_backup(const Whereabouts& where, const std::string& folder, bool with_secrets_key);

/// `forecourt restore <backup>`: makes the data directory of a stopped host what the backup holds.
int run_restore(const Settings& settings, const std::string& backup, bool replace);

/// `forecourt secrets list|rotate|drop`, on the data directory of a stopped host.
enum class SecretsVerb { list, rotate, drop };
int run_secrets(const Settings& settings, SecretsVerb verb, const std::string& id);

/// `forecourt audit verify`: 0 when the chain is whole and goes through the head in the file `head`
/// (empty: none), which must be signed by `public_key` (empty: is not asked), 1 when not, 2 when
/// nobody could look.
struct VerifyOptions {
  std::string head;
  std::string public_key;
};
int run_audit_verify(const Whereabouts& where, const VerifyOptions& options);
/// `forecourt audit export-head`: the newest entry's place and hash, a JSON line, signed.
int run_audit_export_head(const Whereabouts& where);
/// `forecourt audit public-key`: of the key that signs heads.
int run_audit_public_key(const Whereabouts& where);

/// `forecourt doctor`: what is wrong with the data directory of a stopped host, or with a backup. 0
/// when nothing is, 1 when something is, 2 when nobody could look.
int run_doctor(const Settings& settings, bool as_json);

/// Prints "forecourt <verb>: <message>" and returns 1.
int fail(const std::string& verb, const std::string& message);

}  // namespace forecourt::cli
