#include "gateway/admin/admin.hpp"
#include "gateway/admin/answers.hpp"
#include "gateway/admin/backups.hpp"

namespace forecourt::admin {
namespace {

using Access = Endpoint::Access;

std::string state_json(const BackupState& backup) {
  const backup::Progress& at = backup.progress;
  return std::move(ObjectText()
                       .add("id", backup.id)
                       .add("folder", backup.folder)
                       .add("state", backup.state)
                       .add("reason", backup.reason)
                       .add("store", at.name)
                       .add("store_number", static_cast<int64_t>(at.store))
                       .add("stores", static_cast<int64_t>(at.stores))
                       .add("store_bytes", at.bytes)
                       .add("store_bytes_total", at.bytes_total)
                       .add("bytes", backup.bytes)
                       .add_time("begun_at", backup.begun_ms)
                       .add_time("ended_at", backup.ended_ms))
      .text();
}

Result<http::Response> begin(Parts& parts, Call& call) {
  if (auto root = call.need_root(); !root) return root.error();
  const std::string folder(json::text(call.body(), "folder"));
  const json::Value* key = json::find(call.body(), "with_secrets_key");
  const bool with_key = key && key->IsTrue();
  auto reserved = parts.backups.reserve(folder, with_key);
  if (!reserved) return reserved.error();
  const std::string detail =
      std::move(ObjectText()
                    .add("folder", folder)
                    .add_json("with_secrets_key", with_key ? "true" : "false"))
          .text();
  // Chained first: the backup holds the entry that tells of it.
  auto answer = call.commit({"backup.begin", reserved->id, detail},
                            [&](storage::Session&, const org::Snapshot&) -> Result<http::Response> {
                              return json_answer(202, state_json(*reserved));
                            });
  if (answer)
    parts.backups.begin();
  else
    parts.backups.withdraw();
  return answer;
}

Result<http::Response> latest(Parts& parts, Call& call) {
  if (auto root = call.need_root(); !root) return root.error();
  const auto backup = parts.backups.latest();
  if (!backup) return not_found("no backup was made since the host started");
  return json_answer(200, state_json(*backup));
}

}  // namespace

std::vector<Endpoint> backup_endpoints(Parts& parts) {
  return {
      {"begin_backup", Access::write, [&parts](Call& call) { return begin(parts, call); }},
      {"get_latest_backup", Access::read, [&parts](Call& call) { return latest(parts, call); }},
  };
}

}  // namespace forecourt::admin
