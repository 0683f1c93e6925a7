#include "secrets/key_source.hpp"

#include <filesystem>

#include "base/ids.hpp"
#include "secrets/key_file.hpp"

namespace forecourt::secrets {
namespace {

/// A host has served: something may be sealed. The host's store alone is no sign of it, `forecourt
/// apply` makes that one before the first start.
bool has_data(const std::string& data) {
  std::error_code failure;
  if (std::filesystem::exists(data + "/webhooks/store.db", failure)) return true;
  const std::filesystem::directory_iterator folders(data + "/plugins", failure);
  return !failure && folders != std::filesystem::directory_iterator();
}

Result<Keyring> make_keys(const KeySource& source) {
  if (has_data(source.data)) {
    return invalid(source.path() +
                   ": is missing, but there is data: put it back from a backup; without it what "
                   "was sealed cannot be opened");
  }
  Key fresh;
  fill_random(fresh);
  Keyring ring(fresh);
  if (auto written = write_key_file(source.path(), ring); !written) return written.error();
  return ring;
}

Result<Keyring> given_keys(const KeySource& source) {
  if (!source.keys.empty()) return parse_keyring(source.keys);
  auto found = read_key_file(source.file);
  if (!found) return found.error();
  if (!*found)
    return not_found(source.file + ": there is no such file (secrets-key-file); to begin with, " +
                     "move <data>/secrets.key there, or on fresh data write 32 random bytes");
  return **found;
}

/// A forgotten key shows here, not when something does not open.
Result<void> check_none_is_left(const Keyring& given, const KeySource& source) {
  const std::string path = source.data + "/secrets.key";
  auto left = read_key_file(path);
  if (!left) return left.error();
  if (!*left) return {};
  for (const std::string& id : (*left)->ids()) {
    if (given.has(id)) continue;
    return Error{Code::conflict,
                 path + ": holds key " + id + ", which is not among the keys given by " +
                     (source.keys.empty() ? "secrets-key-file" : "FORECOURT_SECRETS_KEY") +
                     ": add it there, or move this file away if nothing was sealed under it"};
  }
  return {};
}

}  // namespace

Result<Keyring> load_keys(const KeySource& source) {
  if (!source.in_data_folder()) {
    auto given = given_keys(source);
    if (!given) return given;
    if (auto checked = check_none_is_left(*given, source); !checked) return checked.error();
    return given;
  }
  auto found = read_key_file(source.path());
  if (!found) return found.error();
  if (*found) return **found;
  return make_keys(source);
}

}  // namespace forecourt::secrets
