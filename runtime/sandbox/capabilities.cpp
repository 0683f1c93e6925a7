#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sandbox/layers.hpp"

namespace forecourt::sandbox {

bool drop_bounding_set() {
  for (int capability = 0; prctl(PR_CAPBSET_READ, capability) >= 0; ++capability)
    if (prctl(PR_CAPBSET_DROP, capability) != 0) return false;
  return true;
}

Result<void> drop_capabilities(bool bounding_set_empty, Report& report) {
  prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct none[2]{};
  if (syscall(SYS_capset, &header, none) != 0) return internal(failure("sandbox: capset"));
  // Without no-new-privs an exec could bring back what the bounding set still holds; a process without any
  // capability at the start has no right to empty that set.
  report.add("capabilities", true, bounding_set_empty ? "none, bounding set empty" : "none");
  return {};
}

}  // namespace forecourt::sandbox
