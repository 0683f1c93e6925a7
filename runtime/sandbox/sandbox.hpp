#pragma once

#include "base/result.hpp"
#include "sandbox/policy.hpp"
#include "sandbox/report.hpp"

namespace forecourt::sandbox {

/// Shuts the calling process in, for good. To be called once, first thing in a process that Child started, while
/// it has one thread and before it loads what it does not trust. Each layer the kernel or the machine does not
/// give is left out and told in the report: whether that is enough is decided by `missing`, before loading.
/// An error means that the process must end: a policy that cannot be, or one it is half way into.
///
/// What is left to the process: its own folder (no links, sockets or devices in it, nothing executed), which becomes
/// its working folder and the place of temporary files (TMPDIR, SQLITE_TMPDIR), reading
/// `read_only`, the descriptors it was given, memory, threads, clocks, polling. It can start no process,
/// make no socket, signal nobody but itself; what fails with an error and what ends it is told in
/// docs/ISOLATION.md.
Result<Report> enter(const Policy& policy);

}  // namespace forecourt::sandbox
