#pragma once

#include <sys/types.h>

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "sandbox/cgroup.hpp"
#include "sandbox/report.hpp"

namespace forecourt::sandbox {

/// What to start. The program is this one again (/proc/self/exe, whatever stands at its path by now) unless
/// `program` names another.
struct Command {
  std::vector<std::string> arguments;    // argv; the first is the name that process lists show
  std::vector<std::string> environment;  // "NAME=value", all of it
  std::string program = "/proc/self/exe";
  int output = -1;  // becomes 1; -1: /dev/null
  int errors = -1;  // becomes 2; -1: /dev/null
  // Become 3, 4, …; nothing else survives. No datagram sockets: a message of theirs can name any receiver.
  std::vector<int> descriptors;
};

/// How a process ended.
struct Exit {
  int code = 0;
  int signal = 0;  // 0: it exited with `code`
  bool core = false;
  /// "exited with code 3", "killed by signal 11 (Segmentation fault)".
  std::string text() const;
};

/// A child process: in a session of its own, without the caller's descriptors, environment and signal settings,
/// in `cgroup` from its first instruction. It is killed when the thread that started it ends: start children from
/// one that lives as long as they should. Killed and reaped when destroyed. Thread safe but for the destructor.
class Child {
 public:
  /// Safe beside other threads: what runs between clone and exec shares this process's memory and makes system
  /// calls only.
  static Result<std::unique_ptr<Child>> start(const Command& command,
                                              const Cgroup* cgroup = nullptr);
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  pid_t pid() const { return pid_; }
  /// Readable once the process has ended, for poll; belongs to the Child.
  int pidfd() const { return pidfd_; }
  /// Never reaches a process that took over the number; false when it has ended.
  bool signal(int number) const;
  /// Its end when it has ended; reaps.
  std::optional<Exit> ended();
  /// Waits for the end; -1: without limit. Nothing when it still runs after `timeout_ms`.
  std::optional<Exit> wait(int timeout_ms = -1);
  /// The layers that its start put in force: descriptors.
  Report report() const;

 private:
  Child(pid_t pid, int pidfd) : pid_(pid), pidfd_(pidfd) {}

  const pid_t pid_;
  const int pidfd_;

  std::mutex mutex_;
  std::optional<Exit> exit_;  // guarded by mutex_
};

}  // namespace forecourt::sandbox
