#include <algorithm>

#include "backup/description.hpp"
#include "doctor/checks.hpp"
#include "events/rows.hpp"
#include "org/audit_head.hpp"

namespace forecourt::doctor {
namespace {

using Level = Finding::Level;
using storage::Session;

/// The closure from the rows themselves, not from what the host would make of them.
Result<void> read_tree(Session& session, Surroundings& around, Findings& findings) {
  auto version =
      events::integer(session, "SELECT tree_version FROM directory WHERE one = 1", {}, 0);
  if (!version) return version.error();
  around.tree_version = *version;
  auto rows = session.query("SELECT id, parent FROM orgs");
  if (!rows) return rows.error();
  using Row = std::pair<std::string, std::string>;
  auto orgs = events::collect<Row>(*rows, [](auto columns) {
    return Row{events::string(columns[0]), events::string(columns[1])};
  });
  if (!orgs) return orgs.error();
  const std::map<std::string, std::string> parents(orgs->begin(), orgs->end());
  for (const auto& [id, first] : parents) {
    std::string at = id;
    for (size_t depth = 0; !at.empty() && depth <= parents.size(); ++depth) {
      around.closure.push_back({id, at});
      const auto parent = parents.find(at);
      if (parent == parents.end()) {
        findings.push_back({Level::trouble, "host: org " + id,
                            "an org above it, \"" + at + "\", is not there",
                            "restore the newest backup"});
        break;
      }
      at = parent->second;
    }
  }
  return {};
}

Result<void> check_audit(const Patient& patient, Session& session, Findings& findings) {
  org::AuditHead wanted;
  if (patient.is_backup) {
    auto description = backup::read_description(patient.folder);
    if (!description) return description.error();
    auto hash = org::digest_of_hex(description->audit_hash);
    if (description->audit_seq > 0 && hash) {
      wanted.seq = description->audit_seq;
      wanted.hash = *hash;
    }
  }
  const auto intact = org::verify_audit_to(session, wanted);
  if (intact) return {};
  findings.push_back({Level::trouble, "host: audit log", intact.error().message,
                      "find out who could write the data; an older backup shows what was there"});
  return {};
}

}  // namespace

Result<void> check_host(const Patient& patient, storage::ClosedStore& store, Surroundings& around,
                        Findings& findings) {
  return store.read([&](Session& session) -> Result<void> {
    if (auto read = read_tree(session, around, findings); !read) return read;
    return check_audit(patient, session, findings);
  });
}

}  // namespace forecourt::doctor
