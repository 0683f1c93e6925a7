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

/// Prints "forecourt <verb>: <message>" and returns 1.
int fail(const std::string& verb, const std::string& message);

}  // namespace forecourt::cli
