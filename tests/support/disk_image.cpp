#include "support/disk_image.hpp"

#include <algorithm>

namespace forecourt::test_support {
namespace {
constexpr size_t k_sector = 512;
}

void DiskImage::write(int64_t offset, const void* data, size_t size) {
  unsynced_.push_back({offset, std::string(static_cast<const char*>(data), size), false});
}

void DiskImage::truncate(int64_t size) { unsynced_.push_back({size, {}, true}); }

void DiskImage::sync() {
  for (const Change& change : unsynced_) apply(synced_, change);
  unsynced_.clear();
}

std::string DiskImage::after_power_cut(std::mt19937* torn) const {
  std::string content = synced_;
  if (torn == nullptr) return content;
  for (const Change& change : unsynced_) apply_torn(content, change, *torn);
  return content;
}

void DiskImage::apply(std::string& content, const Change& change) {
  const auto offset = static_cast<size_t>(change.offset);
  if (change.truncates) {
    content.resize(offset);
    return;
  }
  if (content.size() < offset + change.data.size()) content.resize(offset + change.data.size());
  std::copy(change.data.begin(), change.data.end(), content.begin() + change.offset);
}

void DiskImage::apply_torn(std::string& content, const Change& change, std::mt19937& random) {
  if (change.truncates) {
    if (random() % 2 == 0) apply(content, change);
    return;
  }
  // Cut where the disk's sectors are, not where the write began.
  size_t at = 0;
  while (at < change.data.size()) {
    const size_t in_sector = (static_cast<size_t>(change.offset) + at) % k_sector;
    const size_t size = std::min(k_sector - in_sector, change.data.size() - at);
    if (random() % 2 == 0) {
      apply(content,
            {change.offset + static_cast<int64_t>(at), change.data.substr(at, size), false});
    }
    at += size;
  }
}

}  // namespace forecourt::test_support
