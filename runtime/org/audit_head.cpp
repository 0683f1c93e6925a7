#include "org/audit_head.hpp"

#include "base/json.hpp"
#include "base/rfc3339.hpp"
#include "org/audit.hpp"

namespace forecourt::org {
namespace {

constexpr std::string_view k_digits = "0123456789abcdef";

}  // namespace

Result<AuditHead> audit_head(storage::Session& session) {
  auto newest = list_audit(session, 0, 1);
  if (!newest) return newest.error();
  if (newest->empty()) return AuditHead{};
  const ChainedEntry& entry = newest->front();
  return AuditHead{entry.seq, entry.hash, entry.entry.at_ms};
}

Result<void> verify_audit_to(storage::Session& session, const AuditHead& head) {
  if (auto intact = verify_audit(session); !intact) return intact;
  if (head.seq == 0) return {};
  auto found = list_audit(session, head.seq + 1, 1);
  if (!found) return found.error();
  const std::string named = "audit: entry " + std::to_string(head.seq) + " of the given head ";
  if (found->empty() || found->front().seq != head.seq)
    return internal(named + "is gone: the log was cut off");
  if (found->front().hash != head.hash)
    return internal(named + "is another one: the log was written anew");
  return {};
}

std::string to_json(const AuditHead& head) {
  return "{\"seq\":" + std::to_string(head.seq) + ",\"hash\":\"" + hex(head.hash) + "\",\"at\":" +
         (head.seq == 0 ? std::string("null") : "\"" + format_rfc3339(head.at_ms) + "\"") + "}";
}

Result<AuditHead> parse_audit_head(std::string_view text) {
  auto document = json::parse(text);
  if (!document) return Error{Code::invalid, "head: " + document.error().message};
  const json::Value* seq = document->IsObject() ? json::find(*document, "seq") : nullptr;
  if (!seq || !seq->IsInt64() || seq->GetInt64() < 0)
    return invalid("head: seq: must be a number; the file holds what `audit export-head` printed");
  auto hash = digest_of_hex(json::text(*document, "hash"));
  if (!hash) return Error{Code::invalid, "head: hash: " + hash.error().message};
  const auto at = parse_rfc3339(json::text(*document, "at"));
  return AuditHead{seq->GetInt64(), *hash, at ? *at : 0};
}

std::string hex(const Digest& digest) {
  std::string text;
  for (const uint8_t byte : digest) {
    text += k_digits[byte >> 4];
    text += k_digits[byte & 15];
  }
  return text;
}

Result<Digest> digest_of_hex(std::string_view text) {
  Digest digest{};
  if (text.size() != 2 * digest.size()) return invalid("must be 64 hex digits");
  for (size_t i = 0; i < text.size(); ++i) {
    const size_t value = k_digits.find(text[i]);
    if (value == std::string_view::npos) return invalid("must be 64 hex digits, in lower case");
    digest[i / 2] = static_cast<uint8_t>(digest[i / 2] << 4 | value);
  }
  return digest;
}

}  // namespace forecourt::org
