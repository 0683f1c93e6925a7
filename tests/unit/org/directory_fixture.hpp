#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "base/clock.hpp"
#include "org/host_directory.hpp"
#include "org/keys.hpp"
#include "org/tree.hpp"
#include "storage/store.hpp"

namespace forecourt::org {

/// A directory over an in-memory host store.
class DirectoryTest : public testing::Test {
 protected:
  void SetUp() override {
    storage::StoreOptions options;
    options.clock = &clock_;
    auto store = storage::Store::open(std::move(options));
    ASSERT_TRUE(store.ok()) << store.error().message;
    store_ = std::move(*store);
    reopen();
  }
  /// The directory as a new host on the same store finds it.
  void reopen() {
    directory_.reset();
    auto directory = HostDirectory::open(*store_, clock_);
    ASSERT_TRUE(directory.ok()) << directory.error().message;
    directory_ = std::move(*directory);
  }
  Result<void> add(const NewOrg& wanted) {
    return directory_->write([&](storage::Session& session, const Snapshot& now) -> Result<void> {
      if (auto checked = check_new_org(now, wanted); !checked) return checked;
      return insert_org(session, wanted, clock_.now_ms());
    });
  }
  Result<std::string> add_key(const NewKey& wanted, std::string_view credential) {
    std::string id;
    auto written =
        directory_->write([&](storage::Session& session, const Snapshot&) -> Result<void> {
          auto inserted = insert_key(session, wanted, credential, clock_.now_ms());
          if (!inserted) return inserted.error();
          id = *inserted;
          return {};
        });
    if (!written) return written.error();
    return id;
  }

  ManualClock clock_;
  std::unique_ptr<storage::Store> store_;
  std::unique_ptr<HostDirectory> directory_;
};

}  // namespace forecourt::org
