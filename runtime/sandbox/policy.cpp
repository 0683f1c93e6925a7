#include "sandbox/policy.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <climits>

#include "base/json.hpp"
#include "base/json_text.hpp"

namespace forecourt::sandbox {
namespace {

Error refused(const std::string& member, const std::string& why) {
  return invalid("sandbox policy: " + member + ": " + why);
}

Result<void> check_path(const std::string& member, const std::string& path) {
  if (path.empty() || path.front() != '/')
    return refused(member, "\"" + path + "\" must be an absolute path");
  if (path == "/") return refused(member, "must not be the root of the file system");
  if (path.size() >= PATH_MAX) return refused(member, "is longer than a path may be");
  if (path.find('\0') != std::string::npos) return refused(member, "holds a NUL byte");
  return {};
}

void member(std::string& out, std::string_view name, uint64_t value) {
  out += json_string(name) + ":" + std::to_string(value) + ",";
}

Result<uint64_t> number(const json::Value& object, std::string_view name, uint64_t max) {
  const json::Value* value = json::find(object, name);
  if (!value || !value->IsUint64() || value->GetUint64() > max)
    return refused(std::string(name), "must be a number from 0 to " + std::to_string(max));
  return value->GetUint64();
}

}  // namespace

Result<void> Policy::check() const {
  if (name.empty() || name.find('\0') != std::string::npos)
    return refused("name", "must be a text of at least one byte");
  if (auto own = check_path("own_folder", own_folder); !own) return own;
  for (const std::string& path : read_only)
    if (auto checked = check_path("read_only", path); !checked) return checked;
  struct stat found {};
  if (::stat(own_folder.c_str(), &found) != 0 || !S_ISDIR(found.st_mode))
    return refused("own_folder", own_folder + " is not a folder that can be reached");
  if ((uid == 0) != (gid == 0))
    return refused("uid", "a user and a group are needed together, or neither");
  return {};
}

std::vector<std::string> system_paths() {
  std::vector<std::string> found;
  for (const char* path : {"/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib",
                           "/etc/ld.so.cache", "/etc/alternatives", "/usr/share/zoneinfo",
                           "/etc/localtime", "/usr/share/locale", "/dev/null", "/dev/urandom"})
    if (::access(path, F_OK) == 0) found.emplace_back(path);
  return found;
}

std::string to_json(const Policy& policy) {
  std::string out = "{";
  out += "\"name\":" + json_string(policy.name) + ",";
  out += "\"own_folder\":" + json_string(policy.own_folder) + ",\"read_only\":[";
  for (size_t i = 0; i < policy.read_only.size(); ++i)
    out += (i ? "," : "") + json_string(policy.read_only[i]);
  out += "],";
  member(out, "uid", policy.uid);
  member(out, "gid", policy.gid);
  member(out, "memory_bytes", policy.limits.memory_bytes);
  member(out, "processes", policy.limits.processes);
  member(out, "open_files", policy.limits.open_files);
  member(out, "file_size_bytes", policy.limits.file_size_bytes);
  member(out, "memory_in_cgroup", policy.memory_in_cgroup);
  member(out, "processes_in_cgroup", policy.processes_in_cgroup);
  member(out, "parent", static_cast<uint64_t>(policy.parent));
  out.back() = '}';
  return out;
}

Result<Policy> policy_of(std::string_view text) {
  auto document = json::parse(text);
  if (!document) return refused("text", document.error().message);
  if (!document->IsObject()) return refused("text", "must be an object");
  Policy policy;
  policy.name = json::text(*document, "name");
  policy.own_folder = json::text(*document, "own_folder");
  const json::Value* paths = json::find(*document, "read_only");
  if (!paths || !paths->IsArray()) return refused("read_only", "must be a list of paths");
  for (const json::Value& path : paths->GetArray()) {
    if (!path.IsString()) return refused("read_only", "must be a list of paths");
    policy.read_only.emplace_back(json::view(path));
  }
  const auto take = [&](std::string_view name, uint64_t max, auto& target) -> Result<void> {
    auto value = number(*document, name, max);
    if (!value) return value.error();
    target = static_cast<std::remove_reference_t<decltype(target)>>(*value);
    return {};
  };
  constexpr uint64_t k_any = UINT64_MAX;
  Limits& limits = policy.limits;
  if (auto ok = take("uid", UINT32_MAX - 1, policy.uid); !ok) return ok.error();
  if (auto ok = take("gid", UINT32_MAX - 1, policy.gid); !ok) return ok.error();
  if (auto ok = take("memory_bytes", k_any, limits.memory_bytes); !ok) return ok.error();
  if (auto ok = take("processes", k_any, limits.processes); !ok) return ok.error();
  if (auto ok = take("open_files", k_any, limits.open_files); !ok) return ok.error();
  if (auto ok = take("file_size_bytes", k_any, limits.file_size_bytes); !ok) return ok.error();
  if (auto ok = take("memory_in_cgroup", 1, policy.memory_in_cgroup); !ok) return ok.error();
  if (auto ok = take("processes_in_cgroup", 1, policy.processes_in_cgroup); !ok) return ok.error();
  if (auto ok = take("parent", INT32_MAX, policy.parent); !ok) return ok.error();
  return policy;
}

}  // namespace forecourt::sandbox
