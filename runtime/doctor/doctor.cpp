#include "doctor/doctor.hpp"

#include <algorithm>
#include <filesystem>
#include <memory>

#include "backup/description.hpp"
#include "doctor/checks.hpp"
#include "storage/foreign.hpp"

namespace forecourt::doctor {
namespace {

namespace fs = std::filesystem;
using storage::ClosedStore;
using Stores = std::map<std::string, std::unique_ptr<ClosedStore>>;

std::vector<std::string> names_in(const std::string& folder) {
  std::vector<std::string> names = {backup::k_host};
  std::error_code none;
  if (fs::exists(folder + "/webhooks/store.db", none)) names.emplace_back(backup::k_webhooks);
  for (const auto& entry : fs::directory_iterator(folder + "/plugins", none)) {
    if (fs::exists(entry.path() / "store.db", none)) names.push_back(entry.path().filename());
  }
  std::sort(names.begin() + 1, names.end());
  return names;
}

/// Opens what can be opened; the rest is a finding.
Stores open_stores(const Patient& patient, Findings& findings) {
  Stores stores;
  for (const std::string& name : names_in(patient.folder)) {
    if (storage::is_foreign(patient.folder, name)) {
      findings.push_back({Finding::Level::note, backup::folder_of(name) + "/store.db",
                          "was not looked at: an isolated plugin's own process wrote it",
                          "nothing; such a file is never opened by the host"});
      continue;
    }
    auto store =
        ClosedStore::open(patient.folder + "/" + backup::folder_of(name),
                          patient.is_backup ? ClosedStore::Kind::backup : ClosedStore::Kind::data);
    if (store) {
      stores.emplace(name, std::move(*store));
      continue;
    }
    findings.push_back({Finding::Level::trouble, backup::folder_of(name) + "/store.db",
                        "cannot be opened: " + store.error().message,
                        "restore the newest backup, or put the file back"});
  }
  return stores;
}

void add_failure(const std::string& name, const Error& error, Findings& findings) {
  findings.push_back({Finding::Level::trouble, backup::folder_of(name) + "/store.db",
                      "cannot be read: " + error.message, "restore the newest backup"});
}

}  // namespace

Result<Findings> examine(const Patient& patient) {
  if (!fs::exists(patient.folder + "/host/store.db"))
    return not_found(patient.folder + ": holds no data of a host");
  Findings findings;
  check_files(patient, findings);
  const Stores stores = open_stores(patient, findings);
  Surroundings around;
  for (const auto& [name, store] : stores) {
    auto checked = check_database(backup::folder_of(name), *store, findings);
    if (checked && name == backup::k_host) checked = check_host(patient, *store, around, findings);
    if (checked && name.front() != '@') {
      checked = store->read([&, id = name](storage::Session& session) -> Result<void> {
        auto history = events::read_history(session);
        if (!history) return history.error();
        around.histories[id] = std::move(*history);
        return {};
      });
    }
    if (!checked) add_failure(name, checked.error(), findings);
  }
  for (const auto& [name, store] : stores) {
    if (!around.histories.contains(name)) continue;
    auto checked = check_plugin(patient, name, *store, around, findings);
    if (!checked) add_failure(name, checked.error(), findings);
  }
  return findings;
}

}  // namespace forecourt::doctor
