#pragma once

#include <ostream>
#include <string>
#include <vector>

namespace forecourt::gateway::testing {

/// A request that must be refused: what it is, its bytes and the status of the one answer.
struct MalformedRequest {
  std::string name;
  std::string bytes;
  int status = 400;
};

/// How GoogleTest names a row.
inline void PrintTo(const MalformedRequest& row, std::ostream* out) { *out << row.name; }

std::vector<MalformedRequest> malformed_start_lines();
std::vector<MalformedRequest> malformed_headers();
std::vector<MalformedRequest> malformed_framing();
std::vector<MalformedRequest> malformed_chunks();

}  // namespace forecourt::gateway::testing
