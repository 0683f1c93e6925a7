// What the audit log says of a plugin that has a process of its own: of audited operations the host
// what it saw, of the rest the plugin what it claims.
#include "isolation/from_child.hpp"
#include "isolation/isolated_plugin.hpp"
#include "isolation/pack.hpp"
#include "plugin/answers.hpp"
#include "plugin/operation_audit.hpp"

namespace forecourt::isolation {
namespace {

constexpr std::string_view k_unverified = "unverified";

org::AuditEntry entry_of(const std::string& plugin, const http::Request& request,
                         std::optional<int> status) {
  return plugin::operation_entry(request, plugin + ":", request.org, status);
}

http::Response unaudited(const Error& why) {
  http::Response response = http::problem(503, "plugin-unavailable",
                                          "The audit log does not take the call: " + why.message);
  response.headers.emplace_back("Retry-After", "1");
  return response;
}

}  // namespace

/// The call is made once it is on disk that it will be.
void IsolatedPlugin::send_audited(std::shared_ptr<http::Exchange> exchange) {
  org::AuditEntry unknown = entry_of(id_, exchange->request(), std::nullopt);
  auto noted = [self = shared_from_this(), exchange](int64_t number, const Result<void>& written) {
    if (!written) return exchange->answer(unaudited(written.error()));
    if (self->give(exchange, self->channel(), number)) return;
    self->parts_.call_audit->withdraw(number);
    self->handle_again(exchange);
  };
  parts_.call_audit->begin(std::move(unknown), std::move(noted));
}

/// The answer leaves once its entry is on disk; of a call without one it is known only that it was made.
void IsolatedPlugin::conclude(Open open, http::Response response, std::optional<int> status) {
  if (open.audit == 0) return open.exchange->answer(std::move(response));
  org::AuditEntry entry = entry_of(id_, open.exchange->request(), status);
  parts_.call_audit->end(
      open.audit, std::move(entry),
      [exchange = std::move(open.exchange), answer = std::move(response)](
          int64_t, const Result<void>& written) mutable {
        exchange->answer(written ? std::move(answer) : plugin::outcome_unknown());
      });
}

Result<plugin::PluginData::Audit> IsolatedPlugin::audit(int64_t limit) {
  auto answer = ask(Verb::audit, Packer().put(limit).bytes());
  if (!answer) return answer.error();
  auto audit = from_child::audit(*answer, static_cast<size_t>(limit));
  if (!audit) return audit;
  for (org::NumberedEntry& one : audit->entries) check_claims(one.entry);
  return audit;
}

/// The entry stays; what it claims and the host cannot confirm does not.
void IsolatedPlugin::check_claims(org::AuditEntry& entry) const {
  // These are the host's to write.
  if (entry.action.starts_with("operation."))
    entry.action.insert(0, std::string(k_unverified) + ".");
  if (entry.actor == "event" || entry.actor == "job") return;
  if (!parts_.callers->knows(id_, entry.actor, entry.org, entry.at_ms)) entry.actor = k_unverified;
}

Result<void> IsolatedPlugin::audit_chained(int64_t number) {
  auto answer = ask(Verb::audit_chained, Packer().put(number).bytes());
  if (!answer) return answer.error();
  return {};
}

}  // namespace forecourt::isolation
