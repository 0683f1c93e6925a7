#include "org/bootstrap.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "org/credential.hpp"
#include "org/keys.hpp"
#include "org/tree.hpp"

namespace forecourt::org {
namespace {

Result<bool> was_bootstrapped(HostDirectory& directory) {
  bool bootstrapped = false;
  auto read = directory.write([&](storage::Session& session, const Snapshot&) -> Result<void> {
    auto rows = session.query("SELECT bootstrapped FROM directory WHERE one = 1");
    if (!rows) return rows.error();
    auto row = rows->next();
    if (!row) return row.error();
    bootstrapped = !row->empty() && (*row)[0].as_integer == 1;
    return {};
  });
  if (!read) return read.error();
  return bootstrapped;
}

Result<bool> is_admin_key(HostDirectory& directory, std::string_view credential) {
  const auto snapshot = directory.snapshot();
  const Key* key = snapshot->authenticate(credential);
  if (!key) return false;
  bool bootstrap = false;
  auto read = directory.write([&](storage::Session& session, const Snapshot&) -> Result<void> {
    auto found = is_bootstrap_key(session, key->id);
    if (!found) return found.error();
    bootstrap = *found;
    return {};
  });
  if (!read) return read.error();
  return bootstrap;
}

Result<void> replace_admin_key(HostDirectory& directory, std::string_view credential) {
  return directory.write([&](storage::Session& session, const Snapshot&) -> Result<void> {
    if (auto gone = session.execute("DELETE FROM keys WHERE bootstrap = 1"); !gone)
      return gone.error();
    const NewKey admin{std::string(k_root), "admin", {"*"}, 0, true};
    auto inserted = insert_key(session, admin, credential, directory.clock().now_ms());
    if (!inserted) return inserted.error();
    auto marked = session.execute("UPDATE directory SET bootstrapped = 1 WHERE one = 1");
    if (!marked) return marked.error();
    return {};
  });
}

Result<void> write_private_file(const std::string& path, std::string_view content) {
  const auto failed = [&](const char* what) {
    return internal(path + ": " + what + ": " + std::strerror(errno));
  };
  const int file =
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (file < 0) return failed("cannot be written");
  // An older file may have been made with a wider mode.
  const bool written =
      ::fchmod(file, 0600) == 0 &&
      ::write(file, content.data(), content.size()) == static_cast<ssize_t>(content.size()) &&
      ::fsync(file) == 0;
  if (!written) {
    auto error = failed("cannot be written");
    ::close(file);
    return error;
  }
  ::close(file);
  return {};
}

}  // namespace

Result<std::string> renew_admin_key(HostDirectory& directory, const std::string& file) {
  std::string credential = new_credential();
  // The file first: a crash between the two leaves a file that is no key yet, and the next
  // start of fresh data or a repeat makes another; never a key nobody knows.
  if (auto kept = write_private_file(file, credential + '\n'); !kept) return kept.error();
  if (auto replaced = replace_admin_key(directory, credential); !replaced) return replaced.error();
  return credential;
}

Result<AdminKey> ensure_admin_key(HostDirectory& directory, std::string_view given,
                                  const std::string& file) {
  if (given.empty()) {
    auto bootstrapped = was_bootstrapped(directory);
    if (!bootstrapped) return bootstrapped.error();
    if (*bootstrapped) return AdminKey{};
    auto made = renew_admin_key(directory, file);
    if (!made) return made.error();
    return AdminKey{std::move(*made)};
  }

  if (auto checked = check_chosen_credential(given); !checked) {
    return invalid("FORECOURT_ADMIN_KEY: " + checked.error().message);
  }
  auto present = is_admin_key(directory, given);
  if (!present) return present.error();
  if (*present) return AdminKey{};
  if (auto replaced = replace_admin_key(directory, given); !replaced) {
    return Error{replaced.error().code, "FORECOURT_ADMIN_KEY: " + replaced.error().message};
  }
  ::unlink(file.c_str());  // what it holds is no longer a key
  return AdminKey{};
}

}  // namespace forecourt::org
