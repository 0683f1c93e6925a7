#include "gateway/admin/admin.hpp"
#include "gateway/admin/answers.hpp"
#include "org/tree.hpp"

namespace forecourt::admin {
namespace {

using Access = Endpoint::Access;

std::string org_json(const org::Org& org) {
  return std::move(ObjectText()
                       .add("id", org.id)
                       .add_or_null("parent", org.parent)
                       .add("kind", org.kind)
                       .add("name", org.name)
                       .add("timezone", org.timezone))
      .text();
}

Result<http::Response> create(Parts& parts, Call& call) {
  const auto text = [&](std::string_view name) {
    return std::string(json::text(call.body(), name));
  };
  const org::NewOrg wanted{text("id"), text("parent"), text("kind"), text("name"),
                           text("timezone")};
  if (auto seen = call.need_org(wanted.parent, "parent"); !seen) return seen.error();

  const Act act{
      "org.create", wanted.id,
      std::move(ObjectText().add("parent", wanted.parent).add("kind", wanted.kind)).text()};
  auto answer = call.commit(
      act, [&](storage::Session& session, const org::Snapshot& now) -> Result<http::Response> {
        if (auto checked = org::check_new_org(now, wanted); !checked) return checked.error();
        if (auto inserted = org::insert_org(session, wanted, call.request().admitted_ms);
            !inserted) {
          return inserted.error();
        }
        org::Org made{wanted.id, wanted.parent, wanted.kind, wanted.name, wanted.timezone};
        if (made.timezone.empty()) made.timezone = now.find(wanted.parent)->timezone;
        return json_answer(201, org_json(made));
      });
  if (!answer) return answer;
  // Before anybody hears of the org, every plugin's store knows its place in the tree.
  parts.site.tell_tree();
  return answer;
}

Result<http::Response> list(Call& call) {
  const auto parent = call.parameter("parent");
  std::vector<std::string> items;
  std::string next;
  const auto& orgs = call.orgs().orgs();
  for (auto at = orgs.upper_bound(call.cursor()); at != orgs.end(); ++at) {
    const org::Org& org = at->second;
    if (!call.sees(org.id) || (parent && org.parent != *parent)) continue;
    if (static_cast<int64_t>(items.size()) == call.limit()) return page_answer(items, next);
    items.push_back(org_json(org));
    next = org.id;
  }
  return page_answer(items, {});
}

Result<http::Response> get(Call& call) {
  const std::string_view id = call.parameter("id").value_or("");
  const org::Org* org = call.orgs().find(id);
  if (!org || !call.sees(id)) return not_found("there is no org \"" + std::string(id) + "\"");
  return json_answer(200, org_json(*org));
}

}  // namespace

std::vector<Endpoint> org_endpoints(Parts& parts) {
  return {
      {"create_org", Access::write, [&parts](Call& call) { return create(parts, call); }},
      {"list_orgs", Access::read, list},
      {"get_org", Access::read, get},
  };
}

}  // namespace forecourt::admin
