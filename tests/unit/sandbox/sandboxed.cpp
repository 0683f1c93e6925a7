#include "sandboxed.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "sandbox/own_folder.hpp"

namespace forecourt::sandbox {
namespace {

constexpr uid_t k_user = 64321;
constexpr uid_t k_nobody = 65534;

std::string read_all(int file) {
  std::string text;
  char buffer[4096];
  for (ssize_t n = 0; (n = ::read(file, buffer, sizeof buffer)) > 0;)
    text.append(buffer, static_cast<size_t>(n));
  return text;
}

void understand(Outcome& outcome, const std::string& printed) {
  std::istringstream lines(printed);
  std::string line;
  while (std::getline(lines, line)) {
    if (line.rfind("[", 0) == 0) {
      auto report = report_of(line);
      if (report) outcome.report = *report;
    } else if (line.rfind("error ", 0) == 0) {
      outcome.error = line.substr(6);
    } else if (line.rfind("done ", 0) == 0) {
      outcome.done = true;
      outcome.said = line.substr(5);
    } else if (line.rfind("stopped ", 0) == 0) {
      outcome.stopped = std::atoi(line.c_str() + 8);
      outcome.said = line.substr(8);
    }
  }
}

}  // namespace

bool is_root() { return ::geteuid() == 0; }

std::string Outcome::text() const {
  return (done ? "done " + said : "stopped " + said) + "; " + exit.text() + "; error: " + error +
         "; " + to_json(report);
}

Sandboxed::Sandboxed() {
  std::string pattern = (std::filesystem::temp_directory_path() / "sandbox-XXXXXX").string();
  root = ::mkdtemp(pattern.data());
  // Others may pass through, as through the host's data folder; what is inside is closed to them.
  for (const char* name : {"own", "other"}) std::filesystem::create_directory(root / name);
  ::chmod(root.c_str(), 0711);
  for (const char* name : {"secrets.key", "other/store.db"}) {
    std::ofstream(root / name) << "secret";
    ::chmod((root / name).c_str(), 0600);
  }
  policy.name = "fixture";
  policy.own_folder = (root / "own").string();
  policy.read_only = system_paths();
  policy.read_only.emplace_back(SANDBOX_BUNDLE);
  policy.parent = ::getpid();
  if (is_root()) {
    policy.uid = k_user;
    policy.gid = k_user;
  }
}

Sandboxed::~Sandboxed() {
  std::error_code ignored;
  std::filesystem::remove_all(root, ignored);
}

void Sandboxed::start_as_nobody() {
  policy.uid = policy.gid = 0;
  (void)hand_over(policy.own_folder, k_nobody, k_nobody);
}

std::unique_ptr<Child> start_waiting(const Sandboxed& boxed, const std::string& mode) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return nullptr;
  Command wanted = boxed.command({"wait"}, mode);
  wanted.output = ends[1];
  auto child = Child::start(wanted);
  ::close(ends[1]);
  // It prints its report once it is shut in; without one it has ended.
  pollfd waiting{ends[0], POLLIN, 0};
  char first = 0;
  const bool printed = ::poll(&waiting, 1, 20'000) == 1 && ::read(ends[0], &first, 1) == 1;
  ::close(ends[0]);
  if (!child || !printed || first != '[') return nullptr;
  return std::move(*child);
}

Command Sandboxed::command(const std::vector<std::string>& attempt, const std::string& mode) const {
  Command command;
  command.program = SANDBOX_FIXTURE;
  command.arguments = {"fixture", to_json(policy), mode};
  command.arguments.insert(command.arguments.end(), attempt.begin(), attempt.end());
  return command;
}

Outcome Sandboxed::run(const std::vector<std::string>& attempt, const std::string& mode,
                       const Cgroup* cgroup, const std::vector<int>& descriptors) {
  Outcome outcome;
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return outcome;
  Command wanted = command(attempt, mode);
  wanted.output = ends[1];
  wanted.descriptors = descriptors;
  auto child = Child::start(wanted, cgroup);
  ::close(ends[1]);
  if (!child) {
    outcome.error = child.error().message;
  } else if (auto exit = (*child)->wait(20'000)) {
    outcome.exit = *exit;
    understand(outcome, read_all(ends[0]));
  } else {
    outcome.in_time = false;
  }
  ::close(ends[0]);
  return outcome;
}

}  // namespace forecourt::sandbox
