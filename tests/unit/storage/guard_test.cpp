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

constexpr Refused k_refused_statements[] = {
    // The transaction is the host's.
    {"BEGIN", "may be run"},
    {"COMMIT", "may be run"},
    {"END", "may be run"},
    {"ROLLBACK", "may be run"},
    {"SAVEPOINT a", "may be run"},
    {"RELEASE fc_call", "may be run"},
    {"/* a */ ROLLBACK TO fc_call", "may be run"},
    {"INSERT OR ROLLBACK INTO t(id) VALUES ('a')", "ROLLBACK"},
    {"INSERT OR/**/rollback INTO t(id) VALUES ('a')", "ROLLBACK"},
    {"UPDATE OR ROLLBACK t SET n = 1", "ROLLBACK"},
    {"SELECT 1; ROLLBACK", "one statement"},
    {"SELECT 1; DELETE FROM t", "one statement"},
    // The schema is the migrations'.
    {"CREATE TABLE x(id TEXT)", "may be run"},
    {"CREATE TEMP TABLE x(id TEXT)", "may be run"},
    {"DROP TABLE t", "may be run"},
    {"ALTER TABLE t ADD COLUMN b TEXT", "may be run"},
    {"REINDEX", "may be run"},
    {"ANALYZE", "may be run"},
    {"VACUUM", "may be run"},
    {"REPLACE INTO t(id) VALUES ('a')", "may be run"},
    // The connection and the file are the host's.
    {"PRAGMA journal_mode=DELETE", "may be run"},
    {"SELECT * FROM pragma_table_info('t')", "host's"},
    {"ATTACH 'x.db' AS x", "may be run"},
    {"DETACH x", "may be run"},
    {"EXPLAIN SELECT 1", "may be run"},
    {"", "may be run"},
    {"-- nothing", "may be run"},
    {"SELECT * FROM sqlite_schema", "sqlite_"},
    {"SELECT * FROM \"SQLITE_MASTER\"", "sqlite_"},
    {"SELECT * FROM fc_meta", "fc_meta"},
    {"SELECT * FROM Fc_Idempotency", "fc_idempotency"},
    {"INSERT INTO fc_org(id, ancestor) VALUES ('a', 'b')", "only be read"},
    {"DELETE FROM fc_org", "only be read"},
    {"UPDATE t SET n = (SELECT count(*) FROM fc_migration)", "fc_migration"},
    {"SELECT * FROM json_each('[1]')", "host's"},
    {"SELECT * FROM dbstat", "host's"},
    // Time and chance are the host's.
    {"SELECT random()", "random"},
    {"SELECT hex(randomblob(8))", "function"},
    {"SELECT datetime('now')", "datetime"},
    {"SELECT CURRENT_TIMESTAMP", "current_timestamp"},
    {"INSERT INTO t(id) VALUES (CURRENT_DATE)", "current_date"},
    {"SELECT load_extension('x')", "load_extension"},
    {"SELECT last_insert_rowid()", "last_insert_rowid"},
    {"SELECT changes()", "changes"},
    {"SELECT sqlite_version()", "sqlite_version"},
    {"SELECT zeroblob(9)", "zeroblob"},
    // Org-scoped tables need the org, however they are reached.
    {"SELECT * FROM members", "members is org-scoped"},
    {"SELECT count(*) FROM MEMBERS", "members is org-scoped"},
    {"INSERT INTO members(id, org) VALUES ('a', 'b')", "members is org-scoped"},
    {"UPDATE members SET org = 'x'", "members is org-scoped"},
    {"DELETE FROM members", "members is org-scoped"},
    {"SELECT 1 FROM t WHERE id IN (SELECT id FROM members)", "members is org-scoped"},
    {"WITH m AS (SELECT * FROM members) SELECT * FROM m", "members is org-scoped"},
    {"SELECT * FROM all_members", "members is org-scoped"},
    {"DELETE FROM t", "members is org-scoped"},
    {"SELECT '$fc_org' FROM members", "members is org-scoped"},
    {"SELECT * FROM members -- unscoped", "members is org-scoped"},
    {"-- not unscoped\nSELECT * FROM members", "members is org-scoped"},
    {"-- unscoped\nSELECT * FROM members", "does not grant"}};

INSTANTIATE_TEST_SUITE_P(Table, RefusedStatements, ::testing::ValuesIn(k_refused_statements));

struct Accepted {
  const char* sql;
};

class AcceptedStatements : public GuardTest, public ::testing::WithParamInterface<Accepted> {};

TEST_P(AcceptedStatements, Prepare) {
  auto verdict = check(GetParam().sql);
  EXPECT_TRUE(verdict) << GetParam().sql << ": " << verdict.error().message;
}

constexpr Accepted k_accepted_statements[] = {
    {"SELECT id, n FROM t WHERE id = $1;"},
    {"SELECT count(*), sum(n), max(id) FROM t"},
    {"INSERT INTO t(id, n) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET n = "
     "excluded.n + 1"},
    {"INSERT INTO t(id) VALUES ($1) ON CONFLICT DO NOTHING"},
    {"UPDATE t SET n = n - $2 WHERE id = $1 AND n >= $2 RETURNING n"},
    {"WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < $1) "
     "SELECT i FROM c"},
    {"SELECT id, row_number() OVER (ORDER BY n) FROM t"},
    {"SELECT 'ROLLBACK' FROM t"},
    {"SELECT id FROM t -- ROLLBACK"},
    {"SELECT id, ancestor FROM fc_org WHERE ancestor = $fc_org"},
    {"SELECT m.id FROM members m JOIN fc_org o ON o.id = m.org WHERE o.ancestor = $fc_org"},
    {"INSERT INTO members(id, org) VALUES ($1, $fc_org)"}};

INSTANTIATE_TEST_SUITE_P(Table, AcceptedStatements, ::testing::ValuesIn(k_accepted_statements));

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
