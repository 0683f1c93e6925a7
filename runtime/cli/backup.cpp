#include "backup/backup.hpp"

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <thread>

#include "base/json.hpp"
#include "cli/data_lock.hpp"
#include "cli/progress.hpp"
#include "cli/verbs.hpp"
#include "cli/version.hpp"

namespace forecourt::cli {
namespace {

constexpr std::chrono::milliseconds k_look_again{200};

int64_t number(const json::Value& object, std::string_view name) {
  const json::Value* found = json::find(object, name);
  return found && found->IsInt64() ? found->GetInt64() : 0;
}

backup::Progress progress_of(const json::Value& state) {
  return {static_cast<size_t>(number(state, "store_number")),
          static_cast<size_t>(number(state, "stores")), std::string(json::text(state, "store")),
          number(state, "store_bytes"), number(state, "store_bytes_total")};
}

/// Has the host make it and waits until it has. The bytes of all stores.
Result<int64_t> back_up_running(const Target& target, const std::string& folder,
                                bool with_secrets_key) {
  json::Document body(rapidjson::kObjectType);
  body.AddMember("folder", json::Value(folder, body.GetAllocator()), body.GetAllocator());
  body.AddMember("with_secrets_key", with_secrets_key, body.GetAllocator());
  auto answer = call_admin(target, "POST", "/backups", json::to_text(body));
  if (!answer) return answer.error();
  auto state = json::parse(*answer);
  if (!state) return internal("the host's answer cannot be read: " + state.error().message);
  const std::string id(json::text(*state, "id"));
  ProgressLine line;
  while (json::text(*state, "state") == "running") {
    std::this_thread::sleep_for(k_look_again);
    answer = call_admin(target, "GET", "/backups/latest");
    if (!answer) return answer.error();
    state = json::parse(*answer);
    if (!state) return internal("the host's answer cannot be read: " + state.error().message);
    if (json::text(*state, "id") != id)
      return Error{Code::conflict,
                   "another backup was begun meanwhile; how this one ended is in the audit log"};
    line.show(progress_of(*state));
  }
  if (json::text(*state, "state") == "done") return number(*state, "bytes");
  return Error{Code::invalid, std::string(json::text(*state, "reason"))};
}

Result<int64_t> back_up_offline(const Settings& settings, const std::string& folder,
                                bool with_secrets_key) {
  if (!std::filesystem::exists(settings.data_path("host/store.db")))
    return not_found(settings.data + ": holds no data of a host");
  auto lock = DataLock::take(settings.data);
  if (!lock) return lock.error();
  if (with_secrets_key) {
    if (auto there = backup::check_secrets_key(settings.secrets_source()); !there)
      return there.error();
  }
  const SystemClock clock;
  ProgressLine line;
  backup::Request request;
  request.data = settings.data;
  request.folder = folder;
  request.version = k_version;
  request.with_secrets_key = with_secrets_key;
  request.clock = &clock;
  request.progress = [&line](const backup::Progress& at) {
    line.show(at);
    return true;
  };
  backup::Backup copies(std::move(request));
  if (auto taken = copies.take({}); !taken) return taken.error();
  auto made = copies.finish();
  if (!made) return made.error();
  int64_t bytes = 0;
  for (const backup::StoreCopy& store : made->stores) bytes += store.bytes;
  return bytes;
}

/// A path of this machine means the same to a host that runs on it, wherever that was started.
Result<std::string> full_path(const Whereabouts& where, const std::string& folder) {
  const std::filesystem::path path(folder);
  if (path.is_absolute()) return folder;
  if (!where.host.empty())
    return invalid(folder + ": give the full path on the machine of the host at " + where.host);
  std::error_code failure;
  return std::filesystem::absolute(path, failure).lexically_normal().string();
}

}  // namespace

int run_backup(const Whereabouts& where, const std::string& folder, bool with_secrets_key) {
  auto target = find_target(where);
  if (!target) return fail("backup", target.error().message);
  const auto path = full_path(where, folder);
  if (!path) return fail("backup", path.error().message);
  const auto bytes = target->running ? back_up_running(*target, *path, with_secrets_key)
                                     : back_up_offline(where.settings, *path, with_secrets_key);
  if (!bytes) return fail("backup", bytes.error().message);
  std::printf("%s: %lld bytes\n", path->c_str(), static_cast<long long>(*bytes));
  std::fputs(with_secrets_key
                 ? "It holds the secrets key: whoever has it can open everything sealed.\n"
                 : "The secrets key is not in it: without a copy of secrets.key, kept apart, what "
                   "plugins sealed cannot be opened.\n",
             stderr);
  return 0;
}

}  // namespace forecourt::cli
