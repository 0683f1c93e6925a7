#include "doctor/doctor.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "backup/backup.hpp"
#include "events/cursor.hpp"
#include "events/outbox.hpp"
#include "events/schema.hpp"
#include "jobs/schema.hpp"
#include "org/audit.hpp"
#include "org/host_directory.hpp"
#include "org/tree.hpp"
#include "unit/storage/storage_fixture.hpp"

namespace forecourt::doctor {
namespace {

namespace fs = std::filesystem;
using storage::Session;
using storage::Store;

/// A data folder with a host, a publisher (coupons) and its subscriber (membership), all well.
class DoctorTest : public ::testing::Test {
 protected:
  void SetUp() override {
    fs::create_directories(data_);
    fs::permissions(data_, fs::perms::owner_all);
    change(backup::k_host, [&](Store& store) {
      auto directory = org::HostDirectory::open(store, clock_);
      EXPECT_TRUE(directory.ok());
      auto appended = (*directory)->write([](Session& session, const org::Snapshot&) {
        return org::append_audit(session, {1, "key", "group", "org.create", "x", {}});
      });
      return appended ? (*directory)->write([](Session& session, const org::Snapshot&) {
        return org::append_audit(session, {2, "key", "group", "org.create", "y", {}});
      })
                      : appended;
    });
    change("coupons", [](Store& store) {
      return store.lane().run_now([](Session& session) {
        return events::publish(
            session, {0, "id", "coupons.coupon.redeemed", "coupons", "s", "group", 1, "{}", ""});
      });
    });
    change("membership", [](Store&) { return Result<void>(); });
    patient_.folder = data_;
    patient_.now_ms = clock_.now_ms();
    for (const char* id : {"coupons", "membership"}) patient_.migrations[id] = migrations();
  }

  static std::vector<storage::Migration> migrations() {
    return {{"0001_t.sql", "CREATE TABLE t(id TEXT PRIMARY KEY, n BIGINT NOT NULL);"}};
  }
  void change(const std::string& name, const std::function<Result<void>(Store&)>& work) {
    storage::StoreOptions options;
    options.folder = data_ + "/" + backup::folder_of(name);
    if (name != backup::k_host) {
      options.host_schema = events::host_schema();
      for (auto& statement : jobs::host_schema()) options.host_schema.push_back(statement);
      options.host_schema.emplace_back(
          "CREATE TABLE IF NOT EXISTS fc_audit_outbox(number INTEGER PRIMARY KEY)");
    }
    auto store = Store::open(std::move(options));
    ASSERT_TRUE(store) << store.error().message;
    if (name != backup::k_host) {
      ASSERT_TRUE((*store)->migrate(migrations()).ok());
      const std::vector<storage::OrgPair> closure = {{"group", "group"}};
      ASSERT_TRUE((*store)->set_orgs(1, closure).ok());
    }
    auto done = work(**store);
    ASSERT_TRUE(done) << done.error().message;
  }
  void sql(const std::string& name, const std::string& text) {
    change(name, [&](Store& store) {
      return store.lane().run_now([&](Session& session) -> Result<void> {
        auto done = session.execute(text);
        return done ? Result<void>() : Result<void>(done.error());
      });
    });
  }

  Findings look() {
    auto findings = examine(patient_);
    EXPECT_TRUE(findings) << findings.error().message;
    return findings ? *findings : Findings();
  }
  /// The one trouble there is, and where.
  void expect_trouble(const std::string& where, const std::string& what) {
    Findings troubles;
    for (const Finding& finding : look()) {
      if (finding.level == Finding::Level::trouble) troubles.push_back(finding);
    }
    ASSERT_EQ(troubles.size(), 1u);
    EXPECT_NE(troubles[0].where.find(where), std::string::npos) << troubles[0].where;
    EXPECT_NE(troubles[0].what.find(what), std::string::npos) << troubles[0].what;
    EXPECT_FALSE(troubles[0].remedy.empty());
  }
  void expect_note(const std::string& where, const std::string& what) {
    const Findings findings = look();
    ASSERT_EQ(findings.size(), 1u);
    EXPECT_EQ(findings[0].level, Finding::Level::note);
    EXPECT_NE(findings[0].where.find(where), std::string::npos) << findings[0].where;
    EXPECT_NE(findings[0].what.find(what), std::string::npos) << findings[0].what;
  }

