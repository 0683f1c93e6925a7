#include <sys/stat.h>

#include <filesystem>

#include "doctor/checks.hpp"
#include "secrets/key_file.hpp"

namespace forecourt::doctor {
namespace {

namespace fs = std::filesystem;
using Level = Finding::Level;

constexpr uintmax_t k_free_min = 1ull << 30;
constexpr uintmax_t k_wal_max = 256ull << 20;

void check_private(const std::string& path, const char* mode, Findings& findings) {
  struct stat found {};
  if (::stat(path.c_str(), &found) != 0 || (found.st_mode & 077) == 0) return;
  findings.push_back({Level::trouble, path, "others than its owner may get at it",
                      std::string("chmod ") + mode + " " + path});
}

void check_keys(const std::string& path, Findings& findings) {
  struct stat found {};
  if (::stat(path.c_str(), &found) != 0 || (found.st_mode & 077) != 0) return;
  if (auto keys = secrets::read_key_file(path); !keys)
    findings.push_back(
        {Level::trouble, path, keys.error().message, "put back the one that belongs to this data"});
}

void check_room(const std::string& folder, Findings& findings) {
  std::error_code failure;
  const auto space = fs::space(folder, failure);
  if (failure || space.available >= k_free_min) return;
  findings.push_back({Level::trouble, folder,
                      "only " + std::to_string(space.available >> 20) + " MiB are free",
                      "make room: a store without room takes no writes"});
}

void check_logs(const std::string& folder, Findings& findings) {
  std::error_code failure;
  for (const auto& entry : fs::recursive_directory_iterator(folder, failure)) {
    if (entry.path().filename() != "store.db-wal") continue;
    const uintmax_t bytes = entry.file_size(failure);
    if (failure || bytes < k_wal_max) continue;
    findings.push_back({Level::trouble, entry.path(),
                        "the log has " + std::to_string(bytes >> 20) + " MiB",
                        "start the host and stop it: that moves the log into the database"});
  }
}

/// What a restore that was killed left beside the data.
void check_leftovers(const std::string& folder, Findings& findings) {
  std::error_code failure;
  const std::string staging = fs::canonical(folder, failure).string() + ".restoring";
  if (failure || !fs::exists(staging, failure)) return;
  const bool incomplete = fs::exists(staging + "/restore.incomplete", failure);
  findings.push_back({Level::note, staging,
                      incomplete ? "a restore was cut short before it changed anything"
                                 : "the data from before a restore that was cut short at its end",
                      incomplete ? "restore again, or delete it" : "keep it or delete it"});
}

}  // namespace

void check_files(const Patient& patient, Findings& findings) {
  check_private(patient.folder, "700", findings);
  check_private(patient.folder + "/secrets.key", "600", findings);
  check_keys(patient.folder + "/secrets.key", findings);
  check_private(patient.folder + "/admin.key", "600", findings);
  check_private(patient.folder + "/audit.key", "600", findings);
  if (patient.is_backup) return;
  check_room(patient.folder, findings);
  check_logs(patient.folder, findings);
  check_leftovers(patient.folder, findings);
}

}  // namespace forecourt::doctor
