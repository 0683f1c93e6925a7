// Every operation on the disk fails once, then for good: no false acknowledgement, and the store
// comes back.

#include <set>
#include <thread>

#include "storage_fixture.hpp"
#include "support/vfs_shim.hpp"

namespace forecourt::storage {
namespace {

using test_support::VfsShim;

struct Failure {
  VfsShim::Operation operation;
  VfsShim::Fault fault;
  bool for_good;
};

class IoFailure : public StoreTest, public ::testing::WithParamInterface<Failure> {
 protected:
  ~IoFailure() override { store_.reset(); }

  /// Some rows and reads with the `nth` operation failing; then the disk is well again. False when
  /// fewer operations than that were needed.
  bool run_with_failure(int64_t nth) {
    VfsShim disk;
    StoreOptions on_disk = options();
    on_disk.folder = folder_.path(std::to_string(nth));
    on_disk.vfs = disk.name();
    disk.fail(GetParam().operation, nth, GetParam().fault, GetParam().for_good);
    std::set<std::string> acknowledged;
    std::set<std::string> refused;
    auto opened = Store::open(on_disk);
    if (opened) {
      store_ = std::move(*opened);
      if (store_->migrate(table_migration())) write_rows(acknowledged, refused);
      disk.power_cut(on_disk.folder, on_disk.folder + "-cut");
      store_.reset();
      expect_truthful(on_disk.folder + "-cut", acknowledged, {});
    }
    disk.heal();
    expect_truthful(on_disk.folder, acknowledged, refused);
    return disk.failures() > 0;
  }

 private:
  void write_rows(std::set<std::string>& acknowledged, std::set<std::string>& refused) {
    for (int i = 0; i < 6; ++i) {
      const std::string id = "row" + std::to_string(i) + std::string(2'000, 'x');
      Fates fates;
      std::unique_ptr<WriteCall> call = std::make_unique<TestCall>(
          0,
          [&id](Session& session) {
            const bool done = session.execute("INSERT INTO t(id, n) VALUES ($1, 1)", {id}).ok();
            return done ? Verdict::commit : Verdict::roll_back;
          },
          fates);
      ASSERT_TRUE(store_->lane().submit(call));
      ASSERT_TRUE(fates.wait_for(1));
      const Fate fate = fates.at(0).fate;
      if (fate == Fate::committed) acknowledged.insert(id);
      if (fate == Fate::refused || fate == Fate::rolled_back) refused.insert(id);
      (void)store_->read(0, [](Session& session) -> Result<void> {
        auto rows = session.query("SELECT count(*) FROM t");
        return rows ? Result<void>() : Result<void>(rows.error());
      });
    }
  }

  void expect_truthful(const std::string& folder, const std::set<std::string>& acknowledged,
                       const std::set<std::string>& refused) {
    StoreOptions plain = options();
    plain.folder = folder;
    auto opened = Store::open(plain);
    ASSERT_TRUE(opened) << opened.error().message;
    store_ = std::move(*opened);
    ASSERT_TRUE(store_->migrate(table_migration()));
    for (const std::string& id : acknowledged) EXPECT_TRUE(has(id)) << id.substr(0, 8);
    for (const std::string& id : refused) EXPECT_FALSE(has(id)) << id.substr(0, 8);
    store_.reset();
  }
};

TEST_P(IoFailure, NeverMakesAFalseAnswer) {
  // Every early operation, then wider steps: opening does most of its work in the first few.
  int64_t nth = 1;
  while (nth < 400 && run_with_failure(nth)) nth += 1 + nth / 5;
  EXPECT_GT(nth, 1);
}

using Op = VfsShim::Operation;
using Fault = VfsShim::Fault;
constexpr Failure k_io_failure[] = {
    {Op::write, Fault::io_error, false},    {Op::write, Fault::io_error, true},
    {Op::write, Fault::disk_full, false},   {Op::write, Fault::disk_full, true},
    {Op::write, Fault::short_write, false}, {Op::write, Fault::short_write, true},
    {Op::sync, Fault::io_error, false},     {Op::sync, Fault::io_error, true},
    {Op::open, Fault::io_error, false},     {Op::open, Fault::io_error, true},
    {Op::lock, Fault::io_error, false},     {Op::lock, Fault::io_error, true},
    {Op::truncate, Fault::io_error, true},  {Op::read, Fault::io_error, false},
    {Op::read, Fault::io_error, true},      {Op::shm_map, Fault::disk_full, false},
    {Op::shm_map, Fault::disk_full, true}};

INSTANTIATE_TEST_SUITE_P(Operations, IoFailure, ::testing::ValuesIn(k_io_failure));

}  // namespace
}  // namespace forecourt::storage
