#pragma once

#include <sys/stat.h>

#include <fstream>
#include <map>
#include <sstream>

#include "backup/backup.hpp"
#include "events/schema.hpp"
#include "org/host_directory.hpp"
#include "unit/storage/storage_fixture.hpp"

namespace forecourt::backup {

using storage::Session;
using storage::Store;

/// A data folder with the host's store and those of plugins, each with a table `t(n)`.
class BackupTest : public ::testing::Test {
 protected:
  using Stores = std::map<std::string, std::shared_ptr<Store>>;

  static storage::StoreOptions options(const std::string& folder, const std::string& name) {
    storage::StoreOptions options;
    options.folder = folder + "/" + folder_of(name);
    if (name != k_host) options.host_schema = events::host_schema();
    return options;
  }
  static std::shared_ptr<Store> open_store(const std::string& folder, const std::string& name) {
    auto store = Store::open(options(folder, name));
    EXPECT_TRUE(store) << store.error().message;
    if (!store) return nullptr;
    if (name == k_host) return std::move(*store);
    const std::vector<storage::Migration> migrations = {
        {"0001_t.sql", "CREATE TABLE t(n BIGINT PRIMARY KEY);"}};
    auto migrated = (*store)->migrate(migrations);
    EXPECT_TRUE(migrated) << migrated.error().message;
    return std::move(*store);
  }
  Stores open_all(const std::string& folder, const std::vector<std::string>& plugins) {
    Stores stores;
    stores[k_host] = open_store(folder, k_host);
    EXPECT_TRUE(org::HostDirectory::open(*stores[k_host], clock_).ok());
    for (const std::string& id : plugins) stores[id] = open_store(folder, id);
    return stores;
  }
  void SetUp() override {
    std::filesystem::create_directories(data_);
    std::filesystem::permissions(data_, std::filesystem::perms::owner_all);
  }

  Request request() {
    Request request;
    request.data = data_;
    request.folder = target_;
    request.version = "test";
    request.clock = &clock_;
    return request;
  }
  Result<Description> back_up(Request request, const Stores& stores) {
    Backup backup(std::move(request));
    if (auto taken = backup.take(stores); !taken) return taken.error();
    return backup.finish();
  }
  Result<Description> back_up(const Stores& stores) { return back_up(request(), stores); }

  static Result<void> insert(Store& store, int64_t n) {
    return store.lane().run_now([n](Session& session) -> Result<void> {
      auto done = session.execute("INSERT INTO t(n) VALUES ($1)", {n});
      return done ? Result<void>() : Result<void>(done.error());
    });
  }
  static int64_t integer(Session& session, const std::string& sql) {
    auto rows = session.query(sql);
    EXPECT_TRUE(rows) << rows.error().message;
    if (!rows) return -1;
    auto row = rows->next();
    EXPECT_TRUE(row) << row.error().message;
    return row && !row->empty() ? (*row)[0].as_integer : -1;
  }
  /// From the copy of a store in a backup.
  static int64_t copied(const std::string& backup, const std::string& name,
                        const std::string& sql) {
    auto store = storage::ClosedStore::open(backup + "/" + folder_of(name),
                                            storage::ClosedStore::Kind::backup);
    EXPECT_TRUE(store) << store.error().message;
    if (!store) return -1;
    int64_t value = -1;
    EXPECT_TRUE((*store)->read([&](Session& session) -> Result<void> {
      value = integer(session, sql);
      return {};
    }));
    return value;
  }
  static std::string read_file(const std::string& path) {
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
  }
  static mode_t mode_of(const std::string& path) {
    struct stat found {};
    EXPECT_EQ(::stat(path.c_str(), &found), 0) << path;
    return found.st_mode & 0777;
  }

  storage::TempFolder folder_;
  const std::string data_ = folder_.path("data");
  const std::string target_ = folder_.path("backup");
  SystemClock clock_;
};

}  // namespace forecourt::backup
