#include "sandbox/cgroup.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <sstream>

#include "sandbox/cgroup_folders.hpp"

namespace forecourt::sandbox {
namespace {

constexpr const char* k_prefix = "forecourt-";

/// "memory.max 268435456"; empty when `file` takes the value.
std::string refusal(const std::string& folder, const std::string& file, const std::string& value) {
  if (write_text(folder + "/" + file, value)) return {};
  return file + ": " + std::strerror(errno);
}

/// No path: a name could otherwise lead elsewhere.
std::string leaf_of(const std::string& name) {
  std::string leaf = "/" + std::string(k_prefix) + std::to_string(getpid()) + "-" + name;
  std::replace_if(
      leaf.begin() + 1, leaf.end(),
      [](unsigned char letter) { return letter != '-' && !std::isalnum(letter); }, '-');
  return leaf;
}

/// The number after `key` in a file like memory.events.
uint64_t counter(const std::string& path, const std::string& key) {
  std::istringstream words(read_text(path));
  std::string name;
  uint64_t value = 0;
  while (words >> name >> value)
    if (name == key) return value;
  return 0;
}

/// A group is busy for a moment after its last process has been reaped.
void remove_group(const std::string& folder) {
  for (int attempt = 0; attempt < 50; ++attempt) {
    if (::rmdir(folder.c_str()) == 0 || errno != EBUSY) return;
    ::usleep(1000);
  }
}

void sweep_below(const std::string& own) {
  if (own.empty()) return;
  const std::unique_ptr<DIR, int (*)(DIR*)> entries(::opendir(own.c_str()), ::closedir);
  if (!entries) return;
  while (const dirent* entry = ::readdir(entries.get())) {
    const std::string name = entry->d_name;
    if (name.rfind(k_prefix, 0) != 0) continue;
    const pid_t host = std::atoi(name.c_str() + std::strlen(k_prefix));
    // A group that still has processes stays: the kernel refuses to remove it.
    if (host > 0 && ::kill(host, 0) != 0 && errno == ESRCH) ::rmdir((own + "/" + name).c_str());
  }
}

}  // namespace

std::unique_ptr<Cgroup> Cgroup::make(const std::string& name, const Limits& limits,
                                     const CgroupSystem& system) {
  std::unique_ptr<Cgroup> group(new Cgroup);
  const OwnGroups own = own_groups(system);
  const std::string leaf = leaf_of(name);

  const auto take = [&](Controller& controller, const std::string& which, const std::string& v1,
                        const std::string& v2_file, const std::string& v1_file, uint64_t limit) {
    if (limit == 0) {
      controller.detail = "no limit asked for";
      return false;
    }
    const bool v2 = !own.unified.empty() && has_word(own.unified + "/cgroup.controllers", which);
    const std::string& above = v2 ? own.unified : v1;
    const std::string version = v2 ? " (cgroup v2)" : " (cgroup v1)";
    if (above.empty()) {
      controller.detail = "no cgroup with the controller " + which;
      return v2;
    }
    if (v2 && !delegate(above, which)) {
      controller.detail = which + " is not delegated below " + above + ": " + std::strerror(errno);
      return v2;
    }
    const std::string folder = above + leaf;
    if (::mkdir(folder.c_str(), 0755) != 0 && errno != EEXIST) {
      controller.detail = folder + ": " + std::strerror(errno);
      return v2;
    }
    if (group->folders_.empty() || group->folders_.back() != folder)
      group->folders_.push_back(folder);
    const std::string& file = v2 ? v2_file : v1_file;
    const std::string refused = refusal(folder, file, std::to_string(limit));
    controller.folder = folder;
    controller.held = refused.empty();
    controller.detail =
        refused.empty() ? file + " " + std::to_string(limit) + version : refused + version;
    return v2;
  };

  group->memory_v2_ = take(group->memory_, "memory", own.memory, "memory.max",
                           "memory.limit_in_bytes", limits.memory_bytes);
  take(group->processes_, "pids", own.pids, "pids.max", "pids.max", limits.processes);
  if (group->memory_.held) {
    // Without these a process at its limit moves to swap, or loses threads one by one. Not every kernel has them.
    const std::string& folder = group->memory_.folder;
    if (group->memory_v2_) {
      write_text(folder + "/memory.swap.max", "0");
      write_text(folder + "/memory.oom.group", "1");
    } else {
      write_text(folder + "/memory.memsw.limit_in_bytes", std::to_string(limits.memory_bytes));
    }
  }
  group->open_join_files();
  return group;
}

void Cgroup::open_join_files() {
  for (const std::string& folder : folders_) {
    const int file = ::open((folder + "/cgroup.procs").c_str(), O_WRONLY | O_CLOEXEC);
    if (file >= 0) {
      join_files_.push_back(file);
      continue;
    }
    const std::string refused = std::string("cgroup.procs: ") + std::strerror(errno);
    for (Controller* controller : {&memory_, &processes_})
      if (controller->folder == folder) *controller = {false, folder, refused};
  }
}

Cgroup::~Cgroup() {
  for (const int file : join_files_) ::close(file);
  for (const std::string& folder : folders_) remove_group(folder);
}

void Cgroup::sweep(const CgroupSystem& system) {
  const OwnGroups own = own_groups(system);
  for (const std::string& folder : {own.unified, own.memory, own.pids}) sweep_below(folder);
}

Report Cgroup::report() const {
  Report report;
  report.add("cgroup-memory", memory_.held, memory_.detail);
  report.add("cgroup-pids", processes_.held, processes_.detail);
  return report;
}

uint64_t Cgroup::out_of_memory_kills() const {
  if (!memory_.held) return 0;
  return counter(memory_.folder + (memory_v2_ ? "/memory.events" : "/memory.oom_control"),
                 "oom_kill");
}

}  // namespace forecourt::sandbox
