// Request targets: what is let through has one meaning, and decodes to clean text.

#include <string>

#include "base/utf8.hpp"
#include "fuzz.hpp"
#include "gateway/target.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace forecourt::gateway;
  const std::string_view raw = fuzz::text(data, size);
  Target target;
  if (parse_target(raw, target) != nullptr) return 0;
  fuzz::must(target.path == "*" || target.path.starts_with('/'), "a path from the root");
  std::string path;
  append_decoded(path, target.path, false);
  fuzz::must(path.find('\0') == std::string::npos, "no NUL in a path");
  fuzz::must(forecourt::is_utf8(path), "a path in UTF-8");
  fuzz::must(("/" + path + "/").find("/../") == std::string::npos, "no dot segments");
  if (!target.escaped) fuzz::must(path == target.path, "a path without escapes is itself");
  std::string query;
  append_decoded(query, target.query, true);
  fuzz::must(forecourt::is_utf8(query), "a query in UTF-8");
  return 0;
}
