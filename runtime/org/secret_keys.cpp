#include "org/secret_keys.hpp"

#include <algorithm>

#include "base/rfc3339.hpp"
#include "org/audit.hpp"
#include "org/tree.hpp"

namespace forecourt::org {
namespace {

bool is_known(const std::vector<SecretKey>& known, const std::string& id) {
  return std::ranges::find(known, id, &SecretKey::id) != known.end();
}

Result<void> check_none_is_missing(const std::vector<SecretKey>& known,
                                   const std::vector<std::string>& ids) {
  for (const SecretKey& key : known) {
    if (std::ranges::find(ids, key.id) != ids.end()) continue;
    return Error{Code::conflict,
                 "the secrets key " + key.id + ", here since " + format_rfc3339(key.since_ms) +
                     ", is not among those given: what it sealed would not open; give it too, or, "
                     "when nothing is sealed under it any more, run: forecourt secrets drop " +
                     key.id};
  }
  return {};
}

bool is_same(const std::vector<SecretKey>& known, const std::vector<std::string>& ids) {
  return std::ranges::equal(known, ids, {}, &SecretKey::id);
}

}  // namespace

Result<std::vector<SecretKey>> list_secret_keys(storage::Session& session) {
  std::vector<SecretKey> keys;
  auto table = session.query("SELECT 1 FROM sqlite_master WHERE name = 'secret_keys'");
  if (!table) return table.error();
  auto there = table->next();
  if (!there) return there.error();
  if (there->empty()) return keys;
  auto rows = session.query("SELECT id, since FROM secret_keys ORDER BY place");
  if (!rows) return rows.error();
  for (;;) {
    auto row = rows->next();
    if (!row) return row.error();
    if (row->empty()) return keys;
    keys.push_back({std::string((*row)[0].bytes()), (*row)[1].as_integer});
  }
}

Result<void> note_secret_keys(storage::Session& session, const std::vector<std::string>& ids,
                              const std::string& actor, int64_t now_ms) {
  auto known = list_secret_keys(session);
  if (!known) return known.error();
  if (auto whole = check_none_is_missing(*known, ids); !whole) return whole;
  for (size_t place = 0; place < ids.size(); ++place) {
    const std::string& id = ids[place];
    auto written = session.execute(
        "INSERT INTO secret_keys (id, place, since) VALUES ($1, $2, $3) "
        "ON CONFLICT (id) DO UPDATE SET place = excluded.place",
        {std::string_view(id), static_cast<int64_t>(place), now_ms});
    if (!written) return written.error();
    if (is_known(*known, id)) continue;
    auto chained = append_audit(session, {now_ms, actor, std::string(k_root), "secrets-key.add", id,
                                          place == 0 ? "{\"seals\":true}" : "{\"seals\":false}"});
    if (!chained) return chained;
  }
  return {};
}

Result<void> note_secret_keys(HostDirectory& directory, const std::vector<std::string>& ids) {
  constexpr int64_t k_wait_ns = 10'000'000'000;
  std::vector<SecretKey> known;
  auto read = directory.store().read(directory.clock().monotonic_ns() + k_wait_ns,
                                     [&](storage::Session& session) -> Result<void> {
                                       auto found = list_secret_keys(session);
                                       if (!found) return found.error();
                                       known = std::move(*found);
                                       return {};
                                     });
  if (!read) return read;
  if (is_same(known, ids)) return {};
  return directory.write([&](storage::Session& session, const Snapshot&) {
    return note_secret_keys(session, ids, "host", directory.clock().now_ms());
  });
}

Result<void> forget_secret_key(storage::Session& session, const std::string& id) {
  auto gone = session.execute("DELETE FROM secret_keys WHERE id = $1", {std::string_view(id)});
  if (!gone) return gone.error();
  if (*gone == 0) return not_found("there is no key " + id);
  return {};
}

}  // namespace forecourt::org
