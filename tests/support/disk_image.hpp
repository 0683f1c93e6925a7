#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace forecourt::test_support {

/// One file as the disk has it: what was synced, and what was written since.
class DiskImage {
 public:
  explicit DiskImage(std::string content) : synced_(std::move(content)) {}

  void write(int64_t offset, const void* data, size_t size);
  void truncate(int64_t size);
  void sync();
  /// A sync that failed: the kernel drops what it could not write and never tries again.
  void fail_sync() { unsynced_.clear(); }

  /// What is left without power. With a generator, some of the unsynced sectors made it.
  std::string after_power_cut(std::mt19937* torn) const;

 private:
  struct Change {
    int64_t offset;
    std::string data;
    bool truncates;
  };

  static void apply(std::string& content, const Change& change);
  static void apply_torn(std::string& content, const Change& change, std::mt19937& random);

  std::string synced_;
  std::vector<Change> unsynced_;
};

}  // namespace forecourt::test_support
