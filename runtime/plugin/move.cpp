#include "plugin/move.hpp"

#include <fcntl.h>
#include <stdio.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "base/durable.hpp"
#include "base/log.hpp"
#include "storage/foreign.hpp"

namespace forecourt::plugin {
namespace {

namespace fs = std::filesystem;

/// A process that tells rows without end does not keep the host from all else.
constexpr int64_t k_copy_max_ns = 15ll * 60 * 1'000'000'000;

}  // namespace

Move::Move(const Order& order)
    : data_folder_(order.data_folder),
      id_(order.writer.bundle.descriptor.id),
      fresh_(data_folder_ + "/moving/" + id_) {}

Move::~Move() {
  told_.reset();
  std::error_code ignored;
  fs::remove_all(fresh_, ignored);
  fs::remove(data_folder_ + "/moving", ignored);
}

Result<std::unique_ptr<Move>> Move::begin(const Order& order,
                                          std::shared_ptr<storage::RowSource> source) {
  std::unique_ptr<Move> move(new Move(order));
  log::info("plugin", "its data is copied into this process", {{"plugin", move->id_}});
  const int64_t until_ns = order.clock.monotonic_ns() + k_copy_max_ns;
  const auto go_on = [&clock = order.clock, &ending = order.ending, until_ns]() -> Result<void> {
    if (ending) return Error{Code::cancelled, "the host stops"};
    if (clock.monotonic_ns() > until_ns)
      return Error{Code::cancelled, "it takes more than a quarter of an hour"};
    return {};
  };
  auto told = ToldStore::make(order.writer, order.clock, move->fresh_, std::move(source), go_on);
  if (!told) return told.error();
  move->told_ = std::move(*told);
  if (auto copied = move->told_->transfer().bulk(); !copied)
    return move->told_->named(copied.error());
  return move;
}

Result<void> Move::rest() {
  auto done = told_->transfer().rest();
  if (done) done = told_->finish();
  if (!done) return told_->named(done.error());
  log::info("plugin", "its data is here",
            {{"plugin", id_}, {"rows", std::to_string(told_->transfer().rows())}});
  return {};
}

Result<void> Move::take_place() {
  const std::string folder = data_folder_ + "/plugins/" + id_;
  if (::renameat2(AT_FDCWD, fresh_.c_str(), AT_FDCWD, folder.c_str(), RENAME_EXCHANGE) != 0) {
    return told_->named(
        internal(folder + ": cannot be exchanged with " + fresh_ + ": " + std::strerror(errno)));
  }
  if (auto synced = sync_folder(data_folder_ + "/plugins"); !synced) return synced;
  if (auto synced = sync_folder(data_folder_ + "/moving"); !synced) return synced;
  // Only now: with the mark gone, this process opens what stands there.
  storage::unmark_foreign(data_folder_, id_);
  return {};
}

}  // namespace forecourt::plugin
