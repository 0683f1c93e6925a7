#include "backup/restore.hpp"

#include <signal.h>
#include <sys/wait.h>

#include <set>

#include "events/cursor.hpp"
#include "events/outbox.hpp"
#include "org/audit.hpp"
#include "org/host_directory.hpp"
#include "unit/backup/backup_fixture.hpp"

namespace forecourt::backup {
namespace {

namespace fs = std::filesystem;

/// A backup with one row and three events in coupons, and a folder to restore into.
class RestoreTest : public BackupTest {
 protected:
  void SetUp() override {
    BackupTest::SetUp();
    Stores stores = open_all(data_, {"coupons", "membership"});
    ASSERT_TRUE(insert(*stores["coupons"], 5).ok());
    publish(*stores["coupons"], 3);
    epoch_ = stores["coupons"]->epoch();
    // membership has read two of the three; one audit entry of coupons is chained, not yet pruned.
    ASSERT_TRUE(stores["membership"]->lane().run_now([&](Session& session) {
      return events::create_cursor(session, "coupons", {epoch_, 2});
    }));
    chain(*stores[k_host], epoch_);
    ASSERT_TRUE(back_up(stores).ok());
    fs::create_directories(into_);
  }
  static void publish(Store& store, int count) {
    for (int i = 0; i < count; ++i) {
      const events::Event event{
          0, "id" + std::to_string(i), "coupons.coupon.redeemed", "coupons", "s", "group", 1, "{}",
          ""};
      ASSERT_TRUE(
          store.lane().run_now([&](Session& session) { return events::publish(session, event); }));
    }
  }
  void chain(Store& host, const std::string& epoch) {
    const std::vector<org::NumberedEntry> entries = {
        {1, {1, "key", "group", "coupons:batch.create", "b", {}}}};
    auto directory = org::HostDirectory::open(host, clock_);
    ASSERT_TRUE(directory.ok());
    ASSERT_TRUE((*directory)->write([&](Session& session, const org::Snapshot&) -> Result<void> {
      auto chained = org::append_plugin_audit(session, "coupons", epoch, entries);
      return chained ? Result<void>() : Result<void>(chained.error());
    }));
  }

  Result<Restored> restore_into(const std::string& data, bool replace = false,
                                std::function<void(const std::string&)> step = {}) {
    RestoreRequest request;
    request.backup = target_;
    request.data = data;
    request.replace = replace;
    request.clock = &clock_;
    request.step = std::move(step);
    return restore(request);
  }
  void expect_refused(const std::string& text) {
    const auto restored = restore_into(into_);
    ASSERT_FALSE(restored.ok());
    EXPECT_NE(restored.error().message.find(text), std::string::npos) << restored.error().message;
    EXPECT_TRUE(fs::is_empty(into_));
    EXPECT_FALSE(fs::exists(into_ + ".restoring"));
  }
  void edit_description(const std::string& from, const std::string& to) {
    std::string text = read_file(target_ + "/backup.json");
    const size_t at = text.find(from);
    ASSERT_NE(at, std::string::npos) << from << " in " << text;
    text.replace(at, from.size(), to);
    std::ofstream(target_ + "/backup.json") << text;
  }
  int64_t row(const std::string& data) {
    int64_t n = -1;
    const auto store = open_store(data, "coupons");
    EXPECT_TRUE(store->read(0, [&](Session& session) -> Result<void> {
      n = integer(session, "SELECT max(n) FROM t");
      return {};
    }));
    return n;
  }

