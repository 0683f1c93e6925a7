#include "org/audit.hpp"

#include <charconv>

#include "base/rfc3339.hpp"
#include "gateway/admin/admin.hpp"
#include "gateway/admin/answers.hpp"

namespace forecourt::admin {
namespace {

using Access = Endpoint::Access;

std::string hex(const org::Digest& digest) {
  constexpr char k_digits[] = "0123456789abcdef";
  std::string text;
  for (const uint8_t byte : digest) {
    text += k_digits[byte >> 4];
    text += k_digits[byte & 15];
  }
  return text;
}

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
                       .add("prev_hash", hex(chained.prev_hash))
                       .add("hash", hex(chained.hash)))
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

Result<http::Response> check(Parts& parts, Call& call) {
  if (auto root = call.need_root(); !root) return root.error();
  const auto intact = read(parts, call, org::verify_audit);
  return json_answer(200, std::move(ObjectText()
                                        .add_json("intact", intact ? "true" : "false")
                                        .add("reason", intact ? "" : intact.error().message))
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
