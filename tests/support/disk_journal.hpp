#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

namespace forecourt::test_support {

/// What one or more processes do to the files of a disk, in one order over all of them, so that a
/// moment is the same moment for each. It stands in a file that they all have open, and needs
/// nothing else: a process that is in a sandbox by now goes on writing. Whoever made it reads it.
class DiskJournal {
 public:
  enum class Kind : uint32_t { open, write, truncate, sync, failed_sync, remove };
  struct Entry {
    Kind kind = Kind::open;
    std::string path;
    int64_t offset = 0;  ///< of a write; the size of a truncation
    std::string data;    ///< of a write; of `open` what was in the file
  };
  static constexpr size_t k_page_bytes = 4'096;

  /// A new one: in a file for other processes to join, or without a path for this one alone.
  static std::unique_ptr<DiskJournal> make(const std::string& path = {});
  static std::unique_ptr<DiskJournal> join(const std::string& path);
  ~DiskJournal();
  DiskJournal(const DiskJournal&) = delete;
  DiskJournal& operator=(const DiskJournal&) = delete;

  bool made_here() const { return made_here_; }
  /// Memory that all processes of the journal share, zero at first.
  void* page() const { return page_; }

  /// Thread-safe. The bytes added. Ends the process when the journal cannot be written.
  size_t add(Kind kind, const std::string& path, int64_t offset = 0, const void* data = nullptr,
             size_t size = 0) const;
  /// kill -9 of this process, with no entry half written.
  [[noreturn]] void kill_process() const;

  /// Every entry since the last time up to now, and forgets them. Not thread-safe. Throws when a
  /// process was killed in the midst of an entry.
  void read(const std::function<void(const Entry&)>& take);

 private:
  DiskJournal(int file, bool made_here);

  const int file_;
  const bool made_here_;
  void* const page_;
  mutable std::mutex mutex_;  ///< held while an entry is written
  int64_t read_to_ = k_page_bytes;
};

}  // namespace forecourt::test_support
