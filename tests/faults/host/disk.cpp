#include "faults/host/disk.hpp"

#include <unistd.h>

#include <fstream>

namespace faults {
namespace {

using forecourt::test_support::DiskJournal;
using forecourt::test_support::VfsShim;

std::string journal_beside(const std::string& socket_path) { return socket_path + ".disk"; }

/// What the parent was started with: a child is given no environment but its own.
std::string setting_of_host(const std::string& name) {
  std::ifstream settings("/proc/" + std::to_string(::getppid()) + "/environ", std::ios::binary);
  for (std::string setting; std::getline(settings, setting, '\0');)
    if (setting.rfind(name + "=", 0) == 0) return setting.substr(name.size() + 1);
  return {};
}

}  // namespace

// Both live as long as the process: SQLite may use the disk up to its end.

VfsShim& make_disk(const std::string& socket_path) {
  static auto* const disk =
      new VfsShim(VfsShim::Use::by_everyone, DiskJournal::make(journal_beside(socket_path)));
  return *disk;
}

void join_disk_of_host() {
  const std::string control = setting_of_host("FAULTS_CONTROL");
  if (control.empty()) return;
  static auto* const disk =
      new VfsShim(VfsShim::Use::by_everyone, DiskJournal::join(journal_beside(control)));
  static_cast<void>(disk);
}

}  // namespace faults
