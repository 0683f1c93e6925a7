#include <algorithm>
#include <cstdio>

#include "base/json.hpp"
#include "base/json_text.hpp"
#include "cli/offline.hpp"
#include "cli/verbs.hpp"
#include "org/bootstrap.hpp"

namespace forecourt::cli {
namespace {

constexpr int k_pages_max = 10'000;

Result<Target> running_host(const Whereabouts& where) {
  auto target = find_target(where);
  if (!target || target->running) return target;
  return Error{Code::unavailable,
               "no host runs on " + where.settings.data + ": start it, or name one with --host"};
}

/// The id becomes part of a path.
Result<void> check_id(const std::string& id) {
  if (!id.empty() && id.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789"
                                          "ABCDEFGHIJKLMNOPQRSTUVWXYZ_-") == std::string::npos)
    return {};
  return invalid("\"" + id + "\" is not a key's id; `forecourt keys list` shows them");
}

std::string scopes_of(const json::Value& key) {
  std::string text;
  const json::Value* scopes = json::find(key, "scopes");
  if (!scopes || !scopes->IsArray()) return text;
  for (const json::Value& scope : scopes->GetArray()) {
    if (!scope.IsString()) continue;
    if (!text.empty()) text += ' ';
    text += json::view(scope);
  }
  return text;
}

void print_key(const json::Value& key) {
  const auto text = [&](const char* name) {
    return std::string(
        json::text(key, name, name == std::string_view("expires_at") ? "never" : ""));
  };
  std::printf("%-30s  %-7s  %-20s  %-20s  %-12s  %s  (%s)\n", text("id").c_str(),
              text("state").c_str(), text("created_at").c_str(), text("expires_at").c_str(),
              text("org").c_str(), scopes_of(key).c_str(), text("name").c_str());
}

Result<void> list(const Target& target) {
  std::printf("%-30s  %-7s  %-20s  %-20s  %-12s  %s\n", "KEY", "STATE", "CREATED", "EXPIRES", "ORG",
              "SCOPES (NAME)");
  std::string path = "/keys?limit=100";
  for (int page = 0; page < k_pages_max; ++page) {
    auto answer = call_admin(target, "GET", path);
    if (!answer) return answer.error();
    auto document = json::parse(*answer);
    const json::Value* items = document ? json::find(*document, "items") : nullptr;
    if (!items || !items->IsArray()) return internal("the host's answer is not a list of keys");
    for (const json::Value& key : items->GetArray()) print_key(key);
    const std::string next(json::text(*document, "next_cursor"));
    if (next.empty()) return {};
    path = "/keys?limit=100&cursor=" + next;
  }
  return {};
}

Result<void> print_made(const Result<std::string>& answer) {
  if (!answer) return answer.error();
  auto document = json::parse(*answer);
  if (!document) return document.error();
  std::printf("%s\n%s\n", std::string(json::text(*document, "id")).c_str(),
              std::string(json::text(*document, "key")).c_str());
  std::fprintf(stderr, "The second line is the key itself. It is not shown again.\n");
  const std::string ends(json::text(*document, "replaced_expires_at"));
  if (!ends.empty()) std::fprintf(stderr, "The key it replaces works until %s.\n", ends.c_str());
  return {};
}

Result<void> create(const Target& target, const KeyOptions& options) {
  std::string body = "{\"org\":" + json_string(options.org) +
                     ",\"name\":" + json_string(options.name) + ",\"scopes\":[";
  for (size_t i = 0; i < options.scopes.size(); ++i)
    body += (i > 0 ? "," : "") + json_string(options.scopes[i]);
  body += ']';
  if (!options.expires_at.empty()) body += ",\"expires_at\":" + json_string(options.expires_at);
  return print_made(call_admin(target, "POST", "/keys", body + '}'));
}

Result<void> rotate(const Target& target, const KeyOptions& options) {
  std::string body = "{\"overlap_seconds\":" + std::to_string(options.overlap_seconds);
  if (!options.expires_at.empty()) body += ",\"expires_at\":" + json_string(options.expires_at);
  return print_made(call_admin(target, "POST", "/keys/" + options.id + "/rotate", body + '}'));
}

Result<void> revoke(const Target& target, const std::string& id) {
  auto answer = call_admin(target, "DELETE", "/keys/" + id);
  if (!answer) return answer.error();
  std::printf("%s: revoked\n", id.c_str());
  return {};
}

Result<void> replace_admin(const Settings& settings) {
  auto offline = Offline::open(settings);
  if (!offline) return offline.error();
  const std::string file = settings.data_path("admin.key");
  auto made = org::renew_admin_key((*offline)->directory(), file);
  if (!made) return made.error();
  auto noted =
      (*offline)->write("key.replace-admin", "admin",
                        [](storage::Session&, const org::Snapshot&) -> Result<void> { return {}; });
  if (!noted) return noted.error();
  std::printf("%s\n", made->c_str());
  std::fprintf(stderr,
               "This is the new admin key, kept in %s; the former one is no longer valid.\n",
               file.c_str());
  return {};
}

Result<void> run(const Whereabouts& where, KeyVerb verb, const KeyOptions& options) {
  if (verb == KeyVerb::replace_admin) return replace_admin(where.settings);
  if (verb == KeyVerb::rotate || verb == KeyVerb::revoke) {
    if (auto checked = check_id(options.id); !checked) return checked;
  }
  auto target = running_host(where);
  if (!target) return target.error();
  switch (verb) {
    case KeyVerb::list: return list(*target);
    case KeyVerb::create: return create(*target, options);
    case KeyVerb::rotate: return rotate(*target, options);
    default: return revoke(*target, options.id);
  }
}

}  // namespace

int run_keys(const Whereabouts& where, KeyVerb verb, const KeyOptions& options) {
  const auto done = run(where, verb, options);
  return done ? 0 : fail("keys", done.error().message);
}

}  // namespace forecourt::cli
