#include "cli/progress.hpp"

#include <unistd.h>

#include <cstdio>

namespace forecourt::cli {

ProgressLine::ProgressLine() : terminal_(::isatty(STDERR_FILENO) == 1) {}

ProgressLine::~ProgressLine() {
  if (terminal_ && !shown_.empty()) std::fputc('\n', stderr);
}

void ProgressLine::show(const backup::Progress& at) {
  if (at.stores == 0) return;
  std::string line =
      "store " + std::to_string(at.store) + " of " + std::to_string(at.stores) + ": " + at.name;
  if (terminal_)
    line += ", " + std::to_string(at.bytes) + " of " + std::to_string(at.bytes_total) + " bytes";
  else
    line += ", " + std::to_string(at.bytes_total) + " bytes";
  if (line == shown_) return;
  shown_ = line;
  std::fprintf(stderr, terminal_ ? "\r\033[K%s" : "%s\n", line.c_str());
}

}  // namespace forecourt::cli
