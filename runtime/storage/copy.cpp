#include "storage/copy.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/durable.hpp"
#include "storage/connection.hpp"

namespace forecourt::storage {
namespace {

/// Pages copied between two looks at whether to go on: 4 MiB.
constexpr int k_step_pages = 1'024;

struct Close {
  void operator()(sqlite3* database) const { sqlite3_close_v2(database); }
};
using Target = std::unique_ptr<sqlite3, Close>;

Error system_error(const std::string& path, const char* what) {
  return internal(path + ": " + what + ": " + std::strerror(errno));
}

/// The file is made by us: SQLite would make it readable for others.
Result<void> make_private_file(const std::string& path) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (file < 0) return system_error(path, "cannot be made");
  ::close(file);
  return {};
}

Result<Target> open_target(const std::string& path) {
  sqlite3* raw = nullptr;
  int code =
      sqlite3_open_v2(path.c_str(), &raw, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
  Target target(raw);
  // Nothing of it counts before it is whole and synced.
  if (code == SQLITE_OK)
    code = sqlite3_exec(raw, "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;", nullptr, nullptr,
                        nullptr);
  if (code == SQLITE_OK) return target;
  return internal(path + ": cannot be opened: " + sqlite3_errstr(code));
}

Result<void> copy_pages(Connection& source, sqlite3* target, const std::string& path,
                        const CopyHooks& hooks) {
  auto page_bytes = source.read_integer("PRAGMA page_size");
  if (!page_bytes) return page_bytes.error();
  sqlite3_backup* const backup = sqlite3_backup_init(target, "main", source.handle(), "main");
  if (backup == nullptr) return internal(path + ": " + sqlite3_errmsg(target));
  int code = SQLITE_OK;
  Result<void> result;
  while (result && code == SQLITE_OK) {
    code = sqlite3_backup_step(backup, k_step_pages);
    const int64_t total = sqlite3_backup_pagecount(backup);
    const int64_t done = total - sqlite3_backup_remaining(backup);
    if (source.interrupted()) {
      result = Error{Code::cancelled,
                     "the write-ahead log grew past its bound while the store was copied; "
                     "copy it when less is written"};
    } else if (hooks.progress && !hooks.progress(done * *page_bytes, total * *page_bytes)) {
      result = Error{Code::cancelled, "the copy was ended"};
    }
  }
  const int ended = sqlite3_backup_finish(backup);
  if (result && code != SQLITE_DONE)
    result = Error{ended == SQLITE_FULL ? Code::read_only : Code::internal,
                   path + ": " + sqlite3_errstr(ended != SQLITE_OK ? ended : code)};
  return result;
}

}  // namespace

Result<void> copy_store(Store& store, const std::string& path, int64_t deadline_monotonic_ns,
                        const CopyHooks& hooks) {
  auto* const copyable = dynamic_cast<Copyable*>(&store);
  if (copyable == nullptr) return invalid("a store of this kind cannot be copied");
  return copyable->copy(path, deadline_monotonic_ns, hooks);
}

Result<void> copy_snapshot(Connection& source, const std::string& path, const CopyHooks& hooks) {
  if (hooks.inspect) {
    Session session = source.session(false);
    auto inspected = hooks.inspect(session);
    source.end_rows();
    if (!inspected) return inspected;
  }
  if (auto made = make_private_file(path); !made) return made;
  Result<void> copied;
  {
    auto target = open_target(path);
    copied = target ? copy_pages(source, target->get(), path, hooks) : target.error();
  }
  if (copied) copied = sync_file(path);
  if (!copied) ::unlink(path.c_str());
  return copied;
}

}  // namespace forecourt::storage
