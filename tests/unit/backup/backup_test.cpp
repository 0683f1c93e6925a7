#include "unit/backup/backup_fixture.hpp"

#include "backup/files.hpp"

namespace forecourt::backup {
namespace {

namespace fs = std::filesystem;

TEST_F(BackupTest, RefusesATargetThatIsNoNewFolder) {
  fs::create_directories(folder_.path("full"));
  std::ofstream(folder_.path("full") + "/file") << "mine";
  for (const std::string& target :
       {std::string("relative"), data_ + "/inside", folder_.path("no/parent"), folder_.path("full"),
        folder_.path("full") + "/file", std::string()}) {
    EXPECT_FALSE(check_target(target, data_).ok()) << target;
  }
  Request into_full = request();
  into_full.folder = folder_.path("full");
  EXPECT_FALSE(back_up(std::move(into_full), open_all(data_, {})).ok());
  EXPECT_EQ(read_file(folder_.path("full") + "/file"), "mine");
}

TEST_F(BackupTest, RefusesWhereTheHostHasNoData) {
  EXPECT_FALSE(back_up({}).ok());
  EXPECT_FALSE(fs::exists(target_));
}

TEST_F(BackupTest, FailsCleanlyWhenALaneDoesNotStandStill) {
  Stores stores = open_all(data_, {"slow", "quick"});
  storage::Signal started;
  storage::Signal release;
  storage::Fates fates;
  std::unique_ptr<storage::WriteCall> call = std::make_unique<storage::TestCall>(
      0,
      [&](Session&) {
        started.set();
        release.wait();
        return storage::Verdict::commit;
      },
      fates);
  ASSERT_TRUE(stores["slow"]->lane().submit(call));
  ASSERT_TRUE(started.wait());
  Request impatient = request();
  impatient.held_max = std::chrono::milliseconds(50);
  {
    Backup backup(std::move(impatient));
    const auto taken = backup.take(stores);
    ASSERT_FALSE(taken.ok());
    EXPECT_NE(taken.error().message.find("slow went on"), std::string::npos)
        << taken.error().message;
    // The others go on while the slow one is still at its call.
    EXPECT_TRUE(insert(*stores["quick"], 1).ok());
    release.set();
  }
  EXPECT_FALSE(fs::exists(target_));
  EXPECT_TRUE(insert(*stores["quick"], 2).ok());
  EXPECT_TRUE(fates.wait_for(1));
}

TEST_F(BackupTest, LeavesNothingWhenItIsEnded) {
  const Stores stores = open_all(data_, {"coupons"});
  Request ended = request();
  ended.progress = [](const Progress& at) { return at.store < 2; };
  EXPECT_FALSE(back_up(std::move(ended), stores).ok());
  EXPECT_FALSE(fs::exists(target_));
}

TEST_F(BackupTest, FailsWhenTheSecretsKeyItWasAskedForIsMissing) {
  Request asked = request();
  asked.with_secrets_key = true;
  EXPECT_FALSE(back_up(std::move(asked), open_all(data_, {})).ok());
  EXPECT_FALSE(fs::exists(target_));
}

TEST_F(BackupTest, LeavesTheSecretsKeyOutUnlessAskedFor) {
  const Stores stores = open_all(data_, {});
  std::ofstream(data_ + "/secrets.key") << "the key";
  ASSERT_TRUE(back_up(stores).ok());
  EXPECT_FALSE(fs::exists(target_ + "/secrets.key"));
  Request asked = request();
  asked.folder = folder_.path("second");
  asked.with_secrets_key = true;
  ASSERT_TRUE(back_up(std::move(asked), stores).ok());
  EXPECT_EQ(read_file(folder_.path("second") + "/secrets.key"), "the key");
  EXPECT_EQ(mode_of(folder_.path("second") + "/secrets.key"), 0600u);
}

TEST_F(BackupTest, TellsWhatItHolds) {
  const Stores stores = open_all(data_, {"coupons"});
  ASSERT_TRUE(insert(*stores.at("coupons"), 7).ok());
  const auto made = back_up(stores);
  ASSERT_TRUE(made) << made.error().message;
  const auto read = read_description(target_);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->id, made->id);
  ASSERT_EQ(read->stores.size(), 2u);
  for (const StoreCopy& store : read->stores) {
    const std::string file = target_ + "/" + folder_of(store.name) + "/store.db";
    const auto sum = sum_of(file);
    ASSERT_TRUE(sum.ok());
    EXPECT_EQ(store.sha256, sum->sha256);
    EXPECT_EQ(store.bytes, sum->bytes);
    EXPECT_EQ(store.epoch, stores.at(store.name)->epoch());
    EXPECT_EQ(mode_of(file), 0600u);
  }
  EXPECT_EQ(mode_of(target_), 0700u);
  EXPECT_EQ(copied(target_, "coupons", "SELECT n FROM t"), 7);
}

// Two counters, the second always raised after the first, as an effect is after its event: no copy
// may hold the effect alone. And no write fails meanwhile.
TEST_F(BackupTest, CopiesAllStoresAtOneMomentWhileTheyAreWritten) {
  const Stores stores = open_all(data_, {"effect", "event"});
  std::atomic<bool> stop{false};
  std::atomic<int64_t> written{0};
  std::thread writer([&] {
    for (int64_t n = 1; !stop; ++n) {
      EXPECT_TRUE(insert(*stores.at("event"), n).ok());
      EXPECT_TRUE(insert(*stores.at("effect"), n).ok());
      written = n;
    }
  });
  int64_t before = 0;
  for (int round = 0; round < 12; ++round) {
    while (written < before + 5) std::this_thread::yield();
    const int64_t acknowledged = written;
    Request next = request();
    next.folder = folder_.path("backup-" + std::to_string(round));
    const std::string folder = next.folder;
    const auto made = back_up(std::move(next), stores);
    ASSERT_TRUE(made) << made.error().message;
    const int64_t event = copied(folder, "event", "SELECT max(n) FROM t");
    const int64_t effect = copied(folder, "effect", "SELECT max(n) FROM t");
    EXPECT_LE(effect, event);
    EXPECT_LE(event, effect + 1);
    EXPECT_GE(effect, acknowledged) << "what was acknowledged before is in it";
    before = written;
  }
  stop = true;
  writer.join();
}

TEST_F(BackupTest, CopiesStoresThatDoNotRunWithTheirLog) {
  const std::string live = folder_.path("live");
  {
    Stores stores = open_all(live, {"coupons"});
    storage::Signal started;
    storage::Signal release;
    storage::Fates fates;
    ASSERT_TRUE(insert(*stores["coupons"], 5).ok());
    auto call = std::make_unique<storage::TestCall>(
        0,
        [&](Session&) {
          started.set();
          release.wait();
          return storage::Verdict::commit;
        },
        fates);
    call->marker_text = "event payments 1 1";
    std::unique_ptr<storage::WriteCall> base = std::move(call);
    ASSERT_TRUE(stores["coupons"]->lane().submit(base));
    ASSERT_TRUE(started.wait());
    // As a crash leaves it: rows in the log only, the marker of what was running.
    fs::copy(live, data_, fs::copy_options::recursive);
    release.set();
    EXPECT_TRUE(fates.wait_for(1));
  }
  const auto made = back_up({});
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(copied(target_, "coupons", "SELECT n FROM t"), 5);
  const auto store = open_store(data_, "coupons");
  ASSERT_NE(store->last_kill(), nullptr) << "the next start must still know what was running";
  EXPECT_EQ(store->last_kill()->marker, "event payments 1 1");
}

TEST_F(BackupTest, RefusesToCopyAStoreSomebodyElseHasOpen) {
  const Stores stores = open_all(data_, {"coupons"});
  const auto made = back_up({{k_host, stores.at(k_host)}});
  ASSERT_FALSE(made.ok());
  EXPECT_NE(made.error().message.find("is open"), std::string::npos) << made.error().message;
}

}  // namespace
}  // namespace forecourt::backup
