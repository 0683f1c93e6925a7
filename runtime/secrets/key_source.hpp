#pragma once

#include <string>

#include "base/result.hpp"
#include "secrets/keyring.hpp"

namespace forecourt::secrets {

/// Where the host's keys are. At most one of the two texts is given; without either they are in
/// `<data>/secrets.key`.
struct KeySource {
  std::string data;
  std::string keys;  ///< the keys themselves, as `parse_keyring` takes them
  std::string file;  ///< a file of them

  bool in_data_folder() const { return keys.empty() && file.empty(); }
  std::string path() const { return file.empty() ? data + "/secrets.key" : file; }
};

/// The keys that seal what plugins and the host keep secret. On fresh data `<data>/secrets.key` is
/// made; missing where there is data already it is an error, for a new one could not open what the
/// old one sealed. Keys given otherwise must include those of a `<data>/secrets.key` that is there.
Result<Keyring> load_keys(const KeySource& source);

}  // namespace forecourt::secrets
