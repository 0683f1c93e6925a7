#pragma once

#include <string>

namespace fc::testkit {

/// A folder of the host's own: copies of the libraries, large bodies. Deleted with it.
class ScratchFolder {
 public:
  ScratchFolder();
  ~ScratchFolder();
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace fc::testkit
