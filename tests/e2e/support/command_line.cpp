#include "e2e/support/command_line.hpp"

#include <sys/wait.h>

#include <array>
#include <cstdio>

namespace e2e {

Outcome shell(const std::string& line) {
  Outcome outcome;
  FILE* pipe = ::popen((line + " 2>&1 </dev/null").c_str(), "r");
  if (!pipe) return outcome;
  std::array<char, 4096> chunk;
  size_t n;
  while ((n = std::fread(chunk.data(), 1, chunk.size(), pipe)) > 0)
    outcome.text.append(chunk.data(), n);
  const int status = ::pclose(pipe);
  outcome.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128;
  return outcome;
}

Outcome forecourt(const std::string& arguments) {
  return shell(std::string(FORECOURT_BINARY_DIR) + "/forecourt " + arguments);
}

}  // namespace e2e
