#include "org/host_directory.hpp"

#include <cstring>

#include "base/json.hpp"
#include "org/schema.hpp"
#include "org/snapshot_builder.hpp"

namespace forecourt::org {
namespace {

constexpr int64_t k_read_deadline_ns = 10'000'000'000;

std::string text(const storage::Value& value) { return std::string(value.bytes()); }

Result<void> load_orgs(storage::Session& session, SnapshotBuilder& builder) {
  auto rows = session.query("SELECT id, parent, kind, name, timezone FROM orgs");
  if (!rows) return rows.error();
  for (;;) {
    auto row = rows->next();
    if (!row) return row.error();
    if (row->empty()) return {};
    const auto& columns = *row;
    builder.add(Org{text(columns[0]), text(columns[1]), text(columns[2]), text(columns[3]),
                    text(columns[4])});
  }
}

Result<std::vector<std::string>> scopes_of(std::string_view scopes_json) {
  auto document = json::parse(scopes_json);
  if (!document) return document.error();
  std::vector<std::string> scopes;
  for (const auto& scope : document->GetArray()) scopes.emplace_back(json::view(scope));
  return scopes;
}

Result<void> load_keys(storage::Session& session, SnapshotBuilder& builder) {
  auto rows =
      session.query("SELECT id, org, name, scopes, expires_at, created_at, digest FROM keys");
  if (!rows) return rows.error();
  for (;;) {
    auto row = rows->next();
    if (!row) return row.error();
    if (row->empty()) return {};
    const auto& columns = *row;
    auto scopes = scopes_of(columns[3].bytes());
    if (!scopes)
      return internal("host store: key " + text(columns[0]) + ": " + scopes.error().message);
    Digest digest{};
    if (columns[6].size != digest.size()) {
      return internal("host store: key " + text(columns[0]) + ": its digest is damaged");
    }
    std::memcpy(digest.data(), columns[6].data, digest.size());
    builder.add(Key{text(columns[0]), text(columns[1]), text(columns[2]), std::move(*scopes),
                    columns[4].as_integer, columns[5].as_integer},
                digest);
  }
}

}  // namespace

Result<std::unique_ptr<HostDirectory>> HostDirectory::open(storage::Store& store,
                                                           const Clock& clock) {
  if (auto migrated = store.migrate(host_migrations()); !migrated) return migrated.error();
  std::unique_ptr<HostDirectory> directory(new HostDirectory(store, clock));
  std::lock_guard writing(directory->writing_);
  if (auto loaded = directory->reload(); !loaded) return loaded.error();
  return directory;
}

std::shared_ptr<const Snapshot> HostDirectory::snapshot() const {
  std::lock_guard lock(mutex_);
  return snapshot_;
}

Result<void> HostDirectory::write(const Work& work) {
  std::lock_guard writing(writing_);
  const std::shared_ptr<const Snapshot> now = snapshot();
  Versions after;
  auto done = store_.lane().run_now([&](storage::Session& session) -> Result<void> {
    if (auto worked = work(session, *now); !worked) return worked.error();
    auto versions = read_versions(session);
    if (!versions) return versions.error();
    after = *versions;
    return {};
  });
  if (!done) {
    // The outcome of a failed commit is unknown: what is on disk decides.
    if (auto loaded = reload(); !loaded) return loaded.error();
    return done.error();
  }
  if (after == loaded_) return {};
  return reload();
}

Result<HostDirectory::Versions> HostDirectory::read_versions(storage::Session& session) {
  auto rows = session.query("SELECT tree_version, keys_version FROM directory WHERE one = 1");
  if (!rows) return rows.error();
  auto row = rows->next();
  if (!row) return row.error();
  if (row->empty()) return internal("host store: the row of table directory is gone");
  return Versions{(*row)[0].as_integer, (*row)[1].as_integer};
}

Result<void> HostDirectory::reload() {
  SnapshotBuilder builder;
  Versions versions;
  auto read = store_.read(clock_.monotonic_ns() + k_read_deadline_ns,
                          [&](storage::Session& session) -> Result<void> {
                            auto found = read_versions(session);
                            if (!found) return found.error();
                            versions = *found;
                            if (auto orgs = load_orgs(session, builder); !orgs) return orgs.error();
                            return load_keys(session, builder);
                          });
  if (!read) return read.error();
  auto loaded = builder.build(versions.tree);
  std::lock_guard lock(mutex_);
  snapshot_ = std::move(loaded);
  loaded_ = versions;
  return {};
}

}  // namespace forecourt::org
