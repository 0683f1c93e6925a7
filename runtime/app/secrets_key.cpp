#include "app/secrets_key.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "base/ids.hpp"

namespace forecourt::app {
namespace {

using Key = std::array<uint8_t, 32>;

Result<Key> read_key(int file, const std::string& path) {
  struct stat found {};
  if (::fstat(file, &found) != 0) return internal(path + ": " + std::strerror(errno));
  if ((found.st_mode & 077) != 0) {
    return invalid(path + ": others may read it; run: chmod 600 " + path);
  }
  Key key;
  const bool whole = found.st_size == static_cast<off_t>(key.size()) &&
                     ::read(file, key.data(), key.size()) == static_cast<ssize_t>(key.size());
  if (!whole) return invalid(path + ": must hold 32 bytes; put the right file back from a backup");
  return key;
}

Result<Key> make_key(const std::string& path) {
  Key key;
  fill_random(key);
  // Under another name first: a torn file would look like a damaged key.
  const std::string fresh = path + ".new";
  const int file =
      ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
  const bool written = file >= 0 &&
                       ::write(file, key.data(), key.size()) == static_cast<ssize_t>(key.size()) &&
                       ::fsync(file) == 0;
  const int why = errno;
  if (file >= 0) ::close(file);
  if (!written) return internal(fresh + ": cannot be written: " + std::strerror(why));
  if (::rename(fresh.c_str(), path.c_str()) != 0)
    return internal(path + ": " + std::strerror(errno));
  return key;
}

bool has_plugin_data(const std::string& data) {
  std::error_code failure;
  const std::filesystem::directory_iterator folders(data + "/plugins", failure);
  return !failure && folders != std::filesystem::directory_iterator();
}

}  // namespace

Result<Key> load_secrets_key(const std::string& data) {
  const std::string path = data + "/secrets.key";
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file >= 0) {
    auto key = read_key(file, path);
    ::close(file);
    return key;
  }
  if (errno != ENOENT) return internal(path + ": cannot be read: " + std::strerror(errno));
  if (has_plugin_data(data)) {
    return invalid(path +
                   ": is missing, but plugins have data: put it back from a backup; without it "
                   "what they sealed "
                   "cannot be opened");
  }
  return make_key(path);
}

}  // namespace forecourt::app
