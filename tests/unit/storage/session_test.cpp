#include "storage/session.hpp"

#include "storage_fixture.hpp"

namespace forecourt::storage {
namespace {

class SessionTest : public StoreTest {
 protected:
  void SetUp() override {
    StoreOptions in_memory = options();
    in_memory.folder.clear();
    open(in_memory);
    const std::vector<Migration> migrations = {
        table_migration()[0],
        {"0002_v.sql",
         "CREATE TABLE v(id BIGINT PRIMARY KEY, a TEXT, b BLOB, c DOUBLE PRECISION)"}};
    ASSERT_TRUE(store_->migrate(migrations));
  }

  /// Runs `work` as a write and hands back its result.
  Result<void> write(const std::function<Result<void>(Session&)>& work) {
    return store_->lane().run_now(work);
  }
};

TEST_F(SessionTest, RefusesAWrongNumberOfParameters) {
  auto done = write([](Session& session) -> Result<void> {
    auto few = session.execute("INSERT INTO t(id, n) VALUES ($1, $2)", {"a"});
    return few ? Result<void>() : Result<void>(few.error());
  });
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, Code::invalid);
}

TEST_F(SessionTest, NamesTheStatementThatDoesNotCompile) {
  auto done = write([](Session& session) -> Result<void> {
    auto wrong = session.execute("SELEKT 1");
    return wrong ? Result<void>() : Result<void>(wrong.error());
  });
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, Code::invalid);
  EXPECT_NE(done.error().message.find("SELEKT"), std::string::npos);
}

TEST_F(SessionTest, RefusesATextInANumbersColumn) {
  auto done = write([](Session& session) -> Result<void> {
    auto wrong = session.execute("INSERT INTO t(id, n) VALUES ('a', 'many')");
    return wrong ? Result<void>() : Result<void>(wrong.error());
  });
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, Code::constraint);
}

TEST_F(SessionTest, CarriesEveryKindOfValueThereAndBack) {
  const std::string blob("\0\1\2", 3);
  auto done = write([&](Session& session) -> Result<void> {
    const char* insert = "INSERT INTO v(id, a, b, c) VALUES ($1, $2, $3, $4)";
    EXPECT_TRUE(session.execute(insert, {INT64_MIN, "文本", Value::of_blob(blob), 0.5}));
    EXPECT_TRUE(session.execute(insert, {INT64_MAX, "", Value::of_blob(""), Value()}));
    auto rows = session.query("SELECT id, a, b, c FROM v ORDER BY id");
    EXPECT_TRUE(rows);
    auto first = rows->next();
    EXPECT_EQ((*first)[0].as_integer, INT64_MIN);
    EXPECT_EQ((*first)[1].bytes(), "文本");
    EXPECT_EQ((*first)[2].type, Value::blob);
    EXPECT_EQ((*first)[2].bytes(), blob);
    EXPECT_EQ((*first)[3].as_real, 0.5);
    auto second = rows->next();
    EXPECT_EQ((*second)[0].as_integer, INT64_MAX);
    EXPECT_EQ((*second)[1].type, Value::text);
    EXPECT_EQ((*second)[2].type, Value::blob);
    EXPECT_TRUE((*second)[3].is_null());
    EXPECT_TRUE(rows->next()->empty());
    EXPECT_TRUE(rows->next()->empty());
    return {};
  });
  EXPECT_TRUE(done);
}

TEST_F(SessionTest, CountsTheRowsAStatementChanged) {
  auto done = write([](Session& session) -> Result<void> {
    EXPECT_EQ(*session.execute("INSERT INTO t(id, n) VALUES ('a', 1), ('b', 1)"), 2);
    EXPECT_EQ(*session.execute("SELECT 1"), 0);
    EXPECT_EQ(*session.execute("UPDATE t SET n = 2 WHERE id = 'a'"), 1);
    EXPECT_EQ(*session.execute("UPDATE t SET n = 2 WHERE id = 'none'"), 0);
    return {};
  });
  EXPECT_TRUE(done);
}

TEST_F(SessionTest, KeepsAQuerysParametersAsLongAsItRuns) {
  auto done = write([](Session& session) -> Result<void> {
    EXPECT_TRUE(session.execute("INSERT INTO t(id, n) VALUES ('a', 1), ('b', 1), ('c', 1)"));
    auto parameter = std::make_unique<std::string>("a parameter too long for a small string");
    auto rows = session.query("SELECT id, $1 FROM t ORDER BY id", {*parameter});
    parameter.reset();
    for (int i = 0; i < 3; ++i) {
      EXPECT_EQ((*rows->next())[1].bytes(), "a parameter too long for a small string");
    }
    return {};
  });
  EXPECT_TRUE(done);
}

TEST_F(SessionTest, RunsTheSameTextTwiceAtOnce) {
  auto done = write([](Session& session) -> Result<void> {
    EXPECT_TRUE(session.execute("INSERT INTO t(id, n) VALUES ('a', 1), ('b', 1)"));
    auto outer = session.query("SELECT id FROM t ORDER BY id");
    EXPECT_EQ((*outer->next())[0].bytes(), "a");
    auto inner = session.query("SELECT id FROM t ORDER BY id");
    EXPECT_EQ((*inner->next())[0].bytes(), "a");
    EXPECT_EQ((*inner->next())[0].bytes(), "b");
    EXPECT_EQ((*outer->next())[0].bytes(), "b");
    return {};
  });
  EXPECT_TRUE(done);
}

TEST_F(SessionTest, TellsTextsApartThatStandAtTheSameAddress) {
  auto done = write([](Session& session) -> Result<void> {
    std::string sql = "SELECT 1";
    EXPECT_EQ((*session.query(sql)->next())[0].as_integer, 1);
    sql.back() = '2';
    EXPECT_EQ((*session.query(sql)->next())[0].as_integer, 2);
    return {};
  });
  EXPECT_TRUE(done);
}

TEST_F(SessionTest, TakesMoreTextsThanTheCacheHolds) {
  auto done = write([](Session& session) -> Result<void> {
    for (int i = 0; i < 1'000; ++i) {
      auto rows = session.query("SELECT " + std::to_string(i));
      EXPECT_EQ((*rows->next())[0].as_integer, i);
    }
    return {};
  });
  EXPECT_TRUE(done);
}

TEST_F(SessionTest, SeesANewSchemaAfterAMigration) {
  EXPECT_FALSE(check_statement(*store_, "SELECT id FROM later"));
  const std::vector<Migration> migrations = {
      table_migration()[0],
      {"0002_v.sql", "CREATE TABLE v(id BIGINT PRIMARY KEY, a TEXT, b BLOB, c DOUBLE PRECISION)"},
      {"0003_later.sql", "CREATE TABLE later(id TEXT)"}};
  ASSERT_TRUE(store_->migrate(migrations));
  EXPECT_TRUE(check_statement(*store_, "SELECT id FROM later"));
}

TEST_F(SessionTest, CommitsAPluginsWriteRightAfterAMigration) {
  auto done = write([](Session& session) -> Result<void> {
    auto one = session.execute(Session::Who::plugin, "INSERT INTO t(id, n) VALUES ('a', 1)");
    return one ? Result<void>() : Result<void>(one.error());
  });
  EXPECT_TRUE(done) << done.error().message;
  EXPECT_TRUE(has("a"));
}

}  // namespace
}  // namespace forecourt::storage
