#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "plugin/candidate.hpp"
#include "plugin/row_rules.hpp"
#include "storage/copy.hpp"
#include "storage/transfer.hpp"

namespace forecourt::plugin {

/// A new store with what another process tells of its own. Never its file: that was written by code
/// which nobody trusted. Each row is held to the tables that the plugin's migrations make, and
/// those of the host's own tables to what the host would have written.
class ToldStore {
 public:
  /// `folder` is made; whatever was there is gone. `writer` is what runs in the process. `go_on` is
  /// asked with every page; it may end the copy.
  static Result<std::unique_ptr<ToldStore>> make(const Candidate& writer, const Clock& clock,
                                                 const std::string& folder,
                                                 std::shared_ptr<storage::RowSource> source,
                                                 std::function<Result<void>()> go_on);
  ~ToldStore();  ///< The source lets go; the folder stays.
  ToldStore(const ToldStore&) = delete;
  ToldStore& operator=(const ToldStore&) = delete;

  storage::RowSource& source() { return *source_; }
  storage::Loader& loader() { return *loader_; }
  storage::Transfer& transfer() { return *transfer_; }
  /// What came is whole: checks, closes and syncs it.
  Result<void> finish();
  /// An error of the above for an admin.
  Error named(const Error& error) const;

 private:
  ToldStore(const Candidate& writer, std::shared_ptr<storage::RowSource> source);

  const std::string id_;
  const RowRules rules_;
  const std::shared_ptr<storage::RowSource> source_;
  std::unique_ptr<storage::Loader> loader_;
  std::unique_ptr<storage::Transfer> transfer_;
};

/// Copies the store of a process into `folder`, as it is when `hooks` meet: storage::copy_store for
/// a store that is elsewhere.
Result<void> copy_told_store(const Candidate& writer, const Clock& clock, const std::string& folder,
                             std::shared_ptr<storage::RowSource> source,
                             const storage::CopyHooks& hooks);

}  // namespace forecourt::plugin
