#include <cstdio>

#include "base/rfc3339.hpp"
#include "cli/offline.hpp"
#include "cli/verbs.hpp"
#include "org/secret_keys.hpp"
#include "secrets/key_file.hpp"
#include "storage/closed_store.hpp"

namespace forecourt::cli {
namespace {

std::string age_of(int64_t since_ms, int64_t now_ms) {
  const int64_t days = (now_ms - since_ms) / (int64_t{24} * 3600 * 1000);
  return days == 1 ? "1 day" : std::to_string(days) + " days";
}

Result<void> list(const Settings& settings) {
  auto store =
      storage::ClosedStore::open(settings.data_path("host"), storage::ClosedStore::Kind::data);
  if (!store && store.error().code == Code::conflict)
    return Error{Code::conflict,
                 settings.data +
                     ": a host works on this data: stop it first; which keys it "
                     "was given since when stands in its audit log (secrets-key.*)"};
  if (!store) return store.error();
  std::vector<org::SecretKey> keys;
  auto read = (*store)->read([&](storage::Session& session) -> Result<void> {
    auto found = org::list_secret_keys(session);
    if (!found) return found.error();
    keys = std::move(*found);
    return {};
  });
  if (!read) return read;
  if (keys.empty())
    return not_found("no key is noted yet: the next start of the host notes those it is given");
  const int64_t now_ms = SystemClock().now_ms();
  std::printf("%-8s  %-24s  %-10s  %s\n", "KEY", "SINCE", "AGE", "USE");
  for (size_t place = 0; place < keys.size(); ++place) {
    std::printf("%-8s  %-24s  %-10s  %s\n", keys[place].id.c_str(),
                format_rfc3339(keys[place].since_ms).c_str(),
                age_of(keys[place].since_ms, now_ms).c_str(),
                place == 0 ? "seals and opens" : "opens");
  }
  return {};
}

/// The file whose keys change; an error where they come from elsewhere.
Result<secrets::Keyring> keys_of_file(const secrets::KeySource& source) {
  if (!source.keys.empty())
    return invalid(
        "the keys are those of the setting secrets-key (FORECOURT_SECRETS_KEY): make one with "
        "`openssl rand -hex 32`, put it in front of the others there, a comma between, and start "
        "the host");
  auto found = secrets::read_key_file(source.path());
  if (!found) return found.error();
  if (!*found)
    return not_found(source.path() + ": there is no key yet; the first start of the host makes it");
  return **found;
}

/// One transaction with its audit entry. The file comes first: a host whose notes know of a key
/// that is not in the file would not start.
Result<void> rotate(const Settings& settings) {
  const secrets::KeySource source = settings.secrets_source();
  if (auto keys = keys_of_file(source); !keys) return keys.error();
  auto offline = Offline::open(settings);
  if (!offline) return offline.error();
  auto keys = keys_of_file(source);  // again, now that nobody else can change them
  if (!keys) return keys.error();
  auto rotated = keys->rotated();
  if (!rotated) return rotated.error();
  const std::string id = rotated->ids().front();
  auto written = (*offline)->write(
      "secrets-key.rotate", id, [&](storage::Session& session, const org::Snapshot&) {
        if (auto put = secrets::write_key_file(source.path(), *rotated); !put) return put;
        return org::note_secret_keys(session, rotated->ids(), "offline", SystemClock().now_ms());
      });
  if (!written) return written.error();
  std::printf("%s\n", id.c_str());
  std::fprintf(stderr,
               "The next start seals under this key; %zu former open what they sealed.\n"
               "Copy %s to where its backup is kept before you start.\n",
               rotated->keys().size() - 1, source.path().c_str());
  return {};
}

Result<void> drop(const Settings& settings, const std::string& id) {
  const secrets::KeySource source = settings.secrets_source();
  auto offline = Offline::open(settings);
  if (!offline) return offline.error();
  auto keys = secrets::load_keys(source);
  if (!keys) return keys.error();
  std::optional<secrets::Keyring> rest;
  if (keys->has(id)) {
    if (!source.keys.empty())
      return invalid("key " + id + " is still in FORECOURT_SECRETS_KEY: take it out there first");
    auto others = keys->without(id);
    if (!others) return others.error();
    rest.emplace(std::move(*others));
  }
  auto written = (*offline)->write(
      "secrets-key.drop", id, [&](storage::Session& session, const org::Snapshot&) -> Result<void> {
        // The notes first: they are undone when the file cannot be written.
        if (auto gone = org::forget_secret_key(session, id); !gone && !rest) return gone;
        return rest ? secrets::write_key_file(source.path(), *rest) : Result<void>();
      });
  if (!written) return written.error();
  std::printf("%s: dropped\n", id.c_str());
  return {};
}

}  // namespace

int run_secrets(const Settings& settings, SecretsVerb verb, const std::string& id) {
  Result<void> done;
  switch (verb) {
    case SecretsVerb::list: done = list(settings); break;
    case SecretsVerb::rotate: done = rotate(settings); break;
    case SecretsVerb::drop: done = drop(settings, id); break;
  }
  return done ? 0 : fail("secrets", done.error().message);
}

}  // namespace forecourt::cli
