#include "storage/foreign.hpp"

#include <filesystem>

#include "base/durable.hpp"

namespace forecourt::storage {
namespace {

namespace fs = std::filesystem;

std::string mark_of(const std::string& data_folder, const std::string& plugin) {
  return data_folder + "/isolated/" + plugin;
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
  if (auto marked = write_durably(mark_of(data_folder, plugin), {}); !marked) return marked;
  return sync_folder(data_folder);
}

void unmark_foreign(const std::string& data_folder, const std::string& plugin) {
  std::error_code ignored;
  fs::remove(mark_of(data_folder, plugin), ignored);
}

}  // namespace forecourt::storage
