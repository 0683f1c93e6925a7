#pragma once

#include <memory>
#include <string>
#include <vector>

#include "sandboxed.hpp"

namespace forecourt::sandbox {

/// What an attempt is aimed at: files beside the own folder that their rights alone would leave open, a process of the
/// same user that sits in a sandbox as well, listeners on loopback and by abstract name, this process.
class Victims {
 public:
  Victims(Sandboxed& boxed, const std::string& mode);
  ~Victims();

  /// "{secret}", "{other}", "{own}", "{parent}", "{sibling}", "{address}", "{port}", "{abstract}" in the words of an
  /// attempt.
  std::vector<std::string> aim(std::vector<std::string> attempt) const;
  bool unharmed();

 private:
  std::string replaced(std::string word) const;

  Sandboxed& boxed_;
  std::unique_ptr<Child> sibling_;
  int tcp_ = -1;
  int abstract_ = -1;
  std::string port_;
  std::string name_;
};

}  // namespace forecourt::sandbox
