#pragma once

#include <map>
#include <string>

#include "doctor/doctor.hpp"
#include "events/lineage.hpp"
#include "org/directory.hpp"
#include "storage/closed_store.hpp"

namespace forecourt::doctor {

/// What the checks of one store need to know of the others.
struct Surroundings {
  std::map<std::string, events::History> histories;  ///< by plugin
  std::vector<storage::OrgPair> closure;             ///< of the tree, sorted
  int64_t tree_version = 0;
};

/// Modes, free space, the size of logs, leftovers.
void check_files(const Patient& patient, Findings& findings);

/// The audit chain, and the tree for the other checks.
Result<void> check_host(const Patient& patient, storage::ClosedStore& store, Surroundings& around,
                        Findings& findings);

/// What SQLite says of the file.
Result<void> check_database(const std::string& where, storage::ClosedStore& store,
                            Findings& findings);

/// Cursors, what is parked, migrations, the closure, what waits to be pruned.
Result<void> check_plugin(const Patient& patient, const std::string& id,
                          storage::ClosedStore& store, const Surroundings& around,
                          Findings& findings);

}  // namespace forecourt::doctor
