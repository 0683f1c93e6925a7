#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <memory>

#include "sandbox/layers.hpp"

namespace forecourt::sandbox {
namespace {

constexpr const char* k_old = "/.old";

/// A place of the policy, and where it really lies: the old root may reach it through links.
struct Place {
  std::string path;
  std::string real;
  bool writable = false;
  bool folder = false;
};

std::vector<Place> places_of(const Policy& policy) {
  std::vector<Place> places;
  const auto add = [&places](const std::string& path, bool writable) {
    const std::unique_ptr<char, decltype(&std::free)> real(::realpath(path.c_str(), nullptr),
                                                           std::free);
    struct stat found {};
    if (!real || ::stat(real.get(), &found) != 0) return;
    places.push_back({path, real.get(), writable, S_ISDIR(found.st_mode)});
  };
  for (const std::string& path : policy.read_only) add(path, false);
  add(policy.own_folder, true);
  // What lies inside another is mounted after it.
  std::stable_sort(places.begin(), places.end(),
                   [](const Place& a, const Place& b) { return a.real < b.real; });
  return places;
}

bool set_flags(const char* path, uint64_t flags, bool all_below) {
  mount_attr attributes{};
  attributes.attr_set = flags;
  return ::mount_setattr(AT_FDCWD, path, all_below ? AT_RECURSIVE : 0, &attributes,
                         sizeof attributes) == 0;
}

bool make_folders_above(const std::string& path) {
  for (size_t at = path.find('/', 1); at != std::string::npos; at = path.find('/', at + 1))
    if (::mkdir(path.substr(0, at).c_str(), 0755) != 0 && errno != EEXIST) return false;
  return true;
}

bool make_mount_point(const Place& place) {
  if (!make_folders_above(place.real)) return false;
  if (place.folder) return ::mkdir(place.real.c_str(), 0755) == 0 || errno == EEXIST;
  const int file = ::open(place.real.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0644);
  if (file < 0) return errno == EEXIST;
  ::close(file);
  return true;
}

bool bind(const Place& place) {
  if (!make_mount_point(place)) return false;
  const std::string from = k_old + place.real;
  if (::mount(from.c_str(), place.real.c_str(), nullptr, MS_BIND | MS_REC, nullptr) != 0)
    return false;
  uint64_t flags = MOUNT_ATTR_NOSUID;
  if (place.real.rfind("/dev/", 0) != 0) flags |= MOUNT_ATTR_NODEV;
  flags |= place.writable ? MOUNT_ATTR_NOEXEC : MOUNT_ATTR_RDONLY;
  return set_flags(place.real.c_str(), flags, true);
}

/// The path as it was given, when links led from it.
bool link_to(const Place& place) {
  struct stat found {};
  if (place.path == place.real || ::stat(place.path.c_str(), &found) == 0) return true;
  return make_folders_above(place.path) && ::symlink(place.real.c_str(), place.path.c_str()) == 0;
}

/// A small empty file system becomes the root, with the old one at k_old. Changes nothing when it fails.
bool change_root() {
  // The mount point may be any folder: the old root is whole again once the new one has left it.
  constexpr const char* k_point = "/usr";
  if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return false;
  if (::mount("tmpfs", k_point, "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755,size=1m") != 0)
    return false;
  if (set_flags(k_point, MOUNT_ATTR_NOEXEC, false) && ::chdir(k_point) == 0 &&
      ::mkdir(k_old + 1, 0755) == 0 && syscall(SYS_pivot_root, ".", k_old + 1) == 0 &&
      ::chdir("/") == 0)
    return true;
  const int error = errno;
  ::umount2(k_point, MNT_DETACH);
  errno = error;
  return false;
}

}  // namespace

Result<void> make_private_root(const Policy& policy, Report& report) {
  const std::vector<Place> places = places_of(policy);
  const mode_t mask = ::umask(0);
  if (!change_root()) {
    report.add("private-root", false, failure("a new root"));
    ::umask(mask);
    return {};
  }
  const Place* tree = nullptr;  // the last read-only folder, with all that is in it
  for (const Place& place : places) {
    const bool inside = tree && place.real.rfind(tree->real + "/", 0) == 0;
    const bool there = inside || (tree && place.real == tree->real);
    if (!(there && !place.writable) && !bind(place))
      return internal(failure("sandbox: " + place.real + " in the private root"));
    if (!place.writable && place.folder && !there) tree = &place;
  }
  for (const Place& place : places)
    if (!link_to(place)) return internal(failure("sandbox: the link " + place.path));
  if (::umount2(k_old, MNT_DETACH) != 0 || ::rmdir(k_old) != 0 ||
      !set_flags("/", MOUNT_ATTR_RDONLY, false))
    return internal(failure("sandbox: leaving the old root"));
  ::umask(mask);
  report.add("private-root", true,
             "its own folder, " + std::to_string(places.size() - 1) + " read-only");
  return {};
}

}  // namespace forecourt::sandbox
