#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "backup/description.hpp"
#include "base/json.hpp"
#include "cli/data_lock.hpp"
#include "cli/verbs.hpp"
#include "org/audit_head.hpp"
#include "storage/closed_store.hpp"

namespace forecourt::cli {
namespace {

constexpr int k_changed = 1;
constexpr int k_could_not_look = 2;

struct Verdict {
  Result<void> intact;
  org::AuditHead head;
};

Result<Verdict> ask_host(const Target& target, const org::AuditHead& wanted) {
  const std::string query =
      wanted.seq == 0 ? ""
                      : "?seq=" + std::to_string(wanted.seq) + "&hash=" + org::hex(wanted.hash);
  auto answer = call_admin(target, "GET", "/audit/check" + query);
  if (!answer) return answer.error();
  auto document = json::parse(*answer);
  if (!document) return internal("the host's answer cannot be read: " + document.error().message);
  Verdict verdict;
  if (const json::Value* intact = json::find(*document, "intact"); !intact || !intact->IsTrue())
    verdict.intact = internal(std::string(json::text(*document, "reason")));
  auto head = org::parse_audit_head(*answer);
  if (!head) return head.error();
  verdict.head = *head;
  return verdict;
}

/// The data of a host that does not run, or a backup.
Result<Verdict> look_at(const std::string& data, const org::AuditHead& wanted) {
  const bool is_backup = std::filesystem::exists(data + "/" + backup::k_description_file);
  auto store =
      storage::ClosedStore::open(data + "/host", is_backup ? storage::ClosedStore::Kind::backup
                                                           : storage::ClosedStore::Kind::data);
  if (!store) return store.error();
  Verdict verdict;
  auto read = (*store)->read([&](storage::Session& session) -> Result<void> {
    verdict.intact = org::verify_audit_to(session, wanted);
    auto head = org::audit_head(session);
    if (!head) return head.error();
    verdict.head = *head;
    return {};
  });
  if (!read) return read.error();
  return verdict;
}

Result<Verdict> look(const Whereabouts& where, const org::AuditHead& wanted) {
  auto target = find_target(where);
  if (!target) return target.error();
  return target->running ? ask_host(*target, wanted) : look_at(where.settings.data, wanted);
}

Result<org::AuditHead> read_head(const std::string& file) {
  if (file.empty()) return org::AuditHead{};
  std::ifstream stream(file);
  if (!stream) return invalid(file + ": cannot be read");
  std::ostringstream text;
  text << stream.rdbuf();
  auto head = org::parse_audit_head(text.str());
  if (!head) return Error{head.error().code, file + ": " + head.error().message};
  return head;
}

int fail_to_look(const char* verb, const Error& error) {
  fail(verb, error.message);
  return k_could_not_look;
}

}  // namespace

int run_audit_verify(const Whereabouts& where, const std::string& head_file) {
  const auto wanted = read_head(head_file);
  if (!wanted) return fail_to_look("audit verify", wanted.error());
  const auto verdict = look(where, *wanted);
  if (!verdict) return fail_to_look("audit verify", verdict.error());
  if (!verdict->intact) {
    fail("audit verify", verdict->intact.error().message);
    return k_changed;
  }
  std::printf("whole: %lld entries%s\n", static_cast<long long>(verdict->head.seq),
              wanted->seq == 0 ? "; without --head an end that was cut off does not show" : "");
  return 0;
}

int run_audit_export_head(const Whereabouts& where) {
  const auto verdict = look(where, {});
  if (!verdict) return fail_to_look("audit export-head", verdict.error());
  if (!verdict->intact) {
    fail("audit export-head", verdict->intact.error().message);
    return k_changed;
  }
  std::printf("%s\n", org::to_json(verdict->head).c_str());
  return 0;
}

}  // namespace forecourt::cli
