#include <algorithm>
#include <cstdio>
#include <map>
#include <optional>

#include "base/json.hpp"
#include "cli/offline.hpp"
#include "cli/verbs.hpp"
#include "gateway/admin/site.hpp"
#include "org/desired.hpp"

namespace forecourt::cli {
namespace {

struct Row {
  std::string id;
  std::string version;
  std::string state;
  std::string mode;
  std::string reason;
  std::string apart;  ///< the layers around its own process, and those that are missing
  std::vector<std::string> last_lines;
};

std::string layers(const json::Value& plugin) {
  const json::Value* sandbox = json::find(plugin, "sandbox");
  if (!sandbox || !sandbox->IsArray() || sandbox->Empty()) return {};
  std::string held;
  std::string missing;
  for (const json::Value& layer : sandbox->GetArray()) {
    const json::Value* in_force = json::find(layer, "in_force");
    std::string& list = in_force && in_force->IsTrue() ? held : missing;
    list += (list.empty() ? "" : ", ") + std::string(json::text(layer, "name"));
    // Which user it is, or why none.
    if (json::text(layer, "name") == "uid")
      list += " (" + std::string(json::text(layer, "detail")) + ")";
  }
  return "sandbox: " + (held.empty() ? "nothing" : held) +
         (missing.empty() ? "" : "; not in force: " + missing);
}

std::vector<std::string> lines_of(const json::Value& plugin) {
  std::vector<std::string> lines;
  const json::Value* last = json::find(plugin, "last_lines");
  if (!last || !last->IsArray()) return lines;
  for (const json::Value& line : last->GetArray()) {
    if (line.IsString()) lines.emplace_back(json::view(line));
  }
  return lines;
}

Result<std::vector<Row>> rows_of_host(const Target& target) {
  auto answer = call_admin(target, "GET", "/plugins");
  if (!answer) return answer.error();
  auto document = json::parse(*answer);
  const json::Value* items = document ? json::find(*document, "items") : nullptr;
  if (!items || !items->IsArray()) return internal("the host's answer is not a list of plugins");
  std::vector<Row> rows;
  for (const json::Value& item : items->GetArray()) {
    const auto text = [&](const char* name) { return std::string(json::text(item, name)); };
    rows.push_back({text("id"), text("version"), text("state"), text("mode"), text("reason"),
                    layers(item), lines_of(item)});
  }
  return rows;
}

Row row_of(const config::Manifest& manifest, std::optional<bool> enabled) {
  const bool on = enabled.value_or(manifest.enabled);
  return {manifest.plugin,
          manifest.version.text(),
          on ? "enabled" : "disabled",
          manifest.mode,
          {},
          {},
          {}};
}

/// What the next start would make of the manifests folder and of what was set through the API.
std::vector<Row> planned_rows(const std::string& folder,
                              const std::vector<org::PluginIntent>& intents) {
  std::map<std::string, Row> rows;
  std::map<std::string, config::Manifest> manifests;
  admin::FolderManifests files = admin::read_manifests(folder);
  for (config::Manifest& manifest : files.manifests) {
    rows[manifest.plugin] = row_of(manifest, std::nullopt);
    manifests[manifest.plugin] = std::move(manifest);
  }
  for (size_t i = 0; i < files.errors.size(); ++i) {
    rows[files.error_paths[i]] = {files.error_paths[i],    {}, "failed", {},
                                  files.errors[i].message, {}, {}};
  }
  for (const org::PluginIntent& intent : intents) {
    if (intent.removed) {
      rows.erase(intent.plugin);
      continue;
    }
    if (intent.manifest) {
      auto applied =
          config::parse_manifest(*intent.manifest, "applied manifest of " + intent.plugin);
      if (!applied) {
        rows[intent.plugin] = {intent.plugin, {}, "failed", {}, applied.error().message, {}, {}};
        continue;
      }
      manifests[intent.plugin] = std::move(*applied);
    }
    const auto found = manifests.find(intent.plugin);
    if (found != manifests.end()) rows[intent.plugin] = row_of(found->second, intent.enabled);
  }
  std::vector<Row> list;
  for (auto& [id, row] : rows) list.push_back(std::move(row));
  return list;
}

Result<std::vector<Row>> rows_offline(const Settings& settings) {
  auto offline = Offline::open(settings);
  if (!offline) return offline.error();
  std::vector<org::PluginIntent> intents;
  auto read = (*offline)->directory().write(
      [&](storage::Session& session, const org::Snapshot&) -> Result<void> {
        auto found = org::load_intents(session);
        if (!found) return found.error();
        intents = std::move(*found);
        return {};
      });
  if (!read) return read.error();
  return planned_rows(settings.manifests, intents);
}

void print(const std::vector<Row>& rows) {
  size_t id = 6;
  size_t version = 7;
  size_t state = 5;
  size_t mode = 4;
  for (const Row& row : rows) {
    id = std::max(id, row.id.size());
    version = std::max(version, row.version.size());
    state = std::max(state, row.state.size());
    mode = std::max(mode, row.mode.size());
  }
  const auto line = [&](const Row& row) {
    std::printf("%-*s  %-*s  %-*s  %-*s  %s\n", static_cast<int>(id), row.id.c_str(),
                static_cast<int>(version), row.version.c_str(), static_cast<int>(state),
                row.state.c_str(), static_cast<int>(mode), row.mode.c_str(), row.reason.c_str());
  };
  line({"PLUGIN", "VERSION", "STATE", "MODE", "REASON", {}, {}});
  for (const Row& row : rows) {
    line(row);
    if (!row.apart.empty()) std::printf("  %s\n", row.apart.c_str());
    for (const std::string& said : row.last_lines) std::printf("  | %s\n", said.c_str());
  }
}

}  // namespace

int run_plugins(const Whereabouts& where) {
  auto target = find_target(where);
  if (!target) return fail("plugins", target.error().message);
  auto rows = target->running ? rows_of_host(*target) : rows_offline(where.settings);
  if (!rows) return fail("plugins", rows.error().message);
  if (!target->running)
    std::printf("no host runs on %s; at the next start:\n", where.settings.data.c_str());
  print(*rows);
  return 0;
}

}  // namespace forecourt::cli
