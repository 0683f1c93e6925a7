#include "gateway/tokens/token.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

#include "base/json.hpp"
#include "gateway/tokens/base64url.hpp"
#include "org/credential.hpp"
#include "org/scope.hpp"

namespace forecourt::gateway {
namespace {

constexpr size_t k_token_max = 8 * 1024;
constexpr int k_depth_max = 8;
constexpr size_t k_subject_max = 255;
constexpr size_t k_scopes_max = 32;
constexpr double k_seconds_max = 253402300799;  // the end of the year 9999

constexpr const char* k_malformed = "the token is malformed";

/// header "." payload "." signature
struct Parts {
  std::string_view header;
  std::string_view payload;
  std::string_view signature;
  std::string_view signed_text;
};

std::optional<Parts> split(std::string_view token) {
  const size_t first = token.find('.');
  if (first == std::string_view::npos) return std::nullopt;
  const size_t second = token.find('.', first + 1);
  if (second == std::string_view::npos) return std::nullopt;
  if (token.find('.', second + 1) != std::string_view::npos) return std::nullopt;
  return Parts{token.substr(0, first), token.substr(first + 1, second - first - 1),
               token.substr(second + 1), token.substr(0, second)};
}

std::optional<json::Document> object_of(std::string_view encoded) {
  const auto text = decode_base64url(encoded);
  if (!text) return std::nullopt;
  auto document = json::parse(*text, {.depth = k_depth_max});
  if (!document || !document->IsObject()) return std::nullopt;
  return std::move(*document);
}

bool is_jwt_type(std::string_view type) {
  std::string lower(type);
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
  return lower == "jwt" || lower == "at+jwt" || lower == "application/at+jwt";
}

/// Why the header is refused before any key is looked for; null: it is not.
const char* header_refusal(const json::Value& header) {
  for (const char* foreign : {"jku", "jwk", "x5u", "x5c"}) {
    if (json::find(header, foreign)) return "the token brings or names its own key";
  }
  for (const char* extension : {"crit", "b64", "zip", "enc"}) {
    if (json::find(header, extension)) return "the token needs an extension that is not known here";
  }
  const json::Value* type = json::find(header, "typ");
  if (type && (!type->IsString() || !is_jwt_type(json::view(*type))))
    return "the token is of another type than JWT";
  const json::Value* id = json::find(header, "kid");
  if (!id || !id->IsString()) return "the token does not name its key";
  return nullptr;
}

/// A NumericDate in milliseconds.
std::optional<int64_t> time_of(const json::Value* value) {
  if (!value || !value->IsNumber()) return std::nullopt;
  const double seconds = value->GetDouble();
  if (!(seconds >= 0 && seconds <= k_seconds_max)) return std::nullopt;
  return static_cast<int64_t>(std::floor(seconds * 1000));
}

bool is_audience(const json::Value* claim, std::string_view wanted) {
  if (!claim) return false;
  if (claim->IsString()) return json::view(*claim) == wanted;
  if (!claim->IsArray()) return false;
  return std::any_of(claim->Begin(), claim->End(), [&](const json::Value& one) {
    return one.IsString() && json::view(one) == wanted;
  });
}

const char* times_refusal(const json::Value& claims, const Issuer& issuer, int64_t now_ms,
                          int64_t& ends_ms) {
  const auto ends = time_of(json::find(claims, "exp"));
  if (!ends) return "the token does not say when it expires";
  const int64_t leeway_ms = issuer.leeway_s * 1000;
  ends_ms = *ends + leeway_ms;
  if (ends_ms <= now_ms) return "the token has expired";
  for (const char* name : {"nbf", "iat"}) {
    const json::Value* claim = json::find(claims, name);
    if (!claim) continue;
    const auto from = time_of(claim);
    if (!from) return "a time of the token is malformed";
    if (*from > now_ms + leeway_ms) return "the token is not valid yet";
  }
  return nullptr;
}

/// Scopes of a text with one space between, or of an array of texts; empty when they are not
/// well-formed.
std::vector<std::string> scopes_of(const json::Value* claim) {
  std::vector<std::string> scopes;
  if (!claim) return {};
  if (claim->IsString()) {
    std::string_view rest = json::view(*claim);
    for (;;) {
      const size_t space = rest.find(' ');
      scopes.emplace_back(rest.substr(0, space));
      if (space == std::string_view::npos) break;
      rest.remove_prefix(space + 1);
    }
  } else if (claim->IsArray()) {
    for (const json::Value& scope : claim->GetArray())
      scopes.emplace_back(scope.IsString() ? json::view(scope) : std::string_view());
  }
  const bool good = scopes.size() <= k_scopes_max &&
                    std::all_of(scopes.begin(), scopes.end(), [](const std::string& scope) {
                      return org::check_scope(scope).ok();
                    });
  return good ? scopes : std::vector<std::string>();
}

/// The same for every token of one subject; nothing of the subject can be read from it.
std::string caller_id(std::string_view issuer, std::string_view subject) {
  const org::Digest digest = org::digest_of(std::string(issuer) + '\0' + std::string(subject));
  return "jwt_" + org::base64url(std::span(digest).first(16));
}

const char* claims_refusal(const json::Value& claims, const Issuer& issuer, int64_t now_ms,
                           org::Key& key) {
  if (!is_audience(json::find(claims, "aud"), issuer.audience))
    return "the token is for another audience";
  if (const char* refusal = times_refusal(claims, issuer, now_ms, key.expires_at_ms))
    return refusal;
  const std::string_view subject = json::text(claims, "sub");
  if (subject.empty() || subject.size() > k_subject_max)
    return "the token does not say whose it is (sub)";
  key.org = json::text(claims, issuer.org_claim);
  if (key.org.empty()) return "the token does not say for which org it is";
  key.scopes = scopes_of(json::find(claims, issuer.scope_claim));
  if (key.scopes.empty()) return "the scopes of the token are missing or malformed";
  key.id = caller_id(issuer.issuer, subject);
  key.name = "token";
  return nullptr;
}

Bearer refused(const char* why) {
  Bearer bearer;
  bearer.refusal = why;
  return bearer;
}

}  // namespace

Bearer read_token(std::string_view token, std::span<const Issuer> issuers, int64_t now_ms) {
  if (token.size() > k_token_max) return refused("the token is larger than 8 KiB");
  const auto parts = split(token);
  if (!parts) return refused(k_malformed);
  const auto header = object_of(parts->header);
  const auto claims = object_of(parts->payload);
  const auto signature = decode_base64url(parts->signature);
  if (!header || !claims || !signature) return refused(k_malformed);
  if (const char* refusal = header_refusal(*header)) return refused(refusal);

  const auto issuer = std::find_if(issuers.begin(), issuers.end(), [&](const Issuer& one) {
    return one.issuer == json::text(*claims, "iss");
  });
  if (issuer == issuers.end()) return refused("the token is of an issuer that is not known here");
  const auto key = issuer->keys.find(json::text(*header, "kid"));
  if (key == issuer->keys.end()) return refused("the token's key is not known here");
  // The algorithm is the key's; the header may only agree.
  if (json::text(*header, "alg") != name_of(key->second.algorithm))
    return refused("the token's algorithm is not that of its key");
  if (!key->second.verifies(parts->signed_text, *signature))
    return refused("the token's signature is wrong");

  Bearer bearer;
  bearer.refusal = claims_refusal(*claims, *issuer, now_ms, bearer.key);
  return bearer;
}

}  // namespace forecourt::gateway
