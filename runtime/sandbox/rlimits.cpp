#include <sys/resource.h>

#include <algorithm>

#include "sandbox/layers.hpp"

namespace forecourt::sandbox {
namespace {

#ifdef FORECOURT_SANITIZED
constexpr bool k_sanitized = true;  // whose shadow memory is terabytes of address space
#else
constexpr bool k_sanitized = false;
#endif

constexpr uint64_t k_mebibyte = uint64_t{1} << 20;

/// Both values, so that there is no way back up; never above what the process already has.
bool set(__rlimit_resource which, uint64_t value) {
  rlimit limit{};
  if (getrlimit(which, &limit) != 0) return false;
  limit.rlim_max = std::min<rlim_t>(limit.rlim_max, value);
  limit.rlim_cur = limit.rlim_max;
  return setrlimit(which, &limit) == 0;
}

uint64_t wider_than(uint64_t memory_bytes) {
  constexpr uint64_t k_largest = uint64_t{1} << 62;
  return std::min(memory_bytes, k_largest) * 2 + 1024 * k_mebibyte;
}

struct Row {
  __rlimit_resource which;
  uint64_t value;
  std::string text;
};

std::string mebibytes(uint64_t bytes) { return std::to_string(bytes / k_mebibyte) + " MiB"; }

}  // namespace

Result<void> limit_resources(const Policy& policy, Report& report) {
  const Limits& limits = policy.limits;
  std::vector<Row> rows{{RLIMIT_CORE, 0, "no core"}, {RLIMIT_MEMLOCK, k_mebibyte, ""}};
  rows.push_back({RLIMIT_MSGQUEUE, 0, ""});
  if (limits.open_files > 0)
    rows.push_back(
        {RLIMIT_NOFILE, limits.open_files, std::to_string(limits.open_files) + " open files"});
  if (limits.file_size_bytes > 0)
    rows.push_back(
        {RLIMIT_FSIZE, limits.file_size_bytes, mebibytes(limits.file_size_bytes) + " a file"});
  if (limits.memory_bytes > 0 && !policy.memory_in_cgroup && !k_sanitized) {
    // The data limit is the nearest to memory in use; shared mappings are not part of it, so the address
    // space has a wider limit of its own, with room for stacks, libraries and mapped files.
    rows.push_back({RLIMIT_DATA, limits.memory_bytes, mebibytes(limits.memory_bytes) + " of data"});
    rows.push_back({RLIMIT_AS, wider_than(limits.memory_bytes), ""});
  }
  // Counted per user: a fair bound only for a user that runs nothing else.
  const bool own_user = policy.uid != 0 || report.in_force("user-namespace");
  if (limits.processes > 0 && !policy.processes_in_cgroup && own_user)
    rows.push_back({RLIMIT_NPROC, limits.processes, std::to_string(limits.processes) + " threads"});

  std::string detail;
  std::string failed;
  for (const Row& row : rows) {
    if (!set(row.which, row.value)) {
      failed = failure("setrlimit " + std::to_string(row.which));
    } else if (!row.text.empty()) {
      detail += (detail.empty() ? "" : ", ") + row.text;
    }
  }
  report.add("rlimits", failed.empty(), failed.empty() ? detail : failed);
  return {};
}

}  // namespace forecourt::sandbox