  const std::string into_ = folder_.path("into");
  std::string epoch_;
};

TEST_F(RestoreTest, RefusesAFolderThatIsNoFinishedBackup) {
  fs::remove(target_ + "/backup.json");
  expect_refused("is missing");
}

TEST_F(RestoreTest, RefusesANewerFormat) {
  edit_description("\"format\": 1", "\"format\": 2");
  expect_refused("newer forecourt");
}

TEST_F(RestoreTest, RefusesANameThatIsAPath) {
  edit_description("\"name\": \"coupons\"", "\"name\": \"../coupons\"");
  expect_refused("is no store");
}

TEST_F(RestoreTest, RefusesAChangedFile) {
  const std::string path = target_ + "/plugins/coupons/store.db";
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(5000);
  file.put('x');
  file.close();
  expect_refused("is not what backup.json says");
}

TEST_F(RestoreTest, RefusesAMissingFile) {
  fs::remove(target_ + "/plugins/coupons/store.db");
  expect_refused("plugins/coupons/store.db");
}

TEST_F(RestoreTest, RefusesADescriptionOfAnotherStore) {
  edit_description("\"outbox_head\": 3", "\"outbox_head\": 1");
  expect_refused("outbox");
}

TEST_F(RestoreTest, RefusesToReplaceDataUnasked) {
  ASSERT_TRUE(restore_into(into_).ok());
  EXPECT_EQ(restore_into(into_).error().code, Code::conflict);
}

TEST_F(RestoreTest, KeepsTheDataFromBeforeAside) {
  fs::create_directories(into_ + "/host");
  std::ofstream(into_ + "/host/mine") << "mine";
  std::ofstream(into_ + "/secrets.key") << "the key";
  std::ofstream(into_ + "/audit.key") << "signs";
  const auto restored = restore_into(into_, true);
  ASSERT_TRUE(restored) << restored.error().message;
  EXPECT_EQ(read_file(restored->kept_aside + "/host/mine"), "mine");
  EXPECT_EQ(read_file(into_ + "/secrets.key"), "the key") << "none in the backup: the one here";
  EXPECT_EQ(read_file(into_ + "/audit.key"), "signs");
  EXPECT_TRUE(restored->secrets_key);
  EXPECT_FALSE(fs::exists(into_ + "/host/mine"));
  EXPECT_EQ(mode_of(into_), 0700u);
  EXPECT_EQ(row(into_), 5);
}

TEST_F(RestoreTest, EveryRestoreIsAnEpochOfItsOwn) {
  ASSERT_TRUE(restore_into(into_).ok());
  const std::string second = folder_.path("second");
  fs::create_directories(second);
  ASSERT_TRUE(restore_into(second).ok());
  std::set<std::string> epochs = {epoch_};
  for (const std::string& data : {into_, second}) {
    const auto store = open_store(data, "coupons");
    epochs.insert(store->epoch());
    publish(*store, 1);
    ASSERT_TRUE(store->read(0, [&](Session& session) -> Result<void> {
      auto history = events::read_history(session);
      EXPECT_TRUE(history.ok());
      // Who had read up to the backup goes on; who had read what the backup lost stops.
      const events::Standing within = events::judge({epoch_, 2}, *history);
      EXPECT_EQ(within.trouble, "");
      EXPECT_EQ(within.resume.number, 2);
      EXPECT_EQ(events::judge({epoch_, 3}, *history).trouble, "");
      EXPECT_NE(events::judge({epoch_, 4}, *history).trouble, "");
      return {};
    }));
  }
  EXPECT_EQ(epochs.size(), 3u);
}

TEST_F(RestoreTest, AnAuditEntryChainedBeforeIsNotChainedAgain) {
  ASSERT_TRUE(restore_into(into_).ok());
  const auto coupons = open_store(into_, "coupons");
  const auto host = open_store(into_, k_host);
  chain(*host, coupons->epoch());
  std::vector<std::string> actions;
  ASSERT_TRUE(host->read(0, [&](Session& session) -> Result<void> {
    auto entries = org::list_audit(session, 0, 10);
    EXPECT_TRUE(entries.ok());
    for (const auto& entry : *entries) actions.push_back(entry.entry.action);
    return org::verify_audit(session);
  }));
  const std::vector<std::string> expected = {"backup.restore", "coupons:batch.create"};
  EXPECT_EQ(actions, expected);
}

/// Whole is: the old data untouched, or the backup's with a new epoch.
TEST_F(RestoreTest, KilledAtAnyStepItLeavesTheOldOrTheNew) {
  int steps = 0;
  const std::string trial = folder_.path("trial");
  fs::create_directories(trial);
  ASSERT_TRUE(restore_into(trial, false, [&](const std::string&) { ++steps; }).ok());
  ASSERT_GT(steps, 8);
  int old_ones = 0;
  int new_ones = 0;
  for (int kill_at = 1; kill_at <= steps; ++kill_at) {
    const std::string data = folder_.path("data-" + std::to_string(kill_at));
    {
      const auto before = open_store(data, "coupons");
      ASSERT_TRUE(insert(*before, 99).ok());
    }
    const pid_t child = ::fork();
    if (child == 0) {
      int at = 0;
      (void)restore_into(data, true, [&](const std::string&) {
        if (++at == kill_at) ::kill(::getpid(), SIGKILL);
      });
      ::_exit(0);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status)) << "step " << kill_at;
    const int64_t found = row(data);
    ASSERT_TRUE(found == 99 || found == 5) << "step " << kill_at << ": " << found;
    ++(found == 99 ? old_ones : new_ones);
    // The next try succeeds, and the data from before is still somewhere.
    ASSERT_TRUE(restore_into(data, true).ok()) << "step " << kill_at;
    EXPECT_EQ(row(data), 5);
    bool kept = false;
    for (const auto& entry : fs::directory_iterator(folder_.path(""))) {
      const std::string path = entry.path().string();
      if (path.rfind(data + ".before", 0) == 0) kept = kept || row(path) == 99;
    }
    EXPECT_TRUE(kept) << "step " << kill_at;
  }
  EXPECT_GT(old_ones, 0);
  EXPECT_GT(new_ones, 0);
}

}  // namespace
}  // namespace forecourt::backup
