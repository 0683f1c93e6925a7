#include "gateway/admin/admin.hpp"
#include "gateway/admin/answers.hpp"

namespace forecourt::admin {
namespace {

using Access = Endpoint::Access;

struct Target {
  std::string plugin;
  std::string org;
};

Result<Target> target_of(const Parts& parts, const Call& call) {
  Target target{std::string(call.parameter("id").value_or("")),
                std::string(call.parameter("org").value_or(call.own_org()))};
  if (auto seen = call.need_org(target.org, "org"); !seen) return seen.error();
  if (!parts.site.plugin(target.plugin))
    return not_found("there is no plugin \"" + target.plugin + "\"");
  return target;
}

Result<http::Response> get(Parts& parts, Call& call) {
  auto target = target_of(parts, call);
  if (!target) return target.error();
  auto effective = parts.registry.effective_config(target->plugin, target->org);
  if (!effective) return effective.error();
  return json_answer(200, std::move(*effective));
}

Result<http::Response> set(Parts& parts, Call& call) {
  auto target = target_of(parts, call);
  if (!target) return target.error();
  const Act act{"config.set", target->plugin,
                std::move(ObjectText().add("org", target->org)).text()};
  http::Response answer;
  auto changed =
      parts.site.set_config(target->plugin, target->org, call.body(),
                            [&](storage::Session& session, const std::string& effective) {
                              answer = json_answer(200, effective);
                              return call.record(session, act, answer);
                            });
  if (!changed) return changed.error();
  return answer;
}

}  // namespace

std::vector<Endpoint> config_endpoints(Parts& parts) {
  return {
      {"get_config", Access::read, [&parts](Call& call) { return get(parts, call); }},
      {"set_config", Access::write, [&parts](Call& call) { return set(parts, call); }},
  };
}

}  // namespace forecourt::admin
