#include "gateway/spool.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace forecourt::gateway {

Result<std::unique_ptr<Spool>> Spool::open(const std::string& folder) {
  int file = ::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (file < 0 && (errno == EOPNOTSUPP || errno == EISDIR)) {
    // A file system without nameless files: make one and take its name away.
    std::string name = folder + "/body-XXXXXX";
    file = ::mkostemp(name.data(), O_CLOEXEC);
    if (file >= 0) ::unlink(name.c_str());
  }
  if (file < 0) return internal(folder + ": no spool file can be made: " + std::strerror(errno));
  return std::unique_ptr<Spool>(new Spool(file));
}

Spool::~Spool() { ::close(file_); }

Result<void> Spool::append(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::pwrite(file_, bytes.data(), bytes.size(), static_cast<off_t>(size_));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0)
      return internal(std::string("spool file: ") + std::strerror(n < 0 ? errno : ENOSPC));
    size_ += static_cast<uint64_t>(n);
    bytes.remove_prefix(static_cast<size_t>(n));
  }
  return {};
}

Result<uint64_t> Spool::read(uint64_t offset, uint8_t* buffer, uint64_t capacity) const {
  for (;;) {
    const ssize_t n = ::pread(file_, buffer, capacity, static_cast<off_t>(offset));
    if (n >= 0) return static_cast<uint64_t>(n);
    if (errno != EINTR) return internal(std::string("spool file: ") + std::strerror(errno));
  }
}

}  // namespace forecourt::gateway
