#include "secrets/key_file.hpp"

#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

namespace forecourt::secrets {
namespace {

constexpr size_t k_key_bytes = sizeof(Key);

Result<Keyring> read_keys(int file, const std::string& path) {
  struct stat found {};
  if (::fstat(file, &found) != 0) return internal(path + ": " + std::strerror(errno));
  if ((found.st_mode & 077) != 0) {
    return invalid(path + ": others may read it; run: chmod 600 " + path);
  }
  const size_t size = static_cast<size_t>(found.st_size);
  const Error damaged = invalid(path + ": must hold 32 bytes for each key and is " +
                                std::to_string(size) + " long; put the right file back");
  if (size == 0 || size % k_key_bytes != 0 || size > Keyring::k_keys_max * k_key_bytes)
    return damaged;
  std::vector<Key> keys(size / k_key_bytes);
  if (::read(file, keys.data(), size) != static_cast<ssize_t>(size)) return damaged;
  auto ring = Keyring::of(std::move(keys));
  if (!ring) return Error{ring.error().code, path + ": " + ring.error().message};
  return ring;
}

Result<void> sync_folder_of(const std::string& path) {
  const auto parent = std::filesystem::path(path).parent_path();
  const std::string folder = parent.empty() ? "." : parent.string();
  const int file = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool synced = file >= 0 && ::fsync(file) == 0;
  const int why = errno;
  if (file >= 0) ::close(file);
  if (synced) return {};
  return internal(folder + ": cannot be synced: " + std::strerror(why));
}

}  // namespace

Result<std::optional<Keyring>> read_key_file(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0 && errno == ENOENT) return std::optional<Keyring>();
  if (file < 0) return internal(path + ": cannot be read: " + std::strerror(errno));
  auto ring = read_keys(file, path);
  ::close(file);
  if (!ring) return ring.error();
  return std::optional(std::move(*ring));
}

Result<void> write_key_file(const std::string& path, const Keyring& keys) {
  // Under another name first: a torn file would look like damaged keys.
  const std::string fresh = path + ".new";
  const int file =
      ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
  const size_t size = keys.keys().size() * k_key_bytes;
  const bool written = file >= 0 && ::fchmod(file, 0600) == 0 &&
                       ::write(file, keys.keys().data(), size) == static_cast<ssize_t>(size) &&
                       ::fsync(file) == 0;
  const int why = errno;
  if (file >= 0) ::close(file);
  if (!written) return internal(fresh + ": cannot be written: " + std::strerror(why));
  if (::rename(fresh.c_str(), path.c_str()) != 0)
    return internal(path + ": " + std::strerror(errno));
  return sync_folder_of(path);
}

}  // namespace forecourt::secrets
