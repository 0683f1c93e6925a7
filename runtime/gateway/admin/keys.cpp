#include "org/keys.hpp"

#include <algorithm>

#include "base/rfc3339.hpp"
#include "gateway/admin/admin.hpp"
#include "gateway/admin/answers.hpp"
#include "org/credential.hpp"
#include "org/scope.hpp"

namespace forecourt::admin {
namespace {

using Access = Endpoint::Access;

std::string list_json(const std::vector<std::string>& texts) {
  json::Document list(rapidjson::kArrayType);
  for (const std::string& text : texts)
    list.PushBack(json::Value(text, list.GetAllocator()), list.GetAllocator());
  return json::to_text(list);
}

std::string key_json(const org::Key& key, int64_t now_ms) {
  return std::move(ObjectText()
                       .add("id", key.id)
                       .add("org", key.org)
                       .add("name", key.name)
                       .add_json("scopes", list_json(key.scopes))
                       .add_time("expires_at", key.expires_at_ms)
                       .add_time("created_at", key.created_at_ms)
                       .add("state", org::has_ended(key, now_ms) ? "expired" : "active"))
      .text();
}

Result<int64_t> expiry_of(const json::Value& body, int64_t otherwise) {
  const std::string_view expires = json::text(body, "expires_at");
  if (expires.empty()) return otherwise;
  const auto ms = parse_rfc3339(expires);
  if (ms && *ms > 0) return *ms;
  return invalid("expires_at: must be an RFC 3339 time such as 2030-01-31T00:00:00Z");
}

Result<org::NewKey> wanted_key(const json::Value& body) {
  org::NewKey wanted;
  wanted.org = json::text(body, "org");
  wanted.name = json::text(body, "name");
  if (const json::Value* scopes = json::find(body, "scopes"); scopes && scopes->IsArray()) {
    for (const json::Value& scope : scopes->GetArray()) {
      if (scope.IsString()) wanted.scopes.emplace_back(json::view(scope));
    }
  }
  auto expires = expiry_of(body, 0);
  if (!expires) return expires.error();
  wanted.expires_at_ms = *expires;
  return wanted;
}

/// No key can make one that may do more than itself.
Result<void> check_reach(const Call& call, const org::NewKey& wanted) {
  if (auto seen = call.need_org(wanted.org, "org"); !seen) return seen;
  auto caller = call.caller();
  if (!caller) return caller.error();
  for (const std::string& scope : wanted.scopes) {
    const auto& held = (*caller)->scopes;
    const bool covered = std::any_of(held.begin(), held.end(), [&](const std::string& own) {
      return org::scope_covers(own, scope);
    });
    if (!covered)
      return Error{Code::denied,
                   "scopes: \"" + scope + "\" is beyond the scopes of the key that asks"};
  }
  // A key that ends must not outlive itself in another.
  const int64_t ends = (*caller)->expires_at_ms;
  if (ends != 0 && (wanted.expires_at_ms == 0 || wanted.expires_at_ms > ends)) {
    return Error{Code::denied, "expires_at: must not be after the end of the key that asks, " +
                                   format_rfc3339(ends)};
  }
  return {};
}

Result<http::Response> create(Call& call) {
  call.answer_is_secret();
  auto wanted = wanted_key(call.body());
  if (!wanted) return wanted.error();
  const int64_t now_ms = call.request().admitted_ms;
  if (auto reach = check_reach(call, *wanted); !reach) return reach.error();

  const Act act{
      "key.create", wanted->name,
      std::move(ObjectText().add("org", wanted->org).add_json("scopes", list_json(wanted->scopes)))
          .text()};
  return call.commit(
      act, [&](storage::Session& session, const org::Snapshot& now) -> Result<http::Response> {
        if (auto checked = org::check_new_key(now, *wanted, now_ms); !checked)
          return checked.error();
        const std::string credential = org::new_credential();
        auto id = org::insert_key(session, *wanted, credential, now_ms);
        if (!id) return id.error();
        return json_answer(201,
                           std::move(ObjectText().add("id", *id).add("key", credential)).text());
      });
}

/// A key in place of `old`: the same but for its id and secret, and for its end when one is asked
/// for.
Result<org::NewKey> successor_of(const org::Key& old, const json::Value& body) {
  auto expires = expiry_of(body, old.expires_at_ms);
  if (!expires) return expires.error();
  return org::NewKey{old.org, old.name, old.scopes, *expires};
}

Result<void> check_rotatable(storage::Session& session, const org::Key& old, int64_t now_ms) {
  if (org::has_ended(old, now_ms))
    return Error{Code::conflict, "the key has expired already: create another one"};
  auto bootstrap = org::is_bootstrap_key(session, old.id);
  if (!bootstrap) return bootstrap.error();
  if (!*bootstrap) return {};
  return Error{Code::conflict,
               "this is the host's admin key: start the host with another FORECOURT_ADMIN_KEY, or "
               "stop it and run `forecourt keys replace-admin`"};
}

Result<http::Response> rotate(Call& call) {
  call.answer_is_secret();
  const std::string id(call.parameter("id").value_or(""));
  const int64_t now_ms = call.request().admitted_ms;
  int64_t overlap_ms = 0;
  if (const json::Value* overlap = json::find(call.body(), "overlap_seconds");
      overlap && overlap->IsInt64()) {
    overlap_ms = overlap->GetInt64() * 1000;
  }
  const Act act{"key.rotate", id,
                std::move(ObjectText().add("overlap_seconds", overlap_ms / 1000)).text()};
  return call.commit(
      act, [&](storage::Session& session, const org::Snapshot& now) -> Result<http::Response> {
        const auto found = now.keys().find(id);
        if (found == now.keys().end() || !now.within(found->second.org, call.own_org()))
          return not_found("there is no key \"" + id + "\"");
        const org::Key& old = found->second;
        if (auto checked = check_rotatable(session, old, now_ms); !checked) return checked.error();
        auto wanted = successor_of(old, call.body());
        if (!wanted) return wanted.error();
        // Its secret goes to who asks: that is making a key.
        if (auto reach = check_reach(call, *wanted); !reach) return reach.error();
        if (auto checked = org::check_new_key(now, *wanted, now_ms); !checked)
          return checked.error();
        const int64_t end = now_ms + overlap_ms;
        const int64_t ends = old.expires_at_ms == 0 ? end : std::min(old.expires_at_ms, end);
        const std::string credential = org::new_credential();
        auto made = org::insert_key(session, *wanted, credential, now_ms);
        if (!made) return made.error();
        if (auto ended = org::end_key(session, id, ends); !ended) return ended.error();
        return json_answer(201, std::move(ObjectText()
                                              .add("id", *made)
                                              .add("key", credential)
                                              .add("replaces", id)
                                              .add_time("replaced_expires_at", ends))
                                    .text());
      });
}

Result<http::Response> list(Call& call) {
  std::vector<std::string> items;
  std::string next;
  const auto& keys = call.orgs().keys();
  for (auto at = keys.upper_bound(call.cursor()); at != keys.end(); ++at) {
    if (!call.sees(at->second.org)) continue;
    if (static_cast<int64_t>(items.size()) == call.limit()) return page_answer(items, next);
    items.push_back(key_json(at->second, call.request().admitted_ms));
    next = at->first;
  }
  return page_answer(items, {});
}

Result<http::Response> remove(Call& call) {
  const std::string id(call.parameter("id").value_or(""));
  return call.commit(
      {"key.delete", id, {}},
      [&](storage::Session& session, const org::Snapshot& now) -> Result<http::Response> {
        const auto found = now.keys().find(id);
        if (found == now.keys().end() || !now.within(found->second.org, call.own_org())) {
          return not_found("there is no key \"" + id + "\"");
        }
        if (org::is_last_admin(now, id, call.request().admitted_ms)) {
          return Error{Code::conflict,
                       "this is the last key that can administer the host: "
                       "create another one first"};
        }
        if (auto deleted = org::delete_key(session, id); !deleted) return deleted.error();
        return no_content();
      });
}

}  // namespace

std::vector<Endpoint> key_endpoints(Parts&) {
  return {
      {"create_key", Access::write, create},
      {"rotate_key", Access::write, rotate},
      {"list_keys", Access::read, list},
      {"delete_key", Access::write, remove},
  };
}

}  // namespace forecourt::admin
