#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

#include <memory>

#include "sandbox/layers.hpp"

namespace forecourt::sandbox {
namespace {

// Allowed whatever their arguments. Files are what Landlock and the private root leave of them; not here is what Landlock
// does not see: truncate by path before its ABI 3, modes, owners, times and attributes.
constexpr const char* k_allowed[] = {
    // Descriptors
    "read", "write", "readv", "writev", "pread64", "pwrite64", "preadv", "pwritev", "preadv2",
    "pwritev2", "close", "close_range", "dup", "dup2", "dup3", "pipe", "pipe2", "lseek", "poll",
    "ppoll", "select", "pselect6", "epoll_create", "epoll_create1", "epoll_ctl", "epoll_wait",
    "epoll_pwait", "epoll_pwait2", "eventfd", "eventfd2", "timerfd_create", "timerfd_settime",
    "timerfd_gettime", "signalfd", "signalfd4",
    // Files
    "open", "openat", "creat", "stat", "fstat", "lstat", "newfstatat", "statx", "statfs", "fstatfs",
    "access", "faccessat", "faccessat2", "readlink", "readlinkat", "getdents", "getdents64",
    "getcwd", "mkdir", "mkdirat", "rmdir", "unlink", "unlinkat", "rename", "renameat", "renameat2",
    "ftruncate", "fallocate", "fsync", "fdatasync", "sync_file_range", "fadvise64", "readahead",
    "copy_file_range", "flock", "umask",
    // Sockets that were given: none can be made, bound or connected.
    "recvmsg", "recvfrom", "recvmmsg", "sendmsg", "shutdown", "getsockopt", "getsockname",
    "getpeername",
    // Memory
    "mmap", "munmap", "mprotect", "mremap", "madvise", "msync", "mincore", "brk", "mlock", "mlock2",
    "munlock", "membarrier",
    // Threads
    "futex", "futex_waitv", "set_robust_list", "get_robust_list", "rseq", "set_tid_address",
    "gettid", "sched_yield", "sched_getaffinity", "sched_getparam", "sched_getscheduler",
    "sched_get_priority_max", "sched_get_priority_min", "getcpu", "exit", "exit_group",
    // Signals to itself, clocks
    "rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "rt_sigpending", "rt_sigsuspend",
    "rt_sigtimedwait", "sigaltstack", "pause", "restart_syscall", "clock_gettime", "clock_getres",
    "clock_nanosleep", "nanosleep", "gettimeofday", "time", "times", "alarm", "getitimer",
    "setitimer", "timer_create", "timer_settime", "timer_gettime", "timer_getoverrun",
    "timer_delete",
    // Asking about itself and the machine
    "getpid", "getppid", "getuid", "geteuid", "getgid", "getegid", "getresuid", "getresgid",
    "getgroups", "getpgrp", "getpgid", "getsid", "getrlimit", "getrusage", "getrandom", "uname",
    "sysinfo", "getpriority", "capget"};

// No plugin asks for these by chance: the process ends, which the host tells as SIGSYS.
constexpr const char* k_deadly[] = {"ptrace",
                                    "process_vm_readv",
                                    "process_vm_writev",
                                    "process_madvise",
                                    "kcmp",
                                    "pidfd_getfd",
                                    "io_uring_setup",
                                    "io_uring_enter",
                                    "io_uring_register",
                                    "bpf",
                                    "userfaultfd",
                                    "execve",
                                    "execveat",
                                    "mount",
                                    "umount2",
                                    "pivot_root",
                                    "chroot",
                                    "move_mount",
                                    "open_tree",
                                    "fsopen",
                                    "fsmount",
                                    "fsconfig",
                                    "fspick",
                                    "mount_setattr",
                                    "unshare",
                                    "setns",
                                    "keyctl",
                                    "add_key",
                                    "request_key",
                                    "kexec_load",
                                    "kexec_file_load",
                                    "init_module",
                                    "finit_module",
                                    "delete_module",
                                    "perf_event_open",
                                    "open_by_handle_at",
                                    "name_to_handle_at",
                                    "personality",
                                    "iopl",
                                    "ioperm",
                                    "modify_ldt",
                                    "reboot",
                                    "swapon",
                                    "swapoff",
                                    "acct",
                                    "quotactl",
                                    "syslog",
                                    "settimeofday",
                                    "clock_settime",
                                    "adjtimex",
                                    "clock_adjtime",
                                    "sethostname",
                                    "setdomainname",
                                    "vhangup",
                                    "lookup_dcookie",
                                    "nfsservctl",
                                    "mknod",
                                    "mknodat"};

// The C library has another way when the kernel does not know them.
constexpr const char* k_unknown[] = {"clone3", "openat2"};

constexpr int k_fcntl_commands[] = {
    F_DUPFD, F_DUPFD_CLOEXEC, F_GETFD,     F_SETFD,     F_GETFL,      F_SETFL,     F_GETLK,
    F_SETLK, F_SETLKW,        F_OFD_GETLK, F_OFD_SETLK, F_OFD_SETLKW, F_GET_SEALS, F_GETPIPE_SZ};
constexpr unsigned long k_ioctls[] = {TCGETS, FIONREAD, FIONBIO, FIOCLEX, FIONCLEX};
constexpr int k_set_vma = 0x53564d41;  // PR_SET_VMA: names for mappings
constexpr int k_prctls[] = {PR_SET_NAME,         PR_GET_NAME,    PR_GET_DUMPABLE,
                            PR_GET_NO_NEW_PRIVS, PR_GET_SECCOMP, k_set_vma};

constexpr uint64_t k_namespaces = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC |
                                  CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET | 0x80 /* NEWTIME */;
constexpr uint64_t k_thread = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD;

class Filter {
 public:
  Filter() : context_(seccomp_init(SCMP_ACT_ERRNO(EPERM)), seccomp_release) {}

