#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace forecourt::backup {

inline constexpr int64_t k_format = 1;
inline constexpr const char* k_description_file = "backup.json";
/// The host's own store; no plugin's id has this character.
inline constexpr const char* k_host = "@host";
/// The deliveries of webhooks.
inline constexpr const char* k_webhooks = "@webhooks";

/// One store in a backup.
struct StoreCopy {
  std::string name;  ///< k_host, k_webhooks or the plugin's id
  int64_t bytes = 0;
  std::string sha256;  ///< of the file, in hex
  std::string epoch;
  int64_t outbox_head = 0;  ///< the number of the newest event it ever published
};

/// backup.json: what a backup holds. Written last; a folder without it is no backup.
struct Description {
  std::string id;
  int64_t taken_ms = 0;
  std::string version;  ///< of the host that made it
  bool secrets_key = false;
  int64_t audit_seq = 0;   ///< the head of the audit chain; 0: the chain is empty
  std::string audit_hash;  ///< in hex
  std::vector<StoreCopy> stores;
};

/// Where a store lies, in a backup as in a data folder: "host", "webhooks" or
/// "plugins/<id>".
std::string folder_of(const std::string& store);

std::string to_json(const Description& description);
/// Refuses one of a newer format, and names that are no plugin ids.
Result<Description> read_description(const std::string& folder);

}  // namespace forecourt::backup
