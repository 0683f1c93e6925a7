#include "base/json_text.hpp"
#include "gateway/admin/admin.hpp"
#include "gateway/admin/answers.hpp"

namespace forecourt::admin {
namespace {

using Access = Endpoint::Access;

std::string lines_json(const std::vector<std::string>& lines) {
  std::string out = "[";
  for (const std::string& line : lines) out += (out.size() > 1 ? "," : "") + json_string(line);
  return out + "]";
}

std::string plugin_json(const plugin::PluginInfo& info) {
  return std::move(ObjectText()
                       .add("id", info.id)
                       .add("version", info.version)
                       .add("state", info.state)
                       .add("reason", info.reason)
                       .add("mode", info.mode)
                       .add("path", info.path)
                       .add("library_sha256", info.library_sha256)
                       .add("generation", info.generation)
                       .add("process", info.process)
                       .add("crashes", info.crashes)
                       .add_json("sandbox", info.sandbox)
                       .add_json("last_lines", lines_json(info.last_lines)))
      .text();
}

std::string id_of(const Call& call) { return std::string(call.parameter("id").value_or("")); }

Result<http::Response> describe(const Parts& parts, const std::string& id) {
  const auto info = parts.site.plugin(id);
  if (!info) return not_found("there is no plugin \"" + id + "\"");
  return json_answer(200, plugin_json(*info));
}

/// A change by way of the site; its answer describes the plugin afterwards and is kept with the
/// change.
template <class Change>
Result<http::Response> change(Parts& parts, Call& call, const char* action, Change&& make) {
  if (auto root = call.need_root(); !root) return root.error();
  const std::string id = id_of(call);
  http::Response answer;
  auto changed = make(id, [&](storage::Session& session) -> Result<void> {
    auto described = describe(parts, id);
    answer = described ? std::move(*described) : no_content();
    return call.record(session, {action, id, {}}, answer);
  });
  if (!changed) return changed.error();
  return answer;
}

Result<http::Response> list(Parts& parts, Call& call) {
  if (auto root = call.need_root(); !root) return root.error();
  std::vector<std::string> items;
  for (const plugin::PluginInfo& info : parts.site.plugins()) items.push_back(plugin_json(info));
  return page_answer(items, {});
}

Result<http::Response> get(Parts& parts, Call& call) {
  if (auto root = call.need_root(); !root) return root.error();
  return describe(parts, id_of(call));
}

Result<http::Response> apply(Parts& parts, Call& call) {
  return change(parts, call, "plugin.apply", [&](const std::string& id, const Site::Keep& keep) {
    return parts.site.apply(id, call.request().body, keep);
  });
}

Result<http::Response> disable(Parts& parts, Call& call) {
  return change(parts, call, "plugin.disable", [&](const std::string& id, const Site::Keep& keep) {
    return parts.site.disable(id, keep);
  });
}

Result<http::Response> enable(Parts& parts, Call& call) {
  return change(parts, call, "plugin.enable", [&](const std::string& id, const Site::Keep& keep) {
    return parts.site.enable(id, keep);
  });
}

Result<http::Response> clear(Parts& parts, Call& call) {
  return change(parts, call, "plugin.clear", [&](const std::string& id, const Site::Keep& keep) {
    return parts.site.clear(id, keep);
  });
}

Result<http::Response> remove(Parts& parts, Call& call) {
  const bool purge = call.parameter("purge") == "true";
  return change(parts, call, purge ? "plugin.purge" : "plugin.remove",
                [&](const std::string& id, const Site::Keep& keep) {
                  return parts.site.remove(id, purge, keep);
                });
}

}  // namespace

std::vector<Endpoint> plugin_endpoints(Parts& parts) {
  return {
      {"list_plugins", Access::read, [&parts](Call& call) { return list(parts, call); }},
      {"get_plugin", Access::read, [&parts](Call& call) { return get(parts, call); }},
      {"apply_plugin", Access::write, [&parts](Call& call) { return apply(parts, call); }},
      {"disable_plugin", Access::write, [&parts](Call& call) { return disable(parts, call); }},
      {"enable_plugin", Access::write, [&parts](Call& call) { return enable(parts, call); }},
      {"clear_plugin", Access::write, [&parts](Call& call) { return clear(parts, call); }},
      {"remove_plugin", Access::write, [&parts](Call& call) { return remove(parts, call); }},
  };
}

}  // namespace forecourt::admin
