#include "sandbox/cgroup_folders.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <sstream>

namespace forecourt::sandbox {
namespace {

constexpr std::string_view k_moved_to = "/forecourt-host";

bool holds(const std::string& comma_list, std::string_view word) {
  return ("," + comma_list + ",").find("," + std::string(word) + ",") != std::string::npos;
}

/// Where one hierarchy is mounted, and which of its groups that shows.
struct Mount {
  std::string root;
  std::string point;
};

/// A line of mountinfo: id parent device root point options - type source super-options.
template <class Matches>
Mount find_mount(const std::string& mounts, Matches matches) {
  std::ifstream lines(mounts);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string word, type, source, options;
    Mount mount;
    words >> word >> word >> word >> mount.root >> mount.point;
    while (words >> word && word != "-") {
    }
    words >> type >> source >> options;
    if (matches(type, options)) return mount;
  }
  return {};
}

/// A line of /proc/self/cgroup: number:controllers:path; v2 has no controllers.
std::string membership(const std::string& file, std::string_view controller) {
  std::ifstream lines(file);
  for (std::string line; std::getline(lines, line);) {
    const size_t first = line.find(':');
    const size_t second = line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1);
    const bool found = controller.empty() ? controllers.empty() : holds(controllers, controller);
    if (found) return line.substr(second + 1);
  }
  return {};
}

std::string own_group(const Mount& mount, std::string path) {
  if (mount.point.empty() || path.empty()) return {};
  // In a container the mount shows the part below its root, and the path begins with it.
  if (mount.root != "/") {
    if (path != mount.root && path.rfind(mount.root + "/", 0) != 0) return {};
    path = path.substr(mount.root.size());
  }
  const std::string folder = mount.point + (path == "/" ? "" : path);
  return ::access((folder + "/cgroup.procs").c_str(), F_OK) == 0 ? folder : "";
}

/// The group that `delegate` moved the caller out of.
std::string before_delegation(const std::string& own) {
  const size_t end = own.size() - std::min(own.size(), k_moved_to.size());
  if (own.compare(end, std::string::npos, k_moved_to) != 0) return own;
  const std::string above = own.substr(0, end);
  const bool gives = !read_text(above + "/cgroup.subtree_control").empty();
  return gives ? above : own;
}

}  // namespace

OwnGroups own_groups(const CgroupSystem& system) {
  const auto v1 = [&system](std::string_view controller) {
    const Mount mount = find_mount(system.mounts, [controller](auto& type, auto& options) {
      return type == "cgroup" && holds(options, controller);
    });
    return own_group(mount, membership(system.memberships, controller));
  };
  const Mount unified =
      find_mount(system.mounts, [](auto& type, auto&) { return type == "cgroup2"; });
  return {before_delegation(own_group(unified, membership(system.memberships, ""))), v1("memory"),
          v1("pids")};
}

bool write_text(const std::string& path, std::string_view text) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
  if (file < 0) return false;
  const bool written = ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  const int error = errno;
  ::close(file);
  errno = error;
  return written;
}

std::string read_text(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

bool has_word(const std::string& path, std::string_view word) {
  std::istringstream words(read_text(path));
  for (std::string one; words >> one;)
    if (one == word) return true;
  return false;
}

bool delegate(const std::string& own, std::string_view controller) {
  const std::string below = own + "/cgroup.subtree_control";
  if (has_word(below, controller)) return true;
  if (!has_word(own + "/cgroup.controllers", controller)) {
    errno = ENODEV;
    return false;
  }
  const std::string wanted = "+" + std::string(controller);
  if (write_text(below, wanted)) return true;
  if (errno != EBUSY) return false;
  const std::string host = own + std::string(k_moved_to);
  if (::mkdir(host.c_str(), 0755) != 0 && errno != EEXIST) return false;
  return write_text(host + "/cgroup.procs", "0") && write_text(below, wanted);
}

}  // namespace forecourt::sandbox
