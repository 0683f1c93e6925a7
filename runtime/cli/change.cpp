#include <algorithm>
#include <cstdio>
#include <filesystem>

#include "cli/offline.hpp"
#include "cli/verbs.hpp"
#include "gateway/admin/site.hpp"
#include "org/desired.hpp"
#include "storage/foreign.hpp"

namespace forecourt::cli {
namespace {

const char* name_of(Change change) {
  switch (change) {
    case Change::disable: return "disable";
    case Change::enable: return "enable";
    case Change::remove: break;
  }
  return "remove";
}

const char* done_text(Change change) {
  switch (change) {
    case Change::disable: return "disabled";
    case Change::enable: return "enabled";
    case Change::remove: break;
  }
  return "removed";
}

Result<void> change_running(const Target& target, Change change, const std::string& id,
                            bool purge) {
  auto answer = change == Change::remove
                    ? call_admin(target, "DELETE", "/plugins/" + id + (purge ? "?purge=true" : ""))
                    : call_admin(target, "POST", "/plugins/" + id + "/" + name_of(change));
  if (!answer) return answer.error();
  return {};
}

/// A name that is neither in the manifests folder nor kept in the host store is a slip of the pen.
Result<void> check_known(storage::Session& session, const std::string& folder,
                         const std::string& id) {
  auto intents = org::load_intents(session);
  if (!intents) return intents.error();
  const auto names = [&](const auto& entry) { return entry.plugin == id; };
  if (std::any_of(intents->begin(), intents->end(), names)) return {};
  const auto files = admin::read_manifests(folder);
  if (std::any_of(files.manifests.begin(), files.manifests.end(), names)) return {};
  return not_found("there is no plugin \"" + id + "\"");
}

Result<void> change_offline(const Settings& settings, Change change, const std::string& id,
                            bool purge) {
  auto offline = Offline::open(settings);
  if (!offline) return offline.error();
  auto changed =
      (*offline)->write(std::string("plugin.") + name_of(change), id,
                        [&](storage::Session& session, const org::Snapshot&) -> Result<void> {
                          if (auto known = check_known(session, settings.manifests, id); !known)
                            return known;
                          if (change == Change::remove) return org::set_removed(session, id);
                          return org::set_enabled(session, id, change == Change::enable);
                        });
  if (!changed || !purge) return changed;
  storage::unmark_foreign(settings.data, id);
  std::error_code failure;
  std::filesystem::remove_all(settings.data_path("plugins/" + id), failure);
  if (failure) return internal(settings.data_path("plugins/" + id) + ": " + failure.message());
  return {};
}

}  // namespace

int run_change(const Whereabouts& where, Change change, const std::string& id, bool purge) {
  // The name becomes part of a path.
  if (id.empty() ||
      id.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-_") != std::string::npos) {
    return fail(name_of(change), "\"" + id + "\" is not a plugin's id");
  }
  auto target = find_target(where);
  if (!target) return fail(name_of(change), target.error().message);
  const auto changed = target->running ? change_running(*target, change, id, purge)
                                       : change_offline(where.settings, change, id, purge);
  if (!changed) return fail(name_of(change), changed.error().message);
  std::printf("%s: %s%s%s\n", id.c_str(), done_text(change), purge ? ", its data deleted" : "",
              target->running ? "" : " (no host runs; holds from the next start)");
  return 0;
}

}  // namespace forecourt::cli
