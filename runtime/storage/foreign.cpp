#include "storage/foreign.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

namespace forecourt::storage {
namespace {

namespace fs = std::filesystem;

std::string mark_of(const std::string& data_folder, const std::string& plugin) {
  return data_folder + "/isolated/" + plugin;
}

bool sync(const std::string& path, int flags) {
  const int file = ::open(path.c_str(), flags | O_CLOEXEC, 0600);
  const bool synced = file >= 0 && ::fsync(file) == 0;
  const int why = errno;
  if (file >= 0) ::close(file);
  errno = why;
  return synced;
}

}  // namespace

bool is_foreign(const std::string& data_folder, const std::string& plugin) {
  std::error_code failure;
  const auto found = fs::symlink_status(mark_of(data_folder, plugin), failure);
  return fs::exists(found) || (failure && failure != std::errc::no_such_file_or_directory);
}

Result<void> mark_foreign(const std::string& data_folder, const std::string& plugin) {
  if (is_foreign(data_folder, plugin)) return {};
  const std::string folder = data_folder + "/isolated";
  std::error_code failure;
  fs::create_directories(folder, failure);
  if (failure) return internal(folder + ": " + failure.message());
  const bool marked = sync(mark_of(data_folder, plugin), O_WRONLY | O_CREAT) &&
                      sync(folder, O_RDONLY | O_DIRECTORY) &&
                      sync(data_folder, O_RDONLY | O_DIRECTORY);
  if (!marked) return internal(mark_of(data_folder, plugin) + ": " + std::strerror(errno));
  return {};
}

void unmark_foreign(const std::string& data_folder, const std::string& plugin) {
  std::error_code ignored;
  fs::remove(mark_of(data_folder, plugin), ignored);
}

}  // namespace forecourt::storage
