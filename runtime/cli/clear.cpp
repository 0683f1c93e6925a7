#include <cstdio>

#include "cli/verbs.hpp"

namespace forecourt::cli {

int run_clear(const Whereabouts& where, const std::string& id) {
  // The name becomes part of a path.
  if (id.empty() ||
      id.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-_") != std::string::npos) {
    return fail("plugins clear", "\"" + id + "\" is not a plugin's id");
  }
  auto target = find_target(where);
  if (!target) return fail("plugins clear", target.error().message);
  if (!target->running)
    return fail("plugins clear", "no host runs; a quarantine ends with the host anyway");
  auto answer = call_admin(*target, "POST", "/plugins/" + id + "/clear");
  if (!answer) return fail("plugins clear", answer.error().message);
  std::printf("%s: runs again\n", id.c_str());
  return 0;
}

}  // namespace forecourt::cli
