#include "plugin/library.hpp"

#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/dll/shared_library.hpp>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <list>
#include <mutex>

#include "config/document.hpp"

namespace forecourt::plugin {
namespace {

/// A process that runs it may be another user's, whatever the umask.
constexpr mode_t k_mode = 0555;

Error system_error(const std::string& what) { return internal(what + ": " + std::strerror(errno)); }

Result<void> write_durably(const std::string& path, std::string_view bytes) {
  const int file =
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, k_mode);
  if (file < 0) return system_error("creating " + path);
  while (!bytes.empty()) {
    const ssize_t n = ::write(file, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) {
      Error error = system_error("writing " + path);
      ::close(file);
      return error;
    }
    bytes.remove_prefix(static_cast<size_t>(n));
  }
  const bool synced = ::fchmod(file, k_mode) == 0 && ::fsync(file) == 0;
  ::close(file);
  if (!synced) return system_error("writing " + path);
  return {};
}

}  // namespace

std::string sha256_hex(std::string_view bytes) {
  std::array<uint8_t, crypto_hash_sha256_BYTES> digest;
  crypto_hash_sha256(digest.data(), reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size());
  std::array<char, 2 * crypto_hash_sha256_BYTES + 1> hex;
  sodium_bin2hex(hex.data(), hex.size(), digest.data(), digest.size());
  return hex.data();
}

Result<std::string> keep_library(const std::string& folder, std::string_view bytes,
                                 const std::string& sha256) {
  std::error_code failure;
  std::filesystem::create_directories(folder, failure);
  if (failure) return internal("creating " + folder + ": " + failure.message());
  const std::string path = folder + "/" + sha256 + ".so";
  if (auto present = config::read_text(path); present && sha256_hex(*present) == sha256) {
    if (::chmod(path.c_str(), k_mode) != 0) return system_error(path);
    return path;
  }

  // Absent or damaged. The rename gives the path a new file: a loaded damaged one is not written
  // over.
  const std::string fresh = path + ".new";
  std::filesystem::remove(fresh, failure);
  if (auto written = write_durably(fresh, bytes); !written) return written.error();
  std::filesystem::rename(fresh, path, failure);
  if (failure) return internal("renaming " + fresh + ": " + failure.message());
  return path;
}

Result<decltype(&fc_plugin_entry_1)> load_library(const std::string& path) {
  using boost::dll::shared_library;
  namespace load_mode = boost::dll::load_mode;
  // Never given back, but reachable: leak checkers need not hear of it.
  static std::mutex mutex;
  static std::list<shared_library>* const loaded = new std::list<shared_library>;
  try {
    shared_library library(path, load_mode::rtld_now | load_mode::rtld_local);
    if (!library.has(FC_ENTRY_NAME)) return invalid("it does not export " FC_ENTRY_NAME);
    auto* const entry = &library.get<const fc_plugin*(uint32_t)>(FC_ENTRY_NAME);
    std::lock_guard lock(mutex);
    loaded->push_back(std::move(library));
    return entry;
  } catch (const std::exception& failure) {
    return invalid(std::string("it cannot be loaded: ") + failure.what());
  } catch (...) {
    return invalid("it cannot be loaded: one of its initialisers threw an exception");
  }
}

}  // namespace forecourt::plugin
