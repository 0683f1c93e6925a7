// What a power cut would forget of a fresh data folder: the names that no fsync of their folder
// made durable.
#include <fcntl.h>
#include <sys/syscall.h>

#include <set>

#include "storage_fixture.hpp"

namespace {

std::mutex g_mutex;
std::set<std::string> g_synced;  // guarded by g_mutex: paths of what was synced
int g_failing = 0;               // guarded by g_mutex: the next syncs that fail

int sync_and_note(int descriptor, long call) {
  char path[4096];
  const std::string link = "/proc/self/fd/" + std::to_string(descriptor);
  const ssize_t length = readlink(link.c_str(), path, sizeof path);
  {
    std::lock_guard lock(g_mutex);
    if (g_failing > 0) {
      --g_failing;
      errno = EIO;
      return -1;
    }
    if (length > 0) g_synced.emplace(path, static_cast<size_t>(length));
  }
  return static_cast<int>(syscall(call, descriptor));
}

}  // namespace

// In place of libc's, for this program and the libraries it loads.
extern "C" int fsync(int descriptor) { return sync_and_note(descriptor, SYS_fsync); }
extern "C" int fdatasync(int descriptor) { return sync_and_note(descriptor, SYS_fdatasync); }

namespace forecourt::storage {
namespace {

class StoreFolder : public testing::Test {
 protected:
  StoreFolder() {
    std::lock_guard lock(g_mutex);
    g_synced.clear();
    g_failing = 0;
  }
  StoreOptions options(const std::string& folder) {
    StoreOptions options;
    options.folder = folder;
    options.clock = &clock_;
    return options;
  }
  static bool is_synced(const std::string& path) {
    std::lock_guard lock(g_mutex);
    return g_synced.contains(path);
  }

  ManualClock clock_{1'700'000'000'000};
  TempFolder folder_;
};

TEST_F(StoreFolder, IsNotOpenedWhenItsNameCannotBeMadeDurable) {
  {
    std::lock_guard lock(g_mutex);
    g_failing = 1;
  }
  auto opened = Store::open(options(folder_.path("a/store")));
  ASSERT_FALSE(opened);
  EXPECT_NE(opened.error().message.find("syncing "), std::string::npos) << opened.error().message;
  EXPECT_FALSE(std::filesystem::exists(folder_.path("a/store")));
}

TEST_F(StoreFolder, EveryFolderMadeOnTheWayOutlivesAPowerCut) {
  auto opened = Store::open(options(folder_.path("a/b/store")));
  ASSERT_TRUE(opened) << opened.error().message;
  for (const char* parent : {"", "a", "a/b", "a/b/store"}) {
    std::string path = folder_.path(parent);
    if (path.ends_with('/')) path.pop_back();
    EXPECT_TRUE(is_synced(path)) << path;
  }
}

TEST_F(StoreFolder, OneThatAKilledStartLeftBehindIsSyncedToo) {
  std::filesystem::create_directories(folder_.path("a/b"));
  auto opened = Store::open(options(folder_.path("a/b/store")));
  ASSERT_TRUE(opened) << opened.error().message;
  EXPECT_TRUE(is_synced(folder_.path("a")));
  EXPECT_TRUE(is_synced(folder_.path("a/b")));
}

}  // namespace
}  // namespace forecourt::storage
