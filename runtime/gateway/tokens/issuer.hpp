#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "gateway/tokens/key_set.hpp"

namespace forecourt::gateway {

/// Whose tokens are taken, and how they are read.
struct Issuer {
  std::string issuer;       ///< equal to the token's `iss`
  std::string audience;     ///< one of the token's `aud`
  std::string keys_file;    ///< JWKS; relative to the file of issuers
  std::string org_claim;    ///< of the org the caller acts for
  std::string scope_claim;  ///< of its scopes: a text with spaces between, or an array of texts
  int64_t leeway_s = 0;     ///< between the issuer's clock and ours
  KeySet keys;              ///< only those of the algorithms allowed
};

/// {"issuers": [{"issuer", "audience", "jwks", "algorithms", "org_claim"?, "scope_claim"?,
/// "leeway_seconds"?}]} with the JWKS files it names. Errors start with the file's path.
Result<std::vector<Issuer>> read_issuers(const std::string& path);

}  // namespace forecourt::gateway
