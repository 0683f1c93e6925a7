#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "storage/copy.hpp"

namespace forecourt::storage {

class Connection;

/// The database of a store nobody runs, to be read, checked or copied as it is: nothing is made,
/// migrated or counted, and the crash marker stays for the next start. One thread.
class ClosedStore {
 public:
  enum class Kind {
    data,    ///< a store's folder: locked, so that nobody opens it meanwhile; its log is read too
    open,    ///< a store that another process has open: looked at beside it (tests)
    backup,  ///< a copy without a log, on a medium that may be read-only; no side files are made
  };

  /// Code::not_found without a store.db, conflict when the store is open.
  static Result<std::unique_ptr<ClosedStore>> open(const std::string& folder, Kind kind);
  ~ClosedStore();
  ClosedStore(const ClosedStore&) = delete;
  ClosedStore& operator=(const ClosedStore&) = delete;

  /// Host statements on one snapshot.
  Result<void> read(const std::function<Result<void>(Session&)>& work);

  /// Takes the snapshot that `copy` copies; without it `copy` takes its own.
  Result<void> take();
  Result<void> copy(const std::string& path, const CopyHooks& hooks);

  /// What SQLite finds wrong: pages and indexes, then rows without their parent. At most 20 texts.
  Result<std::vector<std::string>> check();

 private:
  ClosedStore(int lock, std::unique_ptr<Connection> connection);
  Result<void> begin();

  const int lock_;
  const std::unique_ptr<Connection> connection_;
};

}  // namespace forecourt::storage
