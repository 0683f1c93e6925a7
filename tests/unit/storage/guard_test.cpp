#include "storage/guard.hpp"

#include "storage_fixture.hpp"

namespace forecourt::storage {
namespace {

class GuardTest : public ::testing::Test {
 protected:
  GuardTest() {
    auto opened = Store::open(StoreOptions{});
    if (!opened) std::abort();
    store_ = std::move(*opened);
    const std::vector<Migration> migrations = {
        {"0001_tables.sql",
         "-- org-scoped: members\n"
         "CREATE TABLE t(id TEXT PRIMARY KEY, n BIGINT);\n"
         "CREATE TABLE members(id TEXT PRIMARY KEY, org TEXT NOT NULL);\n"
         "CREATE VIEW all_members AS SELECT id FROM members;\n"
         "CREATE TRIGGER t_members AFTER DELETE ON t BEGIN\n"
         "  DELETE FROM members WHERE id = old.id; END;\n"}};
    auto migrated = store_->migrate(migrations);
    if (!migrated) std::abort();
  }

  Result<void> check(std::string_view sql, bool unscoped = false) {
    return check_statement(*store_, sql, unscoped);
  }

  std::unique_ptr<Store> store_;
};

struct Refused {
  const char* sql;
  const char* why;  ///< what the message must name
};

class RefusedStatements : public GuardTest, public ::testing::WithParamInterface<Refused> {};

TEST_P(RefusedStatements, AreDeniedWithTheReason) {
  auto verdict = check(GetParam().sql);
  ASSERT_FALSE(verdict) << GetParam().sql;
  EXPECT_EQ(verdict.error().code, Code::denied) << verdict.error().message;
  EXPECT_NE(verdict.error().message.find(GetParam().why), std::string::npos)
      << verdict.error().message;
}

INSTANTIATE_TEST_SUITE_P(
    Table, RefusedStatements,
    ::testing::Values(
        // The transaction is the host's.
        Refused{"BEGIN", "may be run"}, Refused{"COMMIT", "may be run"},
        Refused{"END", "may be run"}, Refused{"ROLLBACK", "may be run"},
        Refused{"SAVEPOINT a", "may be run"}, Refused{"RELEASE fc_call", "may be run"},
        Refused{"/* a */ ROLLBACK TO fc_call", "may be run"},
        Refused{"INSERT OR ROLLBACK INTO t(id) VALUES ('a')", "ROLLBACK"},
        Refused{"INSERT OR/**/rollback INTO t(id) VALUES ('a')", "ROLLBACK"},
        Refused{"UPDATE OR ROLLBACK t SET n = 1", "ROLLBACK"},
        Refused{"SELECT 1; ROLLBACK", "one statement"},
        Refused{"SELECT 1; DELETE FROM t", "one statement"},
        // The schema is the migrations'.
        Refused{"CREATE TABLE x(id TEXT)", "may be run"},
        Refused{"CREATE TEMP TABLE x(id TEXT)", "may be run"},
        Refused{"DROP TABLE t", "may be run"},
        Refused{"ALTER TABLE t ADD COLUMN b TEXT", "may be run"}, Refused{"REINDEX", "may be run"},
        Refused{"ANALYZE", "may be run"}, Refused{"VACUUM", "may be run"},
        Refused{"REPLACE INTO t(id) VALUES ('a')", "may be run"},
        // The connection and the file are the host's.
        Refused{"PRAGMA journal_mode=DELETE", "may be run"},
        Refused{"SELECT * FROM pragma_table_info('t')", "host's"},
        Refused{"ATTACH 'x.db' AS x", "may be run"}, Refused{"DETACH x", "may be run"},
        Refused{"EXPLAIN SELECT 1", "may be run"}, Refused{"", "may be run"},
        Refused{"-- nothing", "may be run"}, Refused{"SELECT * FROM sqlite_schema", "sqlite_"},
        Refused{"SELECT * FROM \"SQLITE_MASTER\"", "sqlite_"},
        Refused{"SELECT * FROM fc_meta", "fc_meta"},
        Refused{"SELECT * FROM Fc_Idempotency", "fc_idempotency"},
        Refused{"INSERT INTO fc_org(id, ancestor) VALUES ('a', 'b')", "only be read"},
        Refused{"DELETE FROM fc_org", "only be read"},
        Refused{"UPDATE t SET n = (SELECT count(*) FROM fc_migration)", "fc_migration"},
        Refused{"SELECT * FROM json_each('[1]')", "host's"},
        Refused{"SELECT * FROM dbstat", "host's"},
        // Time and chance are the host's.
        Refused{"SELECT random()", "random"}, Refused{"SELECT hex(randomblob(8))", "function"},
        Refused{"SELECT datetime('now')", "datetime"},
        Refused{"SELECT CURRENT_TIMESTAMP", "current_timestamp"},
        Refused{"INSERT INTO t(id) VALUES (CURRENT_DATE)", "current_date"},
        Refused{"SELECT load_extension('x')", "load_extension"},
        Refused{"SELECT last_insert_rowid()", "last_insert_rowid"},
        Refused{"SELECT changes()", "changes"},
        Refused{"SELECT sqlite_version()", "sqlite_version"},
        Refused{"SELECT zeroblob(9)", "zeroblob"},
        // Org-scoped tables need the org, however they are reached.
        Refused{"SELECT * FROM members", "members is org-scoped"},
        Refused{"SELECT count(*) FROM MEMBERS", "members is org-scoped"},
        Refused{"INSERT INTO members(id, org) VALUES ('a', 'b')", "members is org-scoped"},
        Refused{"UPDATE members SET org = 'x'", "members is org-scoped"},
        Refused{"DELETE FROM members", "members is org-scoped"},
        Refused{"SELECT 1 FROM t WHERE id IN (SELECT id FROM members)", "members is org-scoped"},
        Refused{"WITH m AS (SELECT * FROM members) SELECT * FROM m", "members is org-scoped"},
        Refused{"SELECT * FROM all_members", "members is org-scoped"},
        Refused{"DELETE FROM t", "members is org-scoped"},
        Refused{"SELECT '$fc_org' FROM members", "members is org-scoped"},
        Refused{"SELECT * FROM members -- unscoped", "members is org-scoped"},
        Refused{"-- not unscoped\nSELECT * FROM members", "members is org-scoped"},
        Refused{"-- unscoped\nSELECT * FROM members", "does not grant"}));

struct Accepted {
  const char* sql;
};

class AcceptedStatements : public GuardTest, public ::testing::WithParamInterface<Accepted> {};

TEST_P(AcceptedStatements, Prepare) {
  auto verdict = check(GetParam().sql);
  EXPECT_TRUE(verdict) << GetParam().sql << ": " << verdict.error().message;
}

INSTANTIATE_TEST_SUITE_P(
    Table, AcceptedStatements,
    ::testing::Values(
        Accepted{"SELECT id, n FROM t WHERE id = $1;"},
        Accepted{"SELECT count(*), sum(n), max(id) FROM t"},
        Accepted{"INSERT INTO t(id, n) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET n = "
                 "excluded.n + 1"},
        Accepted{"INSERT INTO t(id) VALUES ($1) ON CONFLICT DO NOTHING"},
        Accepted{"UPDATE t SET n = n - $2 WHERE id = $1 AND n >= $2 RETURNING n"},
        Accepted{"WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < $1) "
                 "SELECT i FROM c"},
        Accepted{"SELECT id, row_number() OVER (ORDER BY n) FROM t"},
        Accepted{"SELECT 'ROLLBACK' FROM t"}, Accepted{"SELECT id FROM t -- ROLLBACK"},
        Accepted{"SELECT id, ancestor FROM fc_org WHERE ancestor = $fc_org"},
        Accepted{
            "SELECT m.id FROM members m JOIN fc_org o ON o.id = m.org WHERE o.ancestor = $fc_org"},
        Accepted{"INSERT INTO members(id, org) VALUES ($1, $fc_org)"}));

TEST_F(GuardTest, TakesUnscopedStatementsWithTheGrant) {
  EXPECT_TRUE(check("-- unscoped\nSELECT * FROM members", true));
  EXPECT_TRUE(check("  /* unscoped */ DELETE FROM members", true));
  EXPECT_FALSE(check("SELECT * FROM members", true));
}

TEST_F(GuardTest, RefusesToChangeTheSchemaTable) {
  EXPECT_FALSE(check("UPDATE sqlite_schema SET sql = ''"));
  EXPECT_FALSE(check("DELETE FROM sqlite_master"));
}

TEST_F(GuardTest, RefusesOtherParametersThanNumberedOnes) {
  for (const char* sql : {"SELECT ?", "SELECT ?1", "SELECT :a", "SELECT @a", "SELECT $name",
                          "SELECT $0", "SELECT $01", "SELECT $101"}) {
    auto verdict = check(sql);
    ASSERT_FALSE(verdict) << sql;
    EXPECT_EQ(verdict.error().code, Code::invalid) << sql;
  }
}

TEST_F(GuardTest, TakesTheGrantAwayFromACachedStatement) {
  auto run = [&](bool granted) {
    return store_->read(0, [&](Session& session) -> Result<void> {
      session.allow_unscoped(granted);
      auto rows = session.query(Session::Who::plugin, "-- unscoped\nSELECT * FROM members");
      return rows ? Result<void>() : Result<void>(rows.error());
    });
  };
  EXPECT_TRUE(run(true));
  auto refused = run(false);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::denied);
}

TEST_F(GuardTest, HostAndPluginDoNotShareStatements) {
  auto read = store_->read(0, [](Session& session) -> Result<void> {
    EXPECT_TRUE(session.query("SELECT name FROM fc_meta"));
    auto refused = session.query(Session::Who::plugin, "SELECT name FROM fc_meta");
    EXPECT_FALSE(refused);
    return {};
  });
  EXPECT_TRUE(read);
}

TEST_F(GuardTest, NeedsAnOrgForTheOrgParameter) {
  const OrgPair pairs[] = {{"group", "group"}, {"s1", "s1"}, {"s1", "group"}};
  ASSERT_TRUE(store_->set_orgs(1, pairs));
  auto read = store_->read(0, [](Session& session) -> Result<void> {
    const char* sql = "SELECT count(*) FROM fc_org WHERE ancestor = $fc_org";
    auto none = session.query(Session::Who::plugin, sql);
    EXPECT_FALSE(none);
    EXPECT_EQ(none.error().code, Code::state);
    session.set_org("group");
    auto rows = session.query(Session::Who::plugin, sql);
    EXPECT_TRUE(rows);
    EXPECT_EQ((*rows->next())[0].as_integer, 2);
    return {};
  });
  EXPECT_TRUE(read);
}

}  // namespace
}  // namespace forecourt::storage
