// A store's rows, brought into another database while they change.

#include "storage/transfer.hpp"

#include <sqlite3.h>

#include <map>
#include <random>

#include "storage/packed_values.hpp"
#include "storage_fixture.hpp"

namespace forecourt::storage {
namespace {

class TransferTest : public StoreTest {
 protected:
  static std::vector<Migration> tables() {
    return {{"0001_tables.sql", R"(
      -- org-scoped: owned
      CREATE TABLE plain(id TEXT PRIMARY KEY, n BIGINT, r DOUBLE PRECISION, b BLOB, u TEXT UNIQUE);
      CREATE TABLE second_is_key(label TEXT, a BIGINT, part TEXT, b BIGINT,
                                 PRIMARY KEY (part, a)) WITHOUT ROWID;
      CREATE TABLE parent(id TEXT PRIMARY KEY NOT NULL) WITHOUT ROWID;
      CREATE TABLE child(id TEXT PRIMARY KEY NOT NULL, parent TEXT NOT NULL REFERENCES parent(id))
        WITHOUT ROWID;
      CREATE TABLE owned(id TEXT PRIMARY KEY NOT NULL, org TEXT NOT NULL) WITHOUT ROWID;
      CREATE TABLE counted(table_name TEXT PRIMARY KEY NOT NULL, times BIGINT NOT NULL)
        WITHOUT ROWID;
      CREATE TABLE doubled(id TEXT PRIMARY KEY NOT NULL, n BIGINT, twice BIGINT GENERATED ALWAYS AS (n * 2) STORED,
                           label TEXT);
      CREATE INDEX plain_by_n ON plain(n);
      INSERT INTO counted(table_name, times) VALUES ('plain', 0);
      CREATE TRIGGER count_plain AFTER INSERT ON plain
        BEGIN UPDATE counted SET times = times + 1 WHERE table_name = 'plain'; END;
    )"}};
  }
  std::unique_ptr<Store> open_at(const std::string& name) {
    StoreOptions options = this->options();
    options.folder = folder_.path(name);
    options.host_schema = {
        "CREATE TABLE IF NOT EXISTS fc_numbers(number INTEGER PRIMARY KEY AUTOINCREMENT, x TEXT)"};
    auto opened = Store::open(std::move(options));
    EXPECT_TRUE(opened) << opened.error().message;
    auto migrated = (*opened)->migrate(tables());
    EXPECT_TRUE(migrated) << migrated.error().message;
    return std::move(*opened);
  }
  void SetUp() override {
    source_ = open_at("source");
    open_at("target");  // made, migrated and closed
    auto dump = dump_store(source_);
    ASSERT_TRUE(dump);
    dump_ = std::move(*dump);
    auto loader = Loader::open(folder_.path("target"));
    ASSERT_TRUE(loader) << loader.error().message;
    loader_ = std::move(*loader);
  }
  void TearDown() override { dump_.reset(); }

  void run(const std::string& sql) {
    auto done = source_->lane().run_now([&](Session& session) -> Result<void> {
      auto executed = session.execute(Session::Who::host, sql);
      return executed ? Result<void>() : Result<void>(executed.error());
    });
    ASSERT_TRUE(done) << sql << ": " << done.error().message;
  }
  Result<void> transfer_and_finish() {
    Transfer transfer(*dump_, *loader_, {});
    if (auto bulk = transfer.bulk(); !bulk) return bulk;
    if (auto rest = transfer.rest(); !rest) return rest;
    return loader_->finish();
  }

  /// Every row of every table, as text.
  static std::map<std::string, std::string> content(const std::string& folder) {
    sqlite3* raw = nullptr;
    EXPECT_EQ(sqlite3_open_v2((folder + "/store.db").c_str(), &raw, SQLITE_OPEN_READONLY, nullptr),
              SQLITE_OK);
    const std::unique_ptr<sqlite3, int (*)(sqlite3*)> database(raw, sqlite3_close);
    auto shapes = read_table_shapes(raw);
    EXPECT_TRUE(shapes);
    std::map<std::string, std::string> tables;
    const auto read = [&](const std::string& name, const std::string& sql) {
      sqlite3_stmt* statement = nullptr;
      EXPECT_EQ(sqlite3_prepare_v2(raw, sql.c_str(), -1, &statement, nullptr), SQLITE_OK) << sql;
      while (sqlite3_step(statement) == SQLITE_ROW) {
        for (int i = 0; i < sqlite3_column_count(statement); ++i) {
          const unsigned char* text = sqlite3_column_text(statement, i);
          tables[name] += std::to_string(sqlite3_column_type(statement, i)) + ":" +
                          (text ? reinterpret_cast<const char*>(text) : "null") + "|";
        }
        tables[name] += "\n";
      }
      sqlite3_finalize(statement);
    };
    for (const TableShape& shape : *shapes) {
      if (shape.name == "fc_epoch") continue;  // it is asked for below
      read(shape.name, "SELECT " + shape.column_list() + " FROM " + quoted_name(shape.name) +
                           " ORDER BY " + shape.key_list());
    }
    read("fc_epoch", "SELECT epoch, first_number FROM fc_epoch");
    read("sqlite_sequence", "SELECT name, seq FROM sqlite_sequence ORDER BY name");
    read("doubled", "SELECT twice FROM doubled ORDER BY id");
    return tables;
  }
  void expect_equal() {
    EXPECT_EQ(content(folder_.path("target")), content(folder_.path("source")));
  }

  std::shared_ptr<Store> source_;
  std::unique_ptr<RowSource> dump_;
  std::unique_ptr<Loader> loader_;
};

TEST_F(TransferTest, WhatDoesNotFitATableIsRefused) {
  const auto table = [&](const char* name) {
    for (size_t i = 0; i < loader_->tables().size(); ++i) {
      if (loader_->tables()[i].name == name) return i;
    }
    ADD_FAILURE() << name;
    return size_t{0};
  };
  const auto refused = [&](size_t where, std::vector<Value> row) {
    const auto put = loader_->put(where, row);
    EXPECT_FALSE(put);
    EXPECT_EQ(put.ok() ? Code::internal : put.error().code, Code::invalid) << put.error().message;
    return put.ok() ? std::string() : put.error().message;
  };
  const Value id("x");
  EXPECT_NE(refused(table("parent"), {id, id}).find("another number of columns"),
            std::string::npos);
  EXPECT_NE(refused(table("parent"), {Value(7)}).find("column id"), std::string::npos);
  EXPECT_NE(refused(table("parent"), {Value()}).find("column id"), std::string::npos);
  EXPECT_NE(refused(table("fc_idempotency"),
                    {Value(1), Value("text"), Value::of_blob("n"), Value::of_blob("f"), Value(0),
                     Value(200), Value(""), Value::of_blob("")})
                .find("column hash"),
            std::string::npos);
  EXPECT_FALSE(loader_->keep_numbers("plain", 5));
  EXPECT_FALSE(loader_->keep_numbers("sqlite_sequence", 5));
  EXPECT_FALSE(loader_->keep_numbers("fc_numbers", INT64_MAX));
}

TEST_F(TransferTest, ARowWithoutTheOneItRefersToIsRefusedAtTheEnd) {
  const auto& tables = loader_->tables();
  for (size_t i = 0; i < tables.size(); ++i) {
    if (tables[i].name != "child") continue;
    const Value row[] = {Value("c"), Value("nobody")};
    ASSERT_TRUE(loader_->put(i, row));
  }
  const auto finished = loader_->finish();
  ASSERT_FALSE(finished);
  EXPECT_NE(finished.error().message.find("table child"), std::string::npos);
}

TEST_F(TransferTest, EveryKindOfRowArrivesAsItIs) {
  run("INSERT INTO plain VALUES ('a', 9223372036854775807, 0.1, x'00ff', 'u'), "
      "('b', NULL, NULL, NULL, NULL), ('', -1, -1e300, x'', '')");
  run("INSERT INTO second_is_key VALUES ('l', 1, 'p', 2), (NULL, 0, 'p', NULL), ('z', 1, 'o', 0)");
  run("INSERT INTO parent VALUES ('p')");
  run("INSERT INTO child VALUES ('c', 'p')");
  run("INSERT INTO owned VALUES ('x', 'store-1')");
  run("INSERT INTO doubled(id, n, label) VALUES ('two', 2, 'four')");
  run("INSERT INTO fc_numbers(x) VALUES ('1'), ('2'), ('3')");
  run("DELETE FROM fc_numbers WHERE number > 1");
  run("INSERT INTO fc_idempotency VALUES (4, -5, x'01', x'02', 6, 200, 'a/b', x'7b7d')");
  const auto done = transfer_and_finish();
  ASSERT_TRUE(done) << done.error().message;
  expect_equal();
  EXPECT_EQ(std::filesystem::status(folder_.path("target") + "/store.db").permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  // It is a store like any other: its triggers run again, its numbers go on, its epoch is kept.
  auto target = open_at("target");
  EXPECT_EQ(target->epoch(), source_->epoch());
  ASSERT_TRUE(target->lane().run_now([](Session& session) -> Result<void> {
    EXPECT_TRUE(session.execute("INSERT INTO plain(id) VALUES ('after')"));
    EXPECT_TRUE(session.execute("INSERT INTO fc_numbers(x) VALUES ('4')"));
    auto rows = session.query("SELECT times, (SELECT max(number) FROM fc_numbers) FROM counted");
    auto row = rows->next();
    EXPECT_EQ((*row)[0].as_integer, 4);  // three before, copied and not counted again
    EXPECT_EQ((*row)[1].as_integer, 4);
    return {};
  }));
}

TEST_F(TransferTest, ManyPagesOfATableArrive) {
  run("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 30000) "
      "INSERT INTO second_is_key SELECT hex(randomblob(40)), i, 'p' || (i % 7), i FROM n");
  run("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 30000) "
      "INSERT INTO fc_numbers(x) SELECT hex(randomblob(40)) FROM n");
  const auto done = transfer_and_finish();
  ASSERT_TRUE(done) << done.error().message;
  expect_equal();
}

TEST_F(TransferTest, WhatChangesMeanwhileIsFollowed) {
  run("INSERT INTO plain(id, u) VALUES ('stays', 's'), ('goes', 'g'), ('moves', 'm'), ('swap-1', "
      "'1'), ('swap-2', '2')");
  run("INSERT INTO second_is_key VALUES ('l', 1, 'p', 0), ('l', 2, 'p', 0), ('l', 3, 'p', 0)");
  run("INSERT INTO parent VALUES ('a'), ('b')");
  // A statement that is in the lane's cache before anybody watches.
  run("DELETE FROM owned");
  run("INSERT INTO owned VALUES ('o', 'x')");
  Transfer transfer(*dump_, *loader_, {});
  ASSERT_TRUE(transfer.bulk());
  run("INSERT INTO plain(id, u) VALUES ('new', 'n')");
  run("DELETE FROM plain WHERE id = 'goes'");
  run("UPDATE plain SET rowid = 1000 WHERE id = 'moves'");
  run("UPDATE plain SET u = NULL WHERE id = 'swap-1'");
  run("UPDATE plain SET u = '1' WHERE id = 'swap-2'");
  run("UPDATE plain SET u = '2' WHERE id = 'swap-1'");
  run("INSERT OR REPLACE INTO plain(id, u) VALUES ('takes', 's')");
  run("UPDATE second_is_key SET a = 20 WHERE a = 2");
  run("UPDATE second_is_key SET b = 9 WHERE a = 3");
  run("INSERT INTO second_is_key VALUES ('m', 1, 'p', 5) ON CONFLICT(part, a) DO UPDATE SET b = 7");
  run("DELETE FROM owned");
  run("DELETE FROM parent");
  run("INSERT INTO fc_numbers(x) VALUES ('1')");
  ASSERT_TRUE(transfer.rest());
  ASSERT_TRUE(loader_->finish());
  expect_equal();
}

TEST_F(TransferTest, WhatARolledBackCallTouchedIsAsItWas) {
  run("INSERT INTO parent VALUES ('kept')");
  Transfer transfer(*dump_, *loader_, {});
  ASSERT_TRUE(transfer.bulk());
  EXPECT_FALSE(source_->lane().run_now([](Session& session) -> Result<void> {
    EXPECT_TRUE(session.execute("DELETE FROM parent"));
    EXPECT_TRUE(session.execute("INSERT INTO parent VALUES ('lost')"));
    return invalid("no");
  }));
  ASSERT_TRUE(transfer.rest());
  ASSERT_TRUE(loader_->finish());
  expect_equal();
}

TEST_F(TransferTest, ManyWritersAndACopyEndAtTheSame) {
  run("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000) "
      "INSERT INTO plain(id, n, u) SELECT 'k' || i, i, 'u' || i FROM n");
  std::atomic<bool> stop{false};
  std::atomic<int> written{0};
  std::vector<std::thread> writers;
  for (int t = 0; t < 3; ++t) {
    writers.emplace_back([&, t] {
      std::mt19937 random(static_cast<unsigned>(t));
      while (!stop) {
        const auto any = [&] { return std::to_string(1 + random() % 3500); };
        const std::string sql[] = {
            "INSERT OR REPLACE INTO plain(id, n, u) VALUES ('k" + any() + "', 1, 'u" + any() + "')",
            "DELETE FROM plain WHERE id = 'k" + any() + "'",
            "UPDATE OR REPLACE plain SET u = 'u" + any() + "' WHERE id = 'k" + any() + "'",
            "INSERT INTO fc_numbers(x) VALUES ('" + any() + "')",
            "INSERT INTO second_is_key VALUES ('x', " + any() + ", 'p', 1) ON CONFLICT DO NOTHING",
            "UPDATE OR REPLACE second_is_key SET a = " + any() + " WHERE a = " + any()};
        run(sql[random() % std::size(sql)]);
        ++written;
      }
    });
  }
  Transfer transfer(*dump_, *loader_, {});
  const auto bulk = transfer.bulk();
  EXPECT_TRUE(bulk) << bulk.error().message;
  const int before = written;
  while (written < before + 100) std::this_thread::yield();
  stop = true;
  for (std::thread& writer : writers) writer.join();
  const auto rest = transfer.rest();
  ASSERT_TRUE(rest) << rest.error().message;
  ASSERT_TRUE(loader_->finish());
  expect_equal();
}

TEST_F(TransferTest, ASourceThatStoodStillTellsTheMoment) {
  run("INSERT INTO parent VALUES ('before')");
  ASSERT_TRUE(dump_->stand_still(loader_->tables()));
  Fates fates;
  std::unique_ptr<WriteCall> later = std::make_unique<TestCall>(
      0,
      [](Session& session) {
        EXPECT_TRUE(session.execute("INSERT INTO parent VALUES ('after')"));
        return Verdict::commit;
      },
      fates);
  ASSERT_TRUE(source_->lane().submit(later));
  const auto before = content(folder_.path("source"));
  ASSERT_TRUE(dump_->go_on());
  ASSERT_TRUE(fates.wait_for(1));
  run("DELETE FROM parent WHERE id = 'before'");
  Transfer transfer(*dump_, *loader_, {});
  ASSERT_TRUE(transfer.snapshot());
  ASSERT_TRUE(loader_->finish());
  EXPECT_EQ(content(folder_.path("target")), before);
  EXPECT_NE(before, content(folder_.path("source")));
  dump_->end();
  EXPECT_FALSE(dump_->go_on());
  EXPECT_FALSE(dump_->changes());
}

TEST_F(TransferTest, MoreThanCanBeFollowedIsALimit) {
  Transfer transfer(*dump_, *loader_, {});
  ASSERT_TRUE(transfer.bulk());
  run("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 400001) "
      "INSERT INTO parent SELECT 'p' || i FROM n");
  const auto rest = transfer.rest();
  ASSERT_FALSE(rest);
  EXPECT_EQ(rest.error().code, Code::limit);
}

/// Says what it is told to.
class Liar final : public RowSource {
 public:
  Result<void> begin(const std::vector<TableShape>&) override { return {}; }
  Result<void> stand_still(const std::vector<TableShape>&) override { return {}; }
  Result<void> go_on() override { return {}; }
  void end() override {}
  Result<RowsPage> rows(size_t, std::string_view) override { return page; }
  Result<ChangesPage> changes() override { return changed; }
  Result<std::string> sequences() override { return numbers; }

  RowsPage page;
  ChangesPage changed;
  std::string numbers;
};

std::string packed(std::vector<Value> values) {
  std::string out;
  pack_values(out, values);
  return out;
}

TEST_F(TransferTest, ASourceIsBelievedNothing) {
  Liar liar;
  const auto lies = [&](auto take) {
    Transfer transfer(liar, *loader_, {});
    const auto taken = take(transfer);
    EXPECT_FALSE(taken);
    return taken.ok() ? std::string() : taken.error().message;
  };
  const auto bulk = [](Transfer& transfer) { return transfer.bulk(); };
  const auto rest = [](Transfer& transfer) { return transfer.rest(); };
  liar.page.rows = "\x03";
  EXPECT_NE(lies(bulk).find("cannot be read"), std::string::npos);
  liar.page.rows = std::string("\x03\xff\xff\xff\xff\xff\xff\xff\xff", 9);
  EXPECT_NE(lies(bulk).find("cannot be read"), std::string::npos);
  liar.page.rows = "\x09";
  EXPECT_NE(lies(bulk).find("cannot be read"), std::string::npos);
  liar.page = {packed({Value("k"), Value("v")}), true};
  EXPECT_NE(lies(bulk).find("again and again"), std::string::npos);
  liar.changed = {packed({Value(9'999), Value(1)}), 0};
  EXPECT_NE(lies(rest).find("no table"), std::string::npos);
  liar.changed = {packed({Value(-1), Value(0)}), 0};
  EXPECT_NE(lies(rest).find("no table"), std::string::npos);
  liar.changed = {"", 5};
  EXPECT_NE(lies(rest).find("never come"), std::string::npos);
  liar.changed = {};
  liar.numbers = packed({Value("plain"), Value(3)});
  EXPECT_NE(lies(rest).find("number"), std::string::npos);
}

TEST_F(TransferTest, WhatARuleRefusesOrGoesOnNoMoreEndsIt) {
  run("INSERT INTO parent VALUES ('a')");
  Transfer ruled(*dump_, *loader_,
                 {.rule = [](const TableShape& table, std::span<const Value>) -> Result<void> {
                    return table.name == "parent" ? Result<void>(invalid("not this one"))
                                                  : Result<void>();
                  },
                  .go_on = {}});
  EXPECT_EQ(ruled.bulk().error().message, "not this one");
  Transfer ended(*dump_, *loader_, {.rule = {}, .go_on = []() -> Result<void> {
                                      return Error{Code::cancelled, "it ends"};
                                    }});
  EXPECT_EQ(ended.rest().error().message, "it ends");
}

}  // namespace
}  // namespace forecourt::storage
