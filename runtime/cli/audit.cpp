#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "backup/description.hpp"
#include "base/json.hpp"
#include "cli/data_lock.hpp"
#include "cli/verbs.hpp"
#include "org/audit_head.hpp"
#include "secrets/signing_key.hpp"
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

bool is_backup(const std::string& data) {
  return std::filesystem::exists(data + "/" + backup::k_description_file);
}

/// The data of a host that does not run, or a backup.
Result<Verdict> look_at(const std::string& data, const org::AuditHead& wanted) {
  auto store = storage::ClosedStore::open(data + "/host", is_backup(data)
                                                              ? storage::ClosedStore::Kind::backup
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

/// What a signature is over: the head without it, whatever the spaces in its file.
std::string signed_text(const org::AuditHead& head) {
  return "forecourt audit head 1\n" + org::to_json(head);
}

Result<void> check_signature(const org::AuditHead& head, const std::string& text,
                             const std::string& public_key) {
  const auto document = json::parse(text);
  const std::string signature(document ? json::text(*document, "signature") : "");
  if (signature.empty()) return invalid("the head is not signed: it may be anybody's");
  auto genuine = secrets::is_signed(signed_text(head), signature, public_key);
  if (!genuine) return genuine.error();
  if (*genuine) return {};
  return invalid("the head was changed, or signed with another key");
}

struct ReadHead {
  org::AuditHead head;
  Result<void> genuine;
};

Result<ReadHead> read_head(const VerifyOptions& options) {
  const std::string& file = options.head;
  if (file.empty()) return ReadHead{};
  std::ifstream stream(file);
  if (!stream) return invalid(file + ": cannot be read");
  std::ostringstream text;
  text << stream.rdbuf();
  auto head = org::parse_audit_head(text.str());
  if (!head) return Error{head.error().code, file + ": " + head.error().message};
  ReadHead read{*head, {}};
  if (options.public_key.empty()) return read;
  read.genuine = check_signature(*head, text.str(), options.public_key);
  if (!read.genuine)
    read.genuine = Error{read.genuine.error().code, file + ": " + read.genuine.error().message};
  return read;
}

/// Made when first asked for.
Result<secrets::SigningKey> signing_key(const Whereabouts& where) {
  return secrets::SigningKey::load_or_make(where.settings.data_path("audit.key"));
}

int fail_to_look(const char* verb, const Error& error) {
  fail(verb, error.message);
  return k_could_not_look;
}

}  // namespace

int run_audit_verify(const Whereabouts& where, const VerifyOptions& options) {
  const auto read = read_head(options);
  if (!read) return fail_to_look("audit verify", read.error());
  if (!read->genuine) {
    fail("audit verify", read->genuine.error().message);
    return k_changed;
  }
  const org::AuditHead& wanted = read->head;
  const auto verdict = look(where, wanted);
  if (!verdict) return fail_to_look("audit verify", verdict.error());
  if (!verdict->intact) {
    fail("audit verify", verdict->intact.error().message);
    return k_changed;
  }
  std::printf("whole: %lld entries%s\n", static_cast<long long>(verdict->head.seq),
              options.head.empty() ? "; without --head an end that was cut off does not show"
              : options.public_key.empty() ? "; without --public-key whose head it is was not asked"
                                           : "");
  return 0;
}

int run_audit_export_head(const Whereabouts& where) {
  const auto verdict = look(where, {});
  if (!verdict) return fail_to_look("audit export-head", verdict.error());
  if (!verdict->intact) {
    fail("audit export-head", verdict->intact.error().message);
    return k_changed;
  }
  std::string text = org::to_json(verdict->head);
  if (!where.host.empty() || is_backup(where.settings.data)) {
    std::fprintf(stderr, "It is not signed: the key that signs is in the host's data folder.\n");
  } else {
    const auto key = signing_key(where);
    if (!key) return fail_to_look("audit export-head", key.error());
    text.pop_back();
    text += ",\"signature\":\"" + key->signature(signed_text(verdict->head)) + "\"}";
  }
  std::printf("%s\n", text.c_str());
  return 0;
}

int run_audit_public_key(const Whereabouts& where) {
  if (!where.host.empty() || is_backup(where.settings.data))
    return fail("audit public-key", "the key is in the host's data folder: run this there");
  const auto key = signing_key(where);
  if (!key) return fail_to_look("audit public-key", key.error());
  std::printf("%s\n", key->public_key().c_str());
  return 0;
}

}  // namespace forecourt::cli
