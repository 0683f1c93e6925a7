#include "org/audit.hpp"

#include <charconv>

#include "base/rfc3339.hpp"
#include "gateway/admin/admin.hpp"
#include "gateway/admin/answers.hpp"
#include "org/audit_head.hpp"

namespace forecourt::admin {
namespace {

using Access = Endpoint::Access;

std::string entry_json(const org::ChainedEntry& chained) {
  const org::AuditEntry& entry = chained.entry;
  return std::move(ObjectText()
                       .add("seq", chained.seq)
                       .add("at", format_rfc3339(entry.at_ms))
                       .add("actor", entry.actor)
                       .add("org", entry.org)
                       .add("action", entry.action)
                       .add("subject", entry.subject)
                       .add_json("detail", entry.detail.empty() ? "null" : entry.detail)
                       .add("prev_hash", org::hex(chained.prev_hash))
                       .add("hash", org::hex(chained.hash)))
      .text();
}

Result<void> read(const Parts& parts, const Call& call,
                  const std::function<Result<void>(storage::Session&)>& work) {
  return parts.directory.store().read(call.request().deadline_monotonic_ns, work);
}

Result<http::Response> list(Parts& parts, Call& call) {
  if (auto root = call.need_root(); !root) return root.error();
  int64_t before = 0;
  std::from_chars(call.cursor().data(), call.cursor().data() + call.cursor().size(), before);
  std::vector<org::ChainedEntry> entries;
  auto listed = read(parts, call, [&](storage::Session& session) -> Result<void> {
    auto found = org::list_audit(session, before, call.limit());
    if (!found) return found.error();
    entries = std::move(*found);
    return {};
  });
  if (!listed) return listed.error();
  std::vector<std::string> items;
  for (const org::ChainedEntry& entry : entries) items.push_back(entry_json(entry));
  const bool more = static_cast<int64_t>(entries.size()) == call.limit() && entries.back().seq > 1;
  return page_answer(items, more ? std::to_string(entries.back().seq) : std::string());
}

/// The head the request names; seq 0 when it names none.
Result<org::AuditHead> named_head(const Call& call) {
  const auto seq = call.parameter("seq");
  const auto hash = call.parameter("hash");
  if (!seq && !hash) return org::AuditHead{};
  if (!seq || !hash) return invalid("seq: goes with hash: a head is both");
  org::AuditHead head;
  std::from_chars(seq->data(), seq->data() + seq->size(), head.seq);
  auto digest = org::digest_of_hex(*hash);
  if (!digest) return invalid("hash: " + digest.error().message);
  head.hash = *digest;
  return head;
}

Result<http::Response> check(Parts& parts, Call& call) {
  if (auto root = call.need_root(); !root) return root.error();
  const auto named = named_head(call);
  if (!named) return named.error();
  org::AuditHead head;
  Result<void> intact;
  auto looked = read(parts, call, [&](storage::Session& session) -> Result<void> {
    intact = org::verify_audit_to(session, *named);
    auto newest = org::audit_head(session);
    if (!newest) return newest.error();
    head = *newest;
    return {};
  });
  if (!looked) return looked.error();
  return json_answer(200, std::move(ObjectText()
                                        .add_json("intact", intact ? "true" : "false")
                                        .add("reason", intact ? "" : intact.error().message)
                                        .add("seq", head.seq)
                                        .add("hash", org::hex(head.hash))
                                        .add_time("at", head.at_ms))
                              .text());
}

}  // namespace

std::vector<Endpoint> audit_endpoints(Parts& parts) {
  return {
      {"list_audit", Access::read, [&parts](Call& call) { return list(parts, call); }},
      {"check_audit", Access::read, [&parts](Call& call) { return check(parts, call); }},
  };
}

}  // namespace forecourt::admin
