#include "cli/data_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <thread>
#include <utility>

namespace forecourt::cli {
namespace {

std::string lock_path(const std::string& data) { return data + "/lock"; }

std::string content_of(int file) {
  char buffer[256];
  const ssize_t n = ::pread(file, buffer, sizeof buffer, 0);
  std::string text(buffer, n > 0 ? static_cast<size_t>(n) : 0);
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

Result<void> write_content(int file, const std::string& path, const std::string& text) {
  const bool written = ::ftruncate(file, 0) == 0 && ::pwrite(file, text.data(), text.size(), 0) ==
                                                        static_cast<ssize_t>(text.size());
  if (written) return {};
  return internal(path + ": cannot be written: " + std::strerror(errno));
}

Result<void> make_folder(const std::string& data) {
  std::error_code failure;
  const std::filesystem::path path(data);
  if (path.has_parent_path()) std::filesystem::create_directories(path.parent_path(), failure);
  if (!failure && (::mkdir(data.c_str(), 0700) == 0 || errno == EEXIST)) {
    if (std::filesystem::is_directory(path, failure)) return {};
    return invalid(data + ": is not a directory");
  }
  const std::string why = failure ? failure.message() : std::strerror(errno);
  return invalid(data + ": cannot be made: " + why);
}

}  // namespace

Result<DataLock> DataLock::take(const std::string& data) {
  if (auto made = make_folder(data); !made) return made.error();
  const std::string path = lock_path(data);
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) return invalid(path + ": cannot be opened: " + std::strerror(errno));
  DataLock lock(file);
  // `holder_address` of another process holds it for an instant.
  int held = ::flock(file, LOCK_EX | LOCK_NB);
  for (int attempt = 0; held != 0 && errno == EWOULDBLOCK && attempt < 5; ++attempt) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    held = ::flock(file, LOCK_EX | LOCK_NB);
  }
  if (held != 0) {
    if (errno != EWOULDBLOCK) return internal(path + ": cannot be locked: " + std::strerror(errno));
    const std::string holder = content_of(file);
    return Error{Code::conflict, data + ": another host works on this data" +
                                     (holder.empty() ? std::string() : " (at " + holder + ")") +
                                     ": stop it first, or use another data directory"};
  }
  if (auto written = write_content(file, path, {}); !written) return written.error();
  return lock;
}

DataLock::DataLock(DataLock&& other) noexcept : file_(std::exchange(other.file_, -1)) {}

DataLock& DataLock::operator=(DataLock&& other) noexcept {
  std::swap(file_, other.file_);
  return *this;
}

DataLock::~DataLock() {
  if (file_ >= 0) ::close(file_);
}

Result<void> DataLock::note_address(const std::string& address) {
  return write_content(file_, "lock", address + "\n");
}

std::string holder_address(const std::string& data) {
  const int file = ::open(lock_path(data).c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return {};
  std::string address;
  if (::flock(file, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK) address = content_of(file);
  ::close(file);
  return address;
}

}  // namespace forecourt::cli
