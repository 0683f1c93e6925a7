#include "secrets/key_file.hpp"

#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/durable.hpp"

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
  return write_durably(
      path, {reinterpret_cast<const char*>(keys.keys().data()), keys.keys().size() * k_key_bytes});
}

}  // namespace forecourt::secrets
