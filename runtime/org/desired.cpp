#include "org/desired.hpp"

namespace forecourt::org {
namespace {

Result<void> run(storage::Session& session, std::string_view sql,
                 std::initializer_list<storage::Value> parameters) {
  auto done = session.execute(sql, parameters);
  if (!done) return done.error();
  return {};
}

}  // namespace

Result<std::vector<PluginIntent>> load_intents(storage::Session& session) {
  auto rows = session.query("SELECT id, manifest, enabled, removed FROM plugins ORDER BY id");
  if (!rows) return rows.error();
  std::vector<PluginIntent> intents;
  for (;;) {
    auto row = rows->next();
    if (!row) return row.error();
    if (row->empty()) return intents;
    const auto& columns = *row;
    PluginIntent intent{std::string(columns[0].bytes()), {}, {}, columns[3].as_integer != 0};
    if (!columns[1].is_null()) intent.manifest = std::string(columns[1].bytes());
    if (!columns[2].is_null()) intent.enabled = columns[2].as_integer != 0;
    intents.push_back(std::move(intent));
  }
}

Result<std::vector<OrgSettings>> load_settings(storage::Session& session) {
  auto rows = session.query("SELECT plugin, org, settings FROM config ORDER BY plugin, org");
  if (!rows) return rows.error();
  std::vector<OrgSettings> all;
  for (;;) {
    auto row = rows->next();
    if (!row) return row.error();
    if (row->empty()) return all;
    const auto& columns = *row;
    all.push_back({std::string(columns[0].bytes()), std::string(columns[1].bytes()),
                   std::string(columns[2].bytes())});
  }
}

Result<void> apply_manifest(storage::Session& session, std::string_view plugin,
                            std::string_view manifest) {
  if (auto cleared = run(session, "DELETE FROM config WHERE plugin = $1", {plugin}); !cleared) {
    return cleared;
  }
  if (manifest.empty()) return run(session, "DELETE FROM plugins WHERE id = $1", {plugin});
  return run(session,
             "INSERT INTO plugins (id, manifest, enabled, removed) VALUES ($1, $2, NULL, 0) "
             "ON CONFLICT (id) DO UPDATE SET manifest = $2, enabled = NULL, removed = 0",
             {plugin, manifest});
}

Result<void> set_enabled(storage::Session& session, std::string_view plugin, bool enabled) {
  return run(session,
             "INSERT INTO plugins (id, enabled, removed) VALUES ($1, $2, 0) "
             "ON CONFLICT (id) DO UPDATE SET enabled = $2, removed = 0",
             {plugin, enabled ? 1 : 0});
}

Result<void> set_removed(storage::Session& session, std::string_view plugin) {
  if (auto cleared = run(session, "DELETE FROM config WHERE plugin = $1", {plugin}); !cleared) {
    return cleared;
  }
  return run(session,
             "INSERT INTO plugins (id, manifest, enabled, removed) VALUES ($1, NULL, NULL, 1) "
             "ON CONFLICT (id) DO UPDATE SET manifest = NULL, enabled = NULL, removed = 1",
             {plugin});
}

Result<void> set_settings(storage::Session& session, const OrgSettings& settings) {
  return run(session,
             "INSERT INTO config (plugin, org, settings) VALUES ($1, $2, $3) "
             "ON CONFLICT (plugin, org) DO UPDATE SET settings = $3",
             {std::string_view(settings.plugin), std::string_view(settings.org),
              std::string_view(settings.settings)});
}

}  // namespace forecourt::org
