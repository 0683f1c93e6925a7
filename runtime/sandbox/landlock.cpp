#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "sandbox/layers.hpp"

namespace forecourt::sandbox {
namespace {

// The kernel's values (linux/landlock.h): the header of Debian 12 ends at ABI 2.
constexpr uint64_t k_execute = 1 << 0;
constexpr uint64_t k_write_file = 1 << 1;
constexpr uint64_t k_read_file = 1 << 2;
constexpr uint64_t k_read_dir = 1 << 3;
constexpr uint64_t k_remove_dir = 1 << 4;
constexpr uint64_t k_remove_file = 1 << 5;
constexpr uint64_t k_make_dir = 1 << 7;
constexpr uint64_t k_make_reg = 1 << 8;
constexpr uint64_t k_refer = 1 << 13;
constexpr uint64_t k_truncate = 1 << 14;

struct Ruleset {
  uint64_t files = 0;
  uint64_t network = 0;
  uint64_t scopes = 0;
};

struct __attribute__((packed)) PathBeneath {
  uint64_t allowed;
  int32_t parent;
};

/// What each ABI adds to what can be forbidden; all of it is.
struct Step {
  int abi;
  uint64_t files;
  uint64_t network;
  uint64_t scopes;
};
constexpr std::array<Step, 6> k_steps{{
    {1, (1 << 13) - 1, 0, 0},  // execute … make_sym
    {2, k_refer, 0, 0},
    {3, k_truncate, 0, 0},
    {4, 0, 3, 0},        // TCP bind and connect
    {5, 1 << 15, 0, 0},  // ioctl of devices
    {6, 0, 0, 3},        // abstract sockets and signals outside
}};

constexpr uint64_t k_read = k_read_file | k_read_dir;
// No links, sockets, pipes or devices: others would follow or open them. Nothing is executed.
constexpr uint64_t k_own = k_read | k_write_file | k_remove_dir | k_remove_file | k_make_dir |
                           k_make_reg | k_refer | k_truncate;

int create_ruleset(const Ruleset* ruleset, size_t size, uint32_t flags) {
  return static_cast<int>(syscall(444, ruleset, size, flags));
}

/// False with errno ENOENT when the path is not there.
bool allow(int ruleset, const std::string& path, uint64_t rights) {
  const int file = ::open(path.c_str(), O_PATH | O_CLOEXEC);
  if (file < 0) return false;
  struct stat found {};
  fstat(file, &found);
  constexpr uint64_t k_for_files = k_execute | k_write_file | k_read_file | k_truncate;
  if (!S_ISDIR(found.st_mode)) rights &= k_for_files;
  // /dev/null is for writing, too.
  if (S_ISCHR(found.st_mode)) rights |= k_write_file;
  PathBeneath rule{rights, file};
  constexpr int k_path_beneath = 1;
  const bool allowed = syscall(445, ruleset, k_path_beneath, &rule, 0) == 0;
  const int error = errno;
  ::close(file);
  errno = error;
  return allowed;
}

Result<void> fill(int ruleset, const Policy& policy, uint64_t handled) {
  for (const std::string& path : policy.read_only)
    if (!allow(ruleset, path, k_read & handled) && errno != ENOENT && errno != EACCES)
      return internal(failure("sandbox: landlock, " + path));
  if (!allow(ruleset, policy.own_folder, k_own & handled))
    return internal(failure("sandbox: landlock, " + policy.own_folder));
  // Needs no-new-privs, which stands by now.
  if (syscall(446, ruleset, 0) != 0) return internal(failure("sandbox: landlock_restrict_self"));
  return {};
}

}  // namespace

Result<void> restrict_files(const Policy& policy, Report& report) {
  const int abi = create_ruleset(nullptr, 0, 1);
  if (abi < 1) {
    report.add("landlock", false, failure("landlock_create_ruleset"));
    return {};
  }
  Ruleset handled;
  for (const Step& step : k_steps) {
    if (step.abi > abi) break;
    handled.files |= step.files;
    handled.network |= step.network;
    handled.scopes |= step.scopes;
  }
  // An older kernel takes the shorter struct that it knows.
  const size_t size = abi >= 6 ? sizeof handled : abi >= 4 ? 16 : 8;
  const int ruleset = create_ruleset(&handled, size, 0);
  if (ruleset < 0) {
    report.add("landlock", false, failure("landlock_create_ruleset"));
    return {};
  }
  auto filled = fill(ruleset, policy, handled.files);
  ::close(ruleset);
  if (filled) report.add("landlock", true, "abi " + std::to_string(abi));
  return filled;
}

}  // namespace forecourt::sandbox
