#include "storage/closed_store.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "storage/connection.hpp"

namespace forecourt::storage {
namespace {

constexpr size_t k_findings_max = 20;

/// The lock of whoever has the store open; see CrashMarker. -1 when there is none to take.
Result<int> lock_store(const std::string& folder) {
  const std::string path = folder + "/running";
  const int file = ::open(path.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW);
  if (file < 0 && errno == ENOENT) return -1;
  if (file < 0) return internal(path + ": cannot be opened: " + std::strerror(errno));
  if (::flock(file, LOCK_EX | LOCK_NB) == 0) return file;
  ::close(file);
  return Error{Code::conflict, folder + ": the store is open"};
}

Result<std::vector<std::string>> texts_of(
    Session& session, const std::string& sql,
    const std::function<std::string(std::span<const Value>)>& text) {
  auto rows = session.query(sql);
  if (!rows) return rows.error();
  std::vector<std::string> texts;
  while (texts.size() < k_findings_max) {
    auto row = rows->next();
    if (!row) return row.error();
    if (row->empty()) break;
    if (std::string found = text(*row); !found.empty()) texts.push_back(std::move(found));
  }
  return texts;
}

}  // namespace

ClosedStore::ClosedStore(int lock, std::unique_ptr<Connection> connection)
    : lock_(lock), connection_(std::move(connection)) {}

ClosedStore::~ClosedStore() {
  if (connection_->in_transaction()) (void)connection_->run("COMMIT");
  if (lock_ >= 0) ::close(lock_);
}

Result<std::unique_ptr<ClosedStore>> ClosedStore::open(const std::string& folder, Kind kind) {
  ConnectionOptions options;
  options.path = folder + "/store.db";
  options.read_only = true;
  options.immutable = kind == Kind::backup;
  if (!std::filesystem::exists(options.path)) return not_found(options.path + ": is missing");
  int lock = -1;
  if (kind == Kind::data) {
    auto locked = lock_store(folder);
    if (!locked) return locked.error();
    lock = *locked;
  }
  auto connection = Connection::open(options);
  if (!connection) {
    if (lock >= 0) ::close(lock);
    return Error{connection.error().code, options.path + ": " + connection.error().message};
  }
  // The program of an integrity check grows with the schema.
  sqlite3_limit((*connection)->handle(), SQLITE_LIMIT_VDBE_OP, 10'000'000);
  return std::unique_ptr<ClosedStore>(new ClosedStore(lock, std::move(*connection)));
}

Result<void> ClosedStore::begin() {
  if (connection_->in_transaction()) return {};
  return connection_->run("BEGIN");
}

Result<void> ClosedStore::read(const std::function<Result<void>(Session&)>& work) {
  if (auto begun = begin(); !begun) return begun;
  Session session = connection_->session(false);
  auto result = work(session);
  connection_->end_rows();
  return result;
}

Result<void> ClosedStore::take() {
  if (auto begun = begin(); !begun) return begun;
  auto read = connection_->read_integer("SELECT count(*) FROM sqlite_schema");
  return read ? Result<void>() : Result<void>(read.error());
}

Result<void> ClosedStore::copy(const std::string& path, const CopyHooks& hooks) {
  if (auto taken = take(); !taken) return taken;
  return copy_snapshot(*connection_, path, hooks);
}

Result<std::vector<std::string>> ClosedStore::check() {
  Session session = connection_->session(false);
  auto found = texts_of(session, "PRAGMA integrity_check(20)", [](std::span<const Value> row) {
    const std::string_view text = row[0].bytes();
    return text == "ok" ? std::string() : std::string(text);
  });
  if (!found) return found;
  auto orphans = texts_of(session, "PRAGMA foreign_key_check", [](std::span<const Value> row) {
    return "row " + std::to_string(row[1].as_integer) + " of " + std::string(row[0].bytes()) +
           " names a row of " + std::string(row[2].bytes()) + " that is not there";
  });
  if (!orphans) return orphans;
  for (std::string& orphan : *orphans) found->push_back(std::move(orphan));
  connection_->end_rows();
  return found;
}

}  // namespace forecourt::storage
