#include <algorithm>
#include <set>

#include "backup/description.hpp"
#include "doctor/checks.hpp"
#include "events/rows.hpp"

namespace forecourt::doctor {
namespace {

using Level = Finding::Level;
using storage::Session;
using Pair = std::pair<std::string, std::string>;

constexpr int64_t k_answers_kept_ms = 48ll * 3600 * 1000;

struct Look {
  const Patient& patient;
  const std::string& id;
  Session& session;
  const Surroundings& around;
  Findings& findings;

  void add(Level level, const std::string& where, const std::string& what,
           const std::string& remedy) const {
    findings.push_back({level, id + ": " + where, what, remedy});
  }
};

Result<std::vector<Pair>> pairs(Session& session, const std::string& sql) {
  auto rows = session.query(sql);
  if (!rows) return rows.error();
  return events::collect<Pair>(*rows, [](auto columns) {
    return Pair{events::string(columns[0]), events::string(columns[1])};
  });
}

Result<void> check_cursors(const Look& look) {
  struct Row {
    std::string publisher;
    events::Cursor at;
  };
  auto rows = look.session.query("SELECT publisher, epoch, number FROM fc_cursor");
  if (!rows) return rows.error();
  auto cursors = events::collect<Row>(*rows, [](auto columns) {
    return Row{events::string(columns[0]), {events::string(columns[1]), columns[2].as_integer}};
  });
  if (!cursors) return cursors.error();
  for (const Row& row : *cursors) {
    const auto history = look.around.histories.find(row.publisher);
    if (history == look.around.histories.end()) {
      look.add(Level::note, "cursor on " + row.publisher, "there is no store of that publisher",
               "nothing, unless the publisher should be here");
      continue;
    }
    const events::Standing standing = events::judge(row.at, history->second);
    if (standing.trouble.empty()) continue;
    look.add(Level::trouble, "cursor on " + row.publisher, standing.trouble,
             "delivery stops there rather than skip: restore both stores from one backup");
  }
  return {};
}

Result<void> check_parked(const Look& look) {
  auto events =
      events::integer(look.session, "SELECT count(*) FROM fc_parked WHERE state = 'parked'", {}, 0);
  if (!events) return events.error();
  if (*events > 0)
    look.add(Level::trouble, "events", std::to_string(*events) + " are parked after failures",
             "see GET /admin/v1/events/parked, then replay or drop them");
  auto jobs =
      events::integer(look.session, "SELECT count(*) FROM fc_job WHERE state = 'parked'", {}, 0);
  if (!jobs) return jobs.error();
  if (*jobs > 0)
    look.add(Level::trouble, "jobs", std::to_string(*jobs) + " are parked after failures",
             "see GET /admin/v1/jobs/parked, then replay or drop them");
  return {};
}

/// Stamps against the bundle: what was applied must be what the bundle says was.
Result<void> check_migrations(const Look& look) {
  const auto known = look.patient.migrations.find(look.id);
  if (known == look.patient.migrations.end()) {
    look.add(Level::note, "schema", "no bundle of it was found: its migrations are not compared",
             "name the manifests with --manifests");
    return {};
  }
  auto rows = look.session.query("SELECT number, checksum FROM fc_migration ORDER BY number");
  if (!rows) return rows.error();
  using Stamp = std::pair<int64_t, std::string>;
  auto stamps = events::collect<Stamp>(*rows, [](auto columns) {
    return Stamp{columns[0].as_integer, events::string(columns[1])};
  });
  if (!stamps) return stamps.error();
  const auto& migrations = known->second;
  for (const auto& [number, checksum] : *stamps) {
    if (number < 1 || number > static_cast<int64_t>(migrations.size())) {
      look.add(Level::note, "migration " + std::to_string(number),
               "is applied, but the bundle does not have it: a newer version ran before",
               "nothing: an older version runs on a newer schema");
      continue;
    }
    const storage::Migration& migration = migrations[static_cast<size_t>(number - 1)];
    const org::Digest digest = org::digest_of(migration.sql);
    if (checksum == std::string_view(reinterpret_cast<const char*>(digest.data()), digest.size()))
      continue;
    look.add(Level::trouble, "migration " + migration.name,
             "its text in the bundle is not the one that was applied: the plugin will not start",
             "put the bundle's file back as it was and add a new migration");
  }
  const size_t applied = stamps->size();
  if (applied < migrations.size())
    look.add(Level::note, "schema",
             std::to_string(migrations.size() - applied) + " migrations are not applied yet",
             "nothing: the next start applies them");
  return {};
}

/// Only a closure stamped with the tree's version claims to be equal to it.
Result<void> check_closure(const Look& look) {
  auto version =
      events::integer(look.session, "SELECT value FROM fc_meta WHERE name = 'org_version'", {}, 0);
  if (!version) return version.error();
  if (*version != look.around.tree_version) return {};
  auto held = pairs(look.session, "SELECT id, ancestor FROM fc_org");
  if (!held) return held.error();
  std::set<Pair> wanted;
  for (const storage::OrgPair& pair : look.around.closure) wanted.emplace(pair.id, pair.ancestor);
  if (std::set<Pair>(held->begin(), held->end()) == wanted) return {};
  look.add(Level::trouble, "fc_org", "is not the closure of the tree, though stamped as that",
           "rights are decided by it: restore the newest backup");
  return {};
}

Result<void> check_waiting(const Look& look) {
  auto answers =
      events::integer(look.session, "SELECT count(*) FROM fc_idempotency WHERE created_ms < $1",
                      {look.patient.now_ms - k_answers_kept_ms}, 0);
  if (!answers) return answers.error();
  if (*answers > 0)
    look.add(Level::note, "fc_idempotency",
             std::to_string(*answers) + " stored answers are older than 48 hours",
             "nothing: a running host prunes them, two days after a jump of the clock");
  auto audit = events::integer(look.session, "SELECT count(*) FROM fc_audit_outbox", {}, 0);
  if (!audit) return audit.error();
  if (*audit > 0)
    look.add(Level::note, "fc_audit_outbox",
             std::to_string(*audit) + " audit entries are not chained yet",
             "nothing: a running host chains them");
  return {};
}

}  // namespace

Result<void> check_database(const std::string& where, storage::ClosedStore& store,
                            Findings& findings) {
  auto wrong = store.check();
  if (!wrong) return wrong.error();
  for (const std::string& text : *wrong)
    findings.push_back({Level::trouble, where + "/store.db", text, "restore the newest backup"});
  return {};
}

Result<void> check_plugin(const Patient& patient, const std::string& id,
                          storage::ClosedStore& store, const Surroundings& around,
                          Findings& findings) {
  return store.read([&](Session& session) -> Result<void> {
    const Look look{patient, id, session, around, findings};
    for (const auto check :
         {check_cursors, check_parked, check_migrations, check_closure, check_waiting}) {
      if (auto checked = check(look); !checked) return checked;
    }
    return {};
  });
}

}  // namespace forecourt::doctor
