#include "plugin/probe.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <memory>
#include <vector>

#include "base/utf8.hpp"
#include "plugin/crash_marker.hpp"

extern char** environ;

namespace forecourt::plugin {
namespace {

constexpr size_t k_said_bytes_max = 4096;

/// A child process; killed and reaped when it is left running.
class Child {
 public:
  Child(pid_t pid, int output) : pid_(pid), output_(output) {}
  ~Child() {
    if (output_ >= 0) ::close(output_);
    if (pid_ > 0) {
      kill(pid_, SIGKILL);
      wait();
    }
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  int output() const { return output_; }
  int wait() {
    int status = 0;
    while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    pid_ = -1;
    return status;
  }

 private:
  pid_t pid_;
  const int output_;
};

Result<std::unique_ptr<Child>> spawn(const std::vector<std::string>& command) {
  int pipe_ends[2];
  if (pipe2(pipe_ends, O_CLOEXEC) != 0)
    return internal(std::string("a pipe: ") + std::strerror(errno));
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, pipe_ends[1], 1);
  posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);

  // The child starts without the signal mask of the thread that asks, or a crash could be held
  // back.
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none;
  sigemptyset(&none);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);

  std::vector<char*> arguments;
  for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  pid_t pid = -1;
  const int failure =
      posix_spawn(&pid, command.front().c_str(), &actions, &attributes, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  ::close(pipe_ends[1]);
  if (failure != 0) {
    ::close(pipe_ends[0]);
    return internal(command.front() + ": cannot be started: " + std::strerror(failure));
  }
  return std::make_unique<Child>(pid, pipe_ends[0]);
}

/// Reads until the child closes its output; false when it has not by then.
bool read_until_end(int file, std::string& said, int64_t timeout_ms) {
  using std::chrono::steady_clock;
  const auto until = steady_clock::now() + std::chrono::milliseconds(timeout_ms);
  for (;;) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(until - steady_clock::now()).count();
    if (left <= 0) return false;
    pollfd waiting{file, POLLIN, 0};
    const int ready = poll(&waiting, 1, static_cast<int>(left));
    if (ready < 0 && errno != EINTR) return false;
    if (ready <= 0) continue;
    char buffer[1024];
    const ssize_t n = ::read(file, buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return true;
    if (said.size() < k_said_bytes_max) said.append(buffer, static_cast<size_t>(n));
  }
}

}  // namespace

Result<void> probe_library(std::span<const std::string> command, const std::string& library,
                           const std::string& id, const std::string& version, int64_t timeout_ms) {
  std::vector<std::string> words(command.begin(), command.end());
  words.insert(words.end(), {library, id, version});
  auto child = spawn(words);
  if (!child) return child.error();
  std::string said;
  if (!read_until_end((*child)->output(), said, timeout_ms)) {
    return Error{Code::cancelled, "loading it in a child process did not end within " +
                                      std::to_string(timeout_ms) +
                                      " ms: an initialiser or its entry hangs"};
  }
  const int status = (*child)->wait();
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return {};
  if (WIFSIGNALED(status)) {
    return invalid("loading it in a child process died of " + signal_name(WTERMSIG(status)) +
                   ": an initialiser or its entry crashes");
  }
  while (!said.empty() && (said.back() == '\n' || said.back() == ' ')) said.pop_back();
  if (said.empty() || !is_utf8(said)) {
    said = "loading it in a child process ended with status " + std::to_string(WEXITSTATUS(status));
  }
  return invalid(std::move(said));
}

}  // namespace forecourt::plugin
