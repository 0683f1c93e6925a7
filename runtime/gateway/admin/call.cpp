#include "gateway/admin/call.hpp"

#include <charconv>

#include "org/audit.hpp"
#include "org/tree.hpp"
#include "storage/idempotency.hpp"

namespace forecourt::admin {
namespace {

constexpr int64_t k_page_default = 20;

storage::IdempotencyKey key_of(const http::Request& request) {
  return {request.org, request.caller, request.idempotency_key, request.fingerprint};
}

}  // namespace

Call::Call(const http::Request& request, org::HostDirectory& directory)
    : request_(request), directory_(directory), snapshot_(directory.snapshot()) {
  if (request.body.empty()) return;
  // The gateway validated the body; what does not parse here stays null, which no schema of ours
  // takes.
  if (auto parsed = json::parse(request.body)) body_ = std::move(*parsed);
}

std::optional<std::string_view> Call::parameter(std::string_view name) const {
  for (const http::Parameter& parameter : request_.parameters) {
    if (parameter.name == name) return parameter.value;
  }
  return std::nullopt;
}

int64_t Call::limit() const {
  int64_t limit = k_page_default;
  if (const auto text = parameter("limit")) {
    std::from_chars(text->data(), text->data() + text->size(), limit);
  }
  return limit;
}

std::string_view Call::cursor() const { return parameter("cursor").value_or(std::string_view()); }

Result<const org::Key*> Call::caller() const {
  const auto found = snapshot_->keys().find(request_.caller);
  if (found != snapshot_->keys().end()) return &found->second;
  if (request_.caller.starts_with("jwt_"))
    return Error{Code::denied, "a token cannot make keys: an API key is needed"};
  return Error{Code::denied, "the key that asked was deleted meanwhile"};
}

Result<void> Call::need_root() const {
  if (own_org() == org::k_root) return {};
  return Error{Code::denied, "this concerns the whole host: it takes a key of the org \"" +
                                 std::string(org::k_root) + "\""};
}

Result<void> Call::need_org(std::string_view org, std::string_view place) const {
  if (sees(org)) return {};
  std::string message = std::string(place) + ": there is no org \"" + std::string(org) + "\"";
  if (own_org() == org::k_root) return not_found(std::move(message));
  return Error{Code::denied, message + " at or below \"" + std::string(own_org()) + "\""};
}

Result<http::Response> Call::commit(const Act& act, const Work& work) {
  http::Response answer;
  auto written =
      directory_.write([&](storage::Session& session, const org::Snapshot& now) -> Result<void> {
        auto worked = work(session, now);
        if (!worked) return worked.error();
        answer = std::move(*worked);
        return record(session, act, answer);
      });
  if (!written) {
    answer_kept_ = false;
    return written.error();
  }
  return answer;
}

Result<void> Call::record(storage::Session& session, const Act& act, const http::Response& answer) {
  const org::AuditEntry entry{request_.admitted_ms,
                              std::string(request_.caller),
                              std::string(request_.org),
                              act.action,
                              act.subject,
                              act.detail};
  if (auto appended = org::append_audit(session, entry); !appended) return appended;
  return store(session, answer);
}

Result<std::optional<http::Response>> Call::find_answer() {
  if (request_.idempotency_key.empty()) return std::optional<http::Response>();
  std::optional<storage::StoredAnswer> stored;
  auto found =
      directory_.write([&](storage::Session& session, const org::Snapshot&) -> Result<void> {
        auto answer = storage::find_answer(session, key_of(request_));
        if (!answer) return answer.error();
        stored = std::move(*answer);
        return {};
      });
  if (!found) return found.error();
  if (!stored) return std::optional<http::Response>();
  if (!stored->same_request) {
    return std::optional(http::problem(422, "idempotency-key-reused",
                                       "this Idempotency-Key was used for another request"));
  }
  http::Response answer;
  answer.status = stored->status;
  answer.media_type = std::move(stored->media_type);
  answer.body = std::move(stored->body);
  return std::optional(std::move(answer));
}

Result<void> Call::keep_answer(const http::Response& answer) {
  return directory_.write(
      [&](storage::Session& session, const org::Snapshot&) { return store(session, answer); });
}

Result<void> Call::store(storage::Session& session, const http::Response& answer) {
  if (request_.idempotency_key.empty() || answer.status >= 500) return {};
  const bool withheld = secret_ && answer.status < 300;
  const http::Response kept =
      withheld
          ? http::problem(409, "conflict",
                          "this was done already and its secret was shown then; it is not kept")
          : answer;
  answer_kept_ = true;
  return storage::store_answer(session, key_of(request_), request_.admitted_ms, kept.status,
                               kept.media_type, kept.body);
}

}  // namespace forecourt::admin
