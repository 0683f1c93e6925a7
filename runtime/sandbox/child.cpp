#include "sandbox/child.hpp"

#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>

// clone() by the name that the thread sanitizer does not intercept: it takes every clone for a fork, and then this process
// for the child.
extern "C" int __clone(int (*run)(void*), void* stack, int flags, void* argument, ...);

namespace forecourt::sandbox {
namespace {

struct Files {
  const int* data = nullptr;
  size_t size = 0;
};

/// Everything that the new process needs, made before it exists.
struct Plan {
  const char* program;
  char* const* arguments;
  char* const* environment;
  Files descriptors;  // become 0, 1, 2, 3, …; all of them above that range
  Files join_files;
  pid_t parent;
  // What failed; written by the new process into the memory of this one.
  volatile int error = 0;
  const char* volatile step = nullptr;
};

class File {
 public:
  explicit File(int file) : file_(file) {}
  ~File() {
    if (file_ >= 0) ::close(file_);
  }
  File(File&& other) noexcept : file_(other.file_) { other.file_ = -1; }
  File& operator=(File&&) = delete;
  int get() const { return file_; }

 private:
  int file_;
};

// What follows runs in the new process on a stack of its own, in the memory of this one, until the exec: raw system calls
// only, and no sanitizer, which would keep books in memory that the two share.
#define FORECOURT_UNCHECKED __attribute__((no_sanitize("address", "undefined", "thread")))

FORECOURT_UNCHECKED int fail(Plan& plan, const char* step) {
  plan.error = errno;
  plan.step = step;
  syscall(SYS_exit_group, 127);
  return 127;
}

/// The handlers of this process mean nothing in the new one.
FORECOURT_UNCHECKED void default_signals() {
  struct {
    void* handler = nullptr;
    unsigned long flags = 0;
    void* restorer = nullptr;
    uint64_t mask = 0;
  } plain;
  for (int number = 1; number < 65; ++number)
    syscall(SYS_rt_sigaction, number, &plain, nullptr, sizeof plain.mask);
}

FORECOURT_UNCHECKED int in_new_process(void* argument) {
  Plan& plan = *static_cast<Plan*>(argument);
  default_signals();
  if (syscall(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0)
    return fail(plan, "PR_SET_PDEATHSIG");
  // Had it ended before the line above, nobody would end this one.
  if (syscall(SYS_getppid) != plan.parent) return fail(plan, "the parent has ended");
  syscall(SYS_setsid);  // no terminal to type into
  for (size_t i = 0; i < plan.join_files.size; ++i)
    if (syscall(SYS_write, plan.join_files.data[i], "0", 1) != 1)
      return fail(plan, "joining the cgroup");
  const auto count = static_cast<int>(plan.descriptors.size);
  for (int i = 0; i < count; ++i)
    if (syscall(SYS_dup3, plan.descriptors.data[i], i, 0) < 0)
      return fail(plan, "passing descriptors");
  if (syscall(SYS_close_range, count, ~0U, CLOSE_RANGE_CLOEXEC) != 0)
    return fail(plan, "close_range");
  uint64_t none = 0;
  syscall(SYS_rt_sigprocmask, SIG_SETMASK, &none, nullptr, sizeof none);
  syscall(SYS_execve, plan.program, plan.arguments, plan.environment);
  return fail(plan, plan.program);
}

constexpr size_t k_stack_bytes = 64 * 1024;

/// The pid, with `pidfd` set; -1 and errno when there is no process.
pid_t clone_and_exec(Plan& plan, int& pidfd) {
  void* stack = ::mmap(nullptr, k_stack_bytes, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
  if (stack == MAP_FAILED) return -1;
  // A handler that ran in the new process would run in this one's memory.
  uint64_t all = ~uint64_t{0};
  uint64_t before = 0;
  syscall(SYS_rt_sigprocmask, SIG_SETMASK, &all, &before, sizeof all);
  // The calling thread stands still until the exec, and nothing of this process is copied, however large it is.
  const pid_t pid = ::__clone(in_new_process, static_cast<char*>(stack) + k_stack_bytes,
                              CLONE_VM | CLONE_VFORK | CLONE_PIDFD | SIGCHLD, &plan, &pidfd);
  const int error = errno;
  syscall(SYS_rt_sigprocmask, SIG_SETMASK, &before, nullptr, sizeof before);
  ::munmap(stack, k_stack_bytes);
  errno = error;
  return pid;
}

bool sends_anywhere(int file) {
  int type = 0;
  socklen_t size = sizeof type;
  if (::getsockopt(file, SOL_SOCKET, SO_TYPE, &type, &size) != 0) return false;
  return type != SOCK_STREAM && type != SOCK_SEQPACKET;
}

std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> all;
  for (const std::string& text : texts) all.push_back(const_cast<char*>(text.c_str()));
  all.push_back(nullptr);
  return all;
}

}  // namespace

std::string Exit::text() const {
  if (signal == 0) return "exited with code " + std::to_string(code);
  return "killed by signal " + std::to_string(signal) + " (" + ::strsignal(signal) + ")";
}

Result<std::unique_ptr<Child>> Child::start(const Command& command, const Cgroup* cgroup) {
  const std::string where =
      "starting " + (command.arguments.empty() ? command.program : command.arguments[0]);
  const auto failed = [&where](const std::string& what) {
    return internal(where + ": " + what + ": " + std::strerror(errno));
  };
  const File null(::open("/dev/null", O_RDWR | O_CLOEXEC));
  if (null.get() < 0) return failed("/dev/null");
  std::vector<int> sources{null.get(), command.output < 0 ? null.get() : command.output,
                           command.errors < 0 ? null.get() : command.errors};
  sources.insert(sources.end(), command.descriptors.begin(), command.descriptors.end());

  // Above the numbers they are to have, so that none overwrites another on its way there.
  std::vector<File> kept;
  std::vector<int> passed;
  for (const int source : sources) {
    if (sends_anywhere(source))
      return invalid(
          where + ": descriptor " + std::to_string(source) +
          " is a datagram socket, which reaches anybody; pass a stream or seqpacket pair");
    kept.emplace_back(::fcntl(source, F_DUPFD_CLOEXEC, static_cast<int>(sources.size())));
    if (kept.back().get() < 0) return failed("descriptor " + std::to_string(source));
    passed.push_back(kept.back().get());
  }
  const std::vector<char*> arguments = pointers(command.arguments);
  const std::vector<char*> environment = pointers(command.environment);
  Plan plan{command.program.c_str(),
            arguments.data(),
            environment.data(),
            {passed.data(), passed.size()},
            {},
            ::getpid()};
  if (cgroup) plan.join_files = {cgroup->join_files().data(), cgroup->join_files().size()};

  int pidfd = -1;
  const pid_t pid = clone_and_exec(plan, pidfd);
  if (pid < 0) return failed("clone");
  std::unique_ptr<Child> child(new Child(pid, pidfd));
  if (plan.error != 0) {
    errno = plan.error;
    return failed(plan.step);
  }
  return child;
}

Child::~Child() {
  if (!ended()) {
    signal(SIGKILL);
    wait();
  }
  ::close(pidfd_);
}

bool Child::signal(int number) const {
  return syscall(SYS_pidfd_send_signal, pidfd_, number, nullptr, 0) == 0;
}

std::optional<Exit> Child::ended() {
  const std::lock_guard lock(mutex_);
  if (exit_) return exit_;
  siginfo_t info{};
  constexpr auto k_pidfd = static_cast<idtype_t>(3);  // P_PIDFD
  if (::waitid(k_pidfd, static_cast<id_t>(pidfd_), &info, WEXITED | WNOHANG) != 0) {
    // Somebody else reaped it: it has ended, and how is lost.
    if (errno == ECHILD) exit_ = Exit{-1, 0};
    return exit_;
  }
  if (info.si_pid == 0) return std::nullopt;
  if (info.si_code == CLD_EXITED) {
    exit_ = Exit{info.si_status, 0};
  } else {
    exit_ = Exit{0, info.si_status, info.si_code == CLD_DUMPED};
  }
  return exit_;
}

std::optional<Exit> Child::wait(int timeout_ms) {
  using std::chrono::steady_clock;
  const auto until = steady_clock::now() + std::chrono::milliseconds(timeout_ms);
  for (;;) {
    if (auto exit = ended()) return exit;
    int left = -1;
    if (timeout_ms >= 0) {
      const auto still = std::chrono::ceil<std::chrono::milliseconds>(until - steady_clock::now());
      if (still.count() <= 0) return std::nullopt;
      left = static_cast<int>(still.count());
    }
    pollfd waiting{pidfd_, POLLIN, 0};
    ::poll(&waiting, 1, left);
  }
}

Report Child::report() const {
  Report report;
  report.add("descriptors", true, "only those it was given");
  return report;
}

}  // namespace forecourt::sandbox