  template <class... Conditions>
  void add(uint32_t action, const char* name, Conditions... conditions) {
    const int number = seccomp_syscall_resolve_name(name);
    // What this machine or this libseccomp does not have falls to the default.
    if (number == __NR_SCMP_ERROR || number < 0 || failed_ != 0) return;
    failed_ =
        seccomp_rule_add(context_.get(), action, number, sizeof...(conditions), conditions...);
    if (failed_ != 0) name_ = name;
  }
  Result<void> load() {
    if (failed_ == 0) failed_ = set(SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
    if (failed_ == 0) failed_ = set(SCMP_FLTATR_CTL_TSYNC, 1);
    if (failed_ == 0) failed_ = set(SCMP_FLTATR_CTL_OPTIMIZE, 2);
    if (failed_ == 0) failed_ = seccomp_load(context_.get());
    if (failed_ == 0) return {};
    errno = -failed_;
    return internal(failure("seccomp" + (name_.empty() ? name_ : " " + name_)));
  }

 private:
  int set(scmp_filter_attr attribute, uint32_t value) {
    return seccomp_attr_set(context_.get(), attribute, value);
  }

  const std::unique_ptr<void, void (*)(scmp_filter_ctx)> context_;
  int failed_ = 0;
  std::string name_;
};

scmp_arg_cmp equals(unsigned argument, uint64_t value) { return {argument, SCMP_CMP_EQ, value, 0}; }

void allow_by_argument(Filter& filter) {
  const uint32_t allow = SCMP_ACT_ALLOW;
  const auto itself = static_cast<uint64_t>(getpid());
  // Threads only: no process, no namespace.
  constexpr uint64_t k_looked_at =
      k_thread | k_namespaces | CLONE_PTRACE | CLONE_VFORK | CLONE_PARENT;
  filter.add(allow, "clone", scmp_arg_cmp{0, SCMP_CMP_MASKED_EQ, k_looked_at, k_thread});
  filter.add(allow, "kill", equals(0, itself));
  filter.add(allow, "tgkill", equals(0, itself));
  for (const int command : k_fcntl_commands)
    filter.add(allow, "fcntl", equals(1, static_cast<uint32_t>(command)));
  for (const unsigned long request : k_ioctls)
    filter.add(allow, "ioctl", equals(1, static_cast<uint32_t>(request)));
  for (const int option : k_prctls)
    filter.add(allow, "prctl", equals(0, static_cast<uint32_t>(option)));
  // Reading its own limits.
  for (const uint64_t pid : {uint64_t{0}, itself})
    filter.add(allow, "prlimit64", equals(0, pid), equals(2, 0));
  // Without an address it can only answer whom it was given.
  filter.add(allow, "sendto", equals(4, 0));
}

}  // namespace

Result<void> restrict_system_calls(Report& report) {
  Filter filter;
  for (const char* name : k_allowed) filter.add(SCMP_ACT_ALLOW, name);
  allow_by_argument(filter);
  for (const char* name : k_deadly) filter.add(SCMP_ACT_KILL_PROCESS, name);
  for (const char* name : k_unknown) filter.add(SCMP_ACT_ERRNO(ENOSYS), name);
  if (auto loaded = filter.load(); !loaded) {
    report.add("seccomp", false, loaded.error().message);
    return {};
  }
  report.add("seccomp", true,
             std::to_string(std::size(k_allowed)) + " calls allowed, 8 by argument");
  return {};
}

}  // namespace forecourt::sandbox
