#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "support/disk_journal.hpp"

namespace forecourt::test_support {

/// A SQLite VFS over the real file system that lies the way disks do: it remembers what was synced,
/// so that a test can see what a power cut would leave, and it fails the operations a test names.
/// Stores are pointed at it by `StoreOptions::vfs`. Must outlive them. Thread-safe. Shims of several
/// processes over one journal are one disk: they count and fail together, and the power goes for
/// all of them at once.
class VfsShim {
 public:
  enum class Operation { open, read, write, sync, truncate, lock, shm_map, remove };
  enum class Fault {
    io_error,
    disk_full,
    short_write,  ///< half of it is written; for other operations an I/O error
    forgets,      ///< for sync: says that it is done and does nothing
    kills,        ///< the process is killed instead
  };

  enum class Use {
    by_name,      ///< by the connections that ask for it
    by_everyone,  ///< by every connection that names no other
  };

  explicit VfsShim(Use use = Use::by_name,
                   std::unique_ptr<DiskJournal> journal = DiskJournal::make());
  ~VfsShim();
  VfsShim(const VfsShim&) = delete;
  VfsShim& operator=(const VfsShim&) = delete;

  const std::string& name() const;

  /// The `nth` (1 is the next) call of `operation` fails; with `for_good` all after it too, until
  /// `heal`.
  void fail(Operation operation, int64_t nth, Fault fault, bool for_good);
  void heal();

  /// Calls of an operation and failures made up, since the shim was made.
  int64_t calls(Operation operation) const;
  int64_t failures() const;

  /// Writes into `to` what the disk would hold of the files below `from` if the power went now:
  /// only what was synced. With a seed, also some of the unsynced 512-byte sectors, in no order:
  /// torn writes. In the process that made the journal.
  void power_cut(const std::string& from, const std::string& to,
                 std::optional<uint32_t> torn_seed = std::nullopt) const;

  struct Impl;

 private:
  const std::unique_ptr<Impl> impl_;
};

}  // namespace forecourt::test_support
