#include "sandbox/report.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/json.hpp"
#include "base/json_text.hpp"

namespace forecourt::sandbox {
namespace {

/// A layer, and what to do on a machine that does not give it.
struct Known {
  std::string_view name;
  std::string_view remedy;
};

constexpr std::string_view k_cgroup =
    "delegate a cgroup with the memory and pids controllers to the service (systemd: Delegate=yes)";
constexpr std::string_view k_namespace =
    "start the host as root or allow user namespaces (sysctl user.max_user_namespaces)";

constexpr std::array<Known, 15> k_layers{{
    {"cgroup-memory", k_cgroup},
    {"cgroup-pids", k_cgroup},
    {"descriptors", "use a kernel of 5.11 or later"},
    {"user-namespace", "allow user namespaces (sysctl user.max_user_namespaces); root needs none"},
    {"network-namespace", k_namespace},
    {"ipc-namespace", k_namespace},
    {"private-root", k_namespace},
    {"rlimits", "raise the limits the host itself runs under (systemd: LimitNOFILE=)"},
    {"uid", "start the host as root, which then gives each plugin a user of its own"},
    {"capabilities", "report it: no machine refuses this"},
    {"not-dumpable", "report it: no machine refuses this"},
    {"parent-death", "start the process from the host, not from another program"},
    {"no-new-privs", "use a kernel of 3.5 or later"},
    {"landlock", "use a kernel of 5.13 or later with landlock in its lsm= list"},
    {"seccomp", "use a kernel with CONFIG_SECCOMP_FILTER"},
}};

}  // namespace

void Report::add(std::string name, bool in_force, std::string detail) {
  layers.push_back({std::move(name), in_force, std::move(detail)});
}

void Report::add(const Report& more) {
  layers.insert(layers.end(), more.layers.begin(), more.layers.end());
}

const Layer* Report::find(std::string_view name) const {
  const auto found = std::find_if(layers.begin(), layers.end(),
                                  [name](const Layer& layer) { return layer.name == name; });
  return found == layers.end() ? nullptr : &*found;
}

bool Report::in_force(std::string_view name) const {
  const Layer* layer = find(name);
  return layer && layer->in_force;
}

std::string to_json(const Report& report) {
  std::string out = "[";
  for (const Layer& layer : report.layers) {
    if (out.size() > 1) out += ",";
    out += "{\"name\":" + json_string(layer.name);
    out += std::string(",\"in_force\":") + (layer.in_force ? "true" : "false");
    out += ",\"detail\":" + json_string(layer.detail) + "}";
  }
  return out + "]";
}

Result<Report> report_of(std::string_view text) {
  const auto refused = [](const std::string& why) { return invalid("sandbox report: " + why); };
  auto document = json::parse(text);
  if (!document) return refused(document.error().message);
  if (!document->IsArray()) return refused("must be a list of layers");
  Report report;
  for (const json::Value& one : document->GetArray()) {
    if (!one.IsObject()) return refused("must be a list of layers");
    const json::Value* in_force = json::find(one, "in_force");
    const std::string name(json::text(one, "name"));
    const auto known = std::find(layer_names().begin(), layer_names().end(), name);
    if (known == layer_names().end()) return refused("there is no layer \"" + name + "\"");
    if (report.find(name)) return refused("the layer \"" + name + "\" stands in it twice");
    if (!in_force || !in_force->IsBool()) return refused(name + ": in_force must be true or false");
    report.add(name, in_force->GetBool(), std::string(json::text(one, "detail")));
  }
  return report;
}

const std::vector<std::string_view>& layer_names() {
  static const std::vector<std::string_view> names = [] {
    std::vector<std::string_view> all;
    for (const Known& known : k_layers) all.push_back(known.name);
    return all;
  }();
  return names;
}

Result<void> check_demand(const std::vector<std::string>& minimum) {
  for (const std::string& demanded : minimum) {
    const auto known = std::find(layer_names().begin(), layer_names().end(), demanded);
    if (known != layer_names().end()) continue;
    std::string text = "there is no sandbox layer \"" + demanded + "\"; there are";
    for (const std::string_view name : layer_names())
      text += std::string(name == layer_names().front() ? " " : ", ") + std::string(name);
    return invalid(text);
  }
  return {};
}

std::optional<std::string> missing(const std::vector<std::string>& minimum, const Report& report) {
  std::string text;
  for (const Known& known : k_layers) {
    const bool demanded = std::find(minimum.begin(), minimum.end(), known.name) != minimum.end();
    if (!demanded || report.in_force(known.name)) continue;
    const Layer* layer = report.find(known.name);
    if (!text.empty()) text += "; ";
    text += "the sandbox layer " + std::string(known.name) + " is demanded and not in force (" +
            (layer ? layer->detail : "nothing tried it") + "): " + std::string(known.remedy);
  }
  // A demand for what does not exist cannot be met, whoever let it through.
  if (auto checked = check_demand(minimum); !checked) {
    if (!text.empty()) text += "; ";
    text += checked.error().message;
  }
  if (text.empty()) return std::nullopt;
  return text;
}

}  // namespace forecourt::sandbox
