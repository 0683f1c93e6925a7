#include "backup/restore.hpp"

#include <cstdio>

#include "base/rfc3339.hpp"
#include "cli/data_lock.hpp"
#include "cli/verbs.hpp"

namespace forecourt::cli {

int run_restore(const Settings& settings, const std::string& backup, bool replace) {
  // Before the lock, which makes the folder: a slip of the pen leaves nothing behind.
  if (auto read = backup::read_description(backup); !read)
    return fail("restore", read.error().message);
  auto lock = DataLock::take(settings.data);
  if (!lock) return fail("restore", lock.error().message);
  const SystemClock clock;
  backup::RestoreRequest request;
  request.backup = backup;
  request.data = settings.data;
  request.replace = replace;
  request.clock = &clock;
  request.step = [](const std::string& text) { std::fprintf(stderr, "%s\n", text.c_str()); };
  const auto restored = backup::restore(request);
  if (!restored) return fail("restore", restored.error().message);
  std::printf("%s: holds %s of %s\n", settings.data.c_str(), restored->description.id.c_str(),
              format_rfc3339(restored->description.taken_ms).c_str());
  if (!restored->kept_aside.empty())
    std::printf("the data from before is in %s\n", restored->kept_aside.c_str());
  if (!restored->secrets_key)
    std::fprintf(stderr,
                 "no secrets key came with it: put the one of that host into %s (mode 0600) before "
                 "you start\n",
                 settings.data_path("secrets.key").c_str());
  return 0;
}

}  // namespace forecourt::cli
