#pragma once

#include <sys/types.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sandbox/child.hpp"
#include "sandbox/sandbox.hpp"

namespace forecourt::sandbox {

/// What came of one attempt of the fixture.
struct Outcome {
  Report report;
  std::string error;  // that it could not shut itself in
  bool done = false;
  int stopped = 0;  // errno
  std::string said;
  Exit exit;
  bool in_time = true;

  bool killed() const { return exit.signal != 0; }
  bool contained() const { return in_time && error.empty() && (killed() || stopped != 0); }
  std::string text() const;
};

/// A folder for the host's secrets, one of the plugin's own, one of another plugin's; and the policy for the fixture.
class Sandboxed {
 public:
  Sandboxed();
  ~Sandboxed();

  Policy policy;
  std::filesystem::path root;
  std::string own() const { return policy.own_folder; }
  std::string outside(const std::string& name) const { return (root / name).string(); }

  /// For mode "nobody".
  void start_as_nobody();
  Outcome run(const std::vector<std::string>& attempt, const std::string& mode = "all",
              const Cgroup* cgroup = nullptr, const std::vector<int>& descriptors = {});
  Command command(const std::vector<std::string>& attempt, const std::string& mode) const;
};

/// The fixture in `mode`, shut in by the time this returns and waiting for its end.
std::unique_ptr<Child> start_waiting(const Sandboxed& boxed, const std::string& mode);

/// Root may give the fixture a user of its own; without root the tests run it as whoever runs them.
bool is_root();

}  // namespace forecourt::sandbox
