#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "org/host_directory.hpp"

namespace forecourt::org {

/// What the host store knows of a key that seals secrets: never the key.
struct SecretKey {
  std::string id;
  int64_t since_ms = 0;  ///< when the host first had it
};

/// Newest first. Empty on data that no host has run on since keys are noted.
Result<std::vector<SecretKey>> list_secret_keys(storage::Session& session);

/// Notes which keys there are, newest first, with an audit entry for one that is new. Those noted
/// before must be among them, for what they sealed may still be there.
Result<void> note_secret_keys(storage::Session& session, const std::vector<std::string>& ids,
                              const std::string& actor, int64_t now_ms);
/// The same in a transaction of its own, when anything is to be noted.
Result<void> note_secret_keys(HostDirectory& directory, const std::vector<std::string>& ids);

/// No longer asks for a key. Code::not_found when it is not noted.
Result<void> forget_secret_key(storage::Session& session, const std::string& id);

}  // namespace forecourt::org
