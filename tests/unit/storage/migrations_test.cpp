#include "storage/migrations.hpp"

#include "storage_fixture.hpp"

namespace forecourt::storage {
namespace {

class MigrationTest : public ::testing::Test {
 protected:
  MigrationTest() {
    auto opened = Store::open(StoreOptions{});
    if (!opened) std::abort();
    store_ = std::move(*opened);
  }
  Result<void> migrate(std::vector<Migration> migrations) { return store_->migrate(migrations); }
  bool prepares(const char* sql) { return check_statement(*store_, sql).ok(); }

  std::unique_ptr<Store> store_;
};

struct Refused {
  const char* sql;
  const char* why;
};

class RefusedMigrations : public MigrationTest, public ::testing::WithParamInterface<Refused> {};

TEST_P(RefusedMigrations, NameTheReasonAndTheFile) {
  auto done = migrate(
      {{"0001_base.sql", std::string("CREATE TABLE t(id TEXT PRIMARY KEY);\n") + GetParam().sql}});
  ASSERT_FALSE(done) << GetParam().sql;
  EXPECT_NE(done.error().message.find("0001_base.sql"), std::string::npos) << done.error().message;
  EXPECT_NE(done.error().message.find(GetParam().why), std::string::npos) << done.error().message;
  EXPECT_FALSE(prepares("SELECT id FROM t"));  // all or nothing
}

constexpr Refused k_refused_migrations[] = {
    {"CREATE TABLE a(id INTEGER PRIMARY KEY);", "types are BIGINT"},
    {"CREATE TABLE a(id);", "types are BIGINT"},
    {"CREATE TABLE a(id VARCHAR(20));", "types are BIGINT"},
    {"CREATE TABLE a(id BIGINT(20));", "types are BIGINT"},
    {"CREATE TABLE a(id DOUBLE);", "types are BIGINT"},
    {"CREATE TABLE a(x TEXT, id BOOLEAN NOT NULL);", "types are BIGINT"},
    {"ALTER TABLE t ADD COLUMN n INT;", "types are BIGINT"},
    {"CREATE TABLE a AS SELECT 1;", "list of columns"},
    {"CREATE TABLE a(id TEXT REFERENCES t(id) DEFERRABLE INITIALLY DEFERRED);", "deferred"},
    {"CREATE TABLE a(id TEXT PRIMARY KEY ON CONFLICT ROLLBACK);", "ROLLBACK"},
    {"INSERT OR ROLLBACK INTO t(id) VALUES ('a');", "ROLLBACK"},
    {"CREATE TRIGGER g AFTER INSERT ON t BEGIN SELECT RAISE(ROLLBACK, 'x'); END;", "ROLLBACK"},
    {"BEGIN;", "only CREATE"},
    {"COMMIT;", "only CREATE"},
    {"SAVEPOINT a;", "only CREATE"},
    {"PRAGMA foreign_keys=OFF;", "only CREATE"},
    {"ATTACH 'a' AS b;", "only CREATE"},
    {"VACUUM;", "only CREATE"},
    {"SELECT 1;", "only CREATE"},
    {"DROP TABLE t;", "only ever add"},
    {"DROP INDEX i;", "only ever add"},
    {"ALTER TABLE t DROP COLUMN id;", "only ever add"},
    {"ALTER TABLE t RENAME TO u;", "only ever add"},
    {"ALTER TABLE t RENAME COLUMN id TO key;", "only ever add"},
    {"CREATE TEMP TABLE a(id TEXT);", "temporary"},
    {"CREATE VIRTUAL TABLE a USING fts5(b);", "virtual"},
    {"CREATE TABLE fc_mine(id TEXT);", "host's"},
    {"CREATE TABLE \"FC_mine\"(id TEXT);", "host's"},
    {"CREATE TABLE sqlite_mine(id TEXT);", "host's"},
    {"DELETE FROM fc_migration;", "host's"},
    {"DELETE FROM [fc_migration];", "host's"},
    {"UPDATE sqlite_schema SET sql = '';", "host's"},
    {"CREATE VIEW v AS SELECT * FROM fc_org;", "host's"},
    {"CREATE TRIGGER g AFTER INSERT ON t BEGIN DELETE FROM fc_idempotency; END;", "host's"},
    {"CREATE TABLE a(id TEXT DEFAULT CURRENT_TIMESTAMP);", "time comes from the host"},
    {"CREATE TABLE a(id BIGINT DEFAULT (random()));", "plain value"},
    {"INSERT INTO t(id) SELECT random();", "random"},
    {"INSERT INTO t(id) SELECT name FROM pragma_table_list;", "pragma_table_list"},
    {"CREATE TABLE a(id TEXT) STRICT;", "WITHOUT ROWID"},
    {"INSERT INTO t(id) VALUES ($1);", "no parameters"},
    {"INSERT INTO missing(id) VALUES ('a');", "missing"},
    {"-- org-scoped: nowhere\n", "nowhere"}};

INSTANTIATE_TEST_SUITE_P(Table, RefusedMigrations, ::testing::ValuesIn(k_refused_migrations));

TEST_F(MigrationTest, RefusesAGapInTheNumbers) {
  auto done = migrate(
      {{"0001_a.sql", "CREATE TABLE a(id TEXT)"}, {"0003_c.sql", "CREATE TABLE c(id TEXT)"}});
  ASSERT_FALSE(done);
  EXPECT_NE(done.error().message.find("0003_c.sql"), std::string::npos);
  EXPECT_NE(done.error().message.find("0002_"), std::string::npos);
}

TEST_F(MigrationTest, RefusesNamesWithoutANumber) {
  EXPECT_FALSE(migrate({{"first.sql", "CREATE TABLE a(id TEXT)"}}));
  EXPECT_FALSE(migrate({{"1_a.sql", "CREATE TABLE a(id TEXT)"}}));
}

TEST_F(MigrationTest, RefusesAChangedText) {
  ASSERT_TRUE(migrate({{"0001_a.sql", "CREATE TABLE a(id TEXT)"}}));
  auto changed = migrate({{"0001_a.sql", "CREATE TABLE a(id TEXT, n BIGINT)"}});
  ASSERT_FALSE(changed);
  EXPECT_EQ(changed.error().code, Code::conflict);
  EXPECT_NE(changed.error().message.find("0001_a.sql"), std::string::npos);
}

TEST_F(MigrationTest, UndoesAllWhenALaterOneFails) {
  EXPECT_FALSE(migrate(
      {{"0001_a.sql", "CREATE TABLE a(id TEXT)"}, {"0002_b.sql", "CREATE TABLE a(id TEXT)"}}));
  EXPECT_FALSE(prepares("SELECT id FROM a"));
  EXPECT_TRUE(migrate({{"0001_a.sql", "CREATE TABLE a(id TEXT)"}}));
}

TEST_F(MigrationTest, AppliesOnlyWhatIsNew) {
  const Migration first{"0001_a.sql", "CREATE TABLE a(id TEXT)"};
  ASSERT_TRUE(migrate({first}));
  ASSERT_TRUE(migrate({first}));
  ASSERT_TRUE(
      migrate({first, {"0002_b.sql", "ALTER TABLE a ADD COLUMN n BIGINT NOT NULL DEFAULT 0"}}));
  EXPECT_TRUE(prepares("SELECT id, n FROM a"));
}

TEST_F(MigrationTest, LeavesANewerSchemaToAnOlderGeneration) {
  const Migration first{"0001_a.sql", "CREATE TABLE a(id TEXT)"};
  ASSERT_TRUE(migrate({first, {"0002_b.sql", "CREATE TABLE b(id TEXT)"}}));
  EXPECT_TRUE(migrate({first}));
  EXPECT_TRUE(prepares("SELECT id FROM b"));
}

TEST_F(MigrationTest, MapsTheTypesAndKeepsThemStrict) {
  ASSERT_TRUE(
      migrate({{"0001_a.sql",
                "CREATE TABLE a(id BIGINT PRIMARY KEY, x DOUBLE PRECISION NOT NULL DEFAULT 0.5,\n"
                "  b BLOB, t text COLLATE NOCASE, CHECK (id > 0 AND x < 10), UNIQUE (t, b));\n"
                "CREATE TABLE w(a TEXT, b BIGINT, PRIMARY KEY (a, b)) WITHOUT ROWID;\n"
                "CREATE UNIQUE INDEX a_t ON a(t) WHERE b IS NULL;\n"
                "CREATE TRIGGER g AFTER INSERT ON a BEGIN\n"
                "  UPDATE a SET x = CASE WHEN new.id > 1 THEN 1 ELSE 2 END; END;\n"
                "INSERT INTO w(a, b) VALUES ('semi;colon', 1);\n"}}));
  auto read = store_->read(0, [](Session& session) -> Result<void> {
    auto rows = session.query("SELECT sql FROM sqlite_schema WHERE name = 'a'");
    const std::string sql((*rows->next())[0].bytes());
    EXPECT_NE(sql.find("id INT PRIMARY KEY"), std::string::npos) << sql;
    EXPECT_NE(sql.find("x REAL NOT NULL"), std::string::npos) << sql;
    EXPECT_TRUE(sql.ends_with(" STRICT")) << sql;
    return {};
  });
  EXPECT_TRUE(read);
  auto null_key = store_->lane().run_now([](Session& session) -> Result<void> {
    auto done = session.execute(Session::Who::plugin, "INSERT INTO a(x) VALUES (1)");
    return done ? Result<void>() : Result<void>(done.error());
  });
  ASSERT_FALSE(null_key);
  EXPECT_EQ(null_key.error().code, Code::constraint) << null_key.error().message;
}

TEST_F(MigrationTest, NamesScopedTablesOnSeveralLines) {
  ASSERT_TRUE(migrate({{"0001_a.sql",
                        "--org-scoped: A ,b\n  -- org-scoped: c\n"
                        "CREATE TABLE a(id TEXT); CREATE TABLE b(id TEXT); CREATE TABLE c(id TEXT);"
                        "CREATE TABLE d(id TEXT);"}}));
  EXPECT_FALSE(prepares("SELECT id FROM a"));
  EXPECT_FALSE(prepares("SELECT id FROM b"));
  EXPECT_FALSE(prepares("SELECT id FROM c"));
  EXPECT_TRUE(prepares("SELECT id FROM d"));
}

TEST(MigrationBudget, InterruptsWhatRunsFarTooLong) {
  StoreOptions options;
  options.migration_max_ms = 50;
  auto store = Store::open(options);
  ASSERT_TRUE(store);
  const std::vector<Migration> endless = {{"0001_a.sql",
                                           "CREATE TABLE a(n BIGINT);"
                                           "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + "
                                           "1 FROM c) INSERT INTO a SELECT i FROM c;"}};
  auto done = (*store)->migrate(endless);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, Code::cancelled);
  const std::vector<Migration> other = {{"0001_a.sql", "CREATE TABLE a(n BIGINT)"}};
  EXPECT_TRUE((*store)->migrate(other));
}

}  // namespace
}  // namespace forecourt::storage
