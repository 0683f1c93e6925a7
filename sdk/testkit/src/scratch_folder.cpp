#include "scratch_folder.hpp"

#include <stdlib.h>

#include <cerrno>
#include <filesystem>
#include <stdexcept>
#include <system_error>

namespace fc::testkit {

ScratchFolder::ScratchFolder() {
  path_ = (std::filesystem::temp_directory_path() / "forecourt-testkit-XXXXXX").string();
  if (!mkdtemp(path_.data())) {
    throw std::runtime_error(path_ + ": " + std::generic_category().message(errno));
  }
}

ScratchFolder::~ScratchFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace fc::testkit