  storage::TempFolder folder_;
  const std::string data_ = folder_.path("data");
  SystemClock clock_;
  Patient patient_;
};

TEST_F(DoctorTest, CannotLookWhereNoHostWas) {
  patient_.folder = folder_.path("nothing");
  EXPECT_FALSE(examine(patient_).ok());
}

TEST_F(DoctorTest, FindsAFileThatIsNoDatabase) {
  std::ofstream(data_ + "/plugins/coupons/store.db") << std::string(8192, 'x');
  expect_trouble("plugins/coupons", "cannot be");
}

TEST_F(DoctorTest, FindsAnIndexThatDoesNotFitItsTable) {
  // The rows of an index changed where the table's were not.
  const std::string path = data_ + "/plugins/coupons/store.db";
  sql("coupons", "INSERT INTO t(id, n) VALUES ('needle-in-the-index', 1)");
  std::string bytes;
  {
    std::ifstream file(path, std::ios::binary);
    bytes.assign(std::istreambuf_iterator<char>(file), {});
  }
  const size_t at = bytes.find("needle-in-the-index");
  ASSERT_NE(at, std::string::npos);
  bytes[at] = 'x';
  std::ofstream(path, std::ios::binary) << bytes;
  const Findings findings = look();
  ASSERT_FALSE(findings.empty());
  EXPECT_EQ(findings[0].level, Finding::Level::trouble);
  EXPECT_NE(findings[0].where.find("plugins/coupons"), std::string::npos);
}

TEST_F(DoctorTest, FindsACursorBeyondItsPublishersHead) {
  sql("membership",
      "INSERT INTO fc_cursor(publisher, epoch, number) VALUES ('coupons', 'another', 9)");
  expect_trouble("cursor on coupons", "epoch another");
}

TEST_F(DoctorTest, FindsWhatIsParked) {
  sql("membership",
      "INSERT INTO fc_parked(publisher, epoch, number, id, type, source, subject, org, time_ms,"
      " trace_id, data, state, attempts, due_ms, reason) VALUES"
      " ('coupons', 'e', 1, 'i', 't', 's', 's', 'o', 1, '', '{}', 'parked', 8, 0, 'no')");
  expect_trouble("events", "1 are parked");
}

TEST_F(DoctorTest, FindsAMigrationThatIsNotTheOneApplied) {
  patient_.migrations["coupons"][0].sql += " -- changed";
  expect_trouble("0001_t.sql", "not the one that was applied");
}

TEST_F(DoctorTest, FindsAClosureThatIsNotTheTrees) {
  sql("coupons", "INSERT INTO fc_org(id, ancestor) VALUES ('intruder', 'group')");
  // `change` makes it right again when it opens a store: the stamp must be current already.
  Findings findings = look();
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_NE(findings[0].where.find("fc_org"), std::string::npos);
}

TEST_F(DoctorTest, FindsAChangedAuditLog) {
  sql(backup::k_host, "UPDATE audit SET subject = 'z' WHERE seq = 1");
  expect_trouble("audit log", "entry 1");
}

TEST_F(DoctorTest, FindsFilesOthersMayRead) {
  std::ofstream(data_ + "/secrets.key") << "the key";
  fs::permissions(data_ + "/secrets.key", fs::perms::owner_read | fs::perms::others_read);
  expect_trouble("secrets.key", "others");
}

TEST_F(DoctorTest, NotesWhatIsAsItMayBe) {
  // Of the year 2100: an open store prunes what is two days old by the clock of this machine.
  constexpr int64_t k_created_ms = 4'102'444'800'000;
  sql("coupons",
      "INSERT INTO fc_idempotency(hash, name, fingerprint, created_ms, status, media_type, body)"
      " VALUES (1, x'00', x'00', " +
          std::to_string(k_created_ms) + ", 200, 't', 'b')");
  patient_.now_ms = k_created_ms + int64_t{3} * 24 * 3600 * 1000;
  expect_note("coupons: fc_idempotency", "1 stored answers");
}

TEST_F(DoctorTest, NotesARestoreThatWasCutShort) {
  fs::create_directories(data_ + ".restoring");
  expect_note(".restoring", "before a restore");
}

TEST_F(DoctorTest, FindsNothingWhereAllIsWell) {
  for (const Finding& finding : look()) ADD_FAILURE() << finding.where << ": " << finding.what;
}

TEST_F(DoctorTest, ChangesNothingAndLooksAtBackupsToo) {
  backup::Request request;
  request.data = data_;
  request.folder = folder_.path("backup");
  request.clock = &clock_;
  {
    backup::Backup made(std::move(request));
    ASSERT_TRUE(made.take({}).ok());
    ASSERT_TRUE(made.finish().ok());
  }
  patient_.folder = folder_.path("backup");
  patient_.is_backup = true;
  EXPECT_TRUE(look().empty());
  for (const auto& entry : fs::recursive_directory_iterator(patient_.folder)) {
    const std::string name = entry.path().filename();
    EXPECT_TRUE(name.find("-wal") == std::string::npos && name.find("-shm") == std::string::npos)
        << name;
  }
}

}  // namespace
}  // namespace forecourt::doctor
