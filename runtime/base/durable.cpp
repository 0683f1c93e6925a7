#include "base/durable.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

namespace forecourt {
namespace {

Result<void> sync(const std::string& path, int flags) {
  const int descriptor = ::open(path.c_str(), flags | O_RDONLY | O_CLOEXEC);
  const bool synced = descriptor >= 0 && ::fsync(descriptor) == 0;
  const int why = errno;
  if (descriptor >= 0) ::close(descriptor);
  if (synced) return {};
  return internal(path + ": cannot be synced: " + std::strerror(why));
}

}  // namespace

Result<void> sync_file(const std::string& path) { return sync(path, 0); }

Result<void> sync_folder(const std::string& path) { return sync(path, O_DIRECTORY); }

Result<void> write_durably(const std::string& path, std::string_view content) {
  // Under another name first: a torn file would look like damaged content.
  const std::string fresh = path + ".new";
  const int file =
      ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
  const bool written =
      file >= 0 && ::fchmod(file, 0600) == 0 &&
      ::write(file, content.data(), content.size()) == static_cast<ssize_t>(content.size()) &&
      ::fsync(file) == 0;
  const int why = errno;
  if (file >= 0) ::close(file);
  if (!written) return internal(fresh + ": cannot be written: " + std::strerror(why));
  if (std::rename(fresh.c_str(), path.c_str()) != 0)
    return internal(path + ": " + std::strerror(errno));
  const std::string folder = std::filesystem::path(path).parent_path().string();
  return sync_folder(folder.empty() ? "." : folder);
}

}  // namespace forecourt
