#include "sandbox/own_folder.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <memory>

#include "sandbox/layers.hpp"

namespace forecourt::sandbox {
namespace {

constexpr int k_depth_max = 32;

Result<void> give(int folder, const std::string& path, uid_t uid, gid_t gid, int depth);

Result<void> give_entry(int folder, const char* name, const std::string& path, uid_t uid, gid_t gid,
                        int depth) {
  // Opened first, so that what is looked at is what changes hands; neither links nor devices are opened.
  const int file = ::openat(folder, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
  if (file < 0) return errno == ENOENT ? Result<void>{} : internal(failure(path));
  struct stat found {};
  const bool known = ::fstat(file, &found) == 0;
  Result<void> given;
  if (!known) {
    given = internal(failure(path));
  } else if (S_ISDIR(found.st_mode)) {
    const int inner = ::openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    given =
        inner < 0 ? Result<void>(internal(failure(path))) : give(inner, path, uid, gid, depth + 1);
  } else if (!S_ISREG(found.st_mode)) {
    given = Error{Code::denied, path + ": is neither a file nor a folder; remove it"};
  } else if (found.st_nlink > 1) {
    given =
        Error{Code::denied, path + ": has a second name elsewhere; copy it and remove the name"};
  } else if (::fchownat(file, "", uid, gid, AT_EMPTY_PATH) != 0) {
    given = internal(failure(path));
  }
  ::close(file);
  return given;
}

/// Takes `folder` over.
Result<void> give(int folder, const std::string& path, uid_t uid, gid_t gid, int depth) {
  const std::unique_ptr<DIR, int (*)(DIR*)> entries(::fdopendir(folder), ::closedir);
  if (!entries) {
    ::close(folder);
    return internal(failure(path));
  }
  if (depth > k_depth_max) return Error{Code::denied, path + ": folders are nested too deep"};
  while (const dirent* entry = ::readdir(entries.get())) {
    const std::string name = entry->d_name;
    if (name == "." || name == "..") continue;
    auto given = give_entry(folder, entry->d_name, path + "/" + name, uid, gid, depth);
    if (!given) return given;
  }
  // Last: its new owner can then add nothing that has not been looked at.
  if (::fchown(folder, uid, gid) != 0) return internal(failure(path));
  return {};
}

}  // namespace

Result<void> hand_over(const std::string& path, uid_t uid, gid_t gid) {
  const int folder = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (folder < 0) return internal(failure(path));
  return give(folder, path, uid, gid, 0);
}

}  // namespace forecourt::sandbox
