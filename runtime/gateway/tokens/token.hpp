#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "gateway/tokens/issuer.hpp"
#include "org/directory.hpp"

namespace forecourt::gateway {

/// What a token says of its bearer, or why it is refused: a text without anything of the token.
struct Bearer {
  /// Like an API key's, with the caller's id ("jwt_" and a digest of issuer and subject) and the
  /// end of the token. Whether there is such an org is for the caller to see.
  org::Key key;
  const char* refusal = nullptr;
};

/// Checks a JWT (RFC 7519) in the compact form of RFC 7515 against the issuers: signature by a
/// configured key with the algorithm of that key; `iss`, `aud`, `sub` and `exp` are needed, `nbf`
/// and `iat` must not lie ahead; the claims of org and scopes well-formed. Nothing of the header is
/// trusted but the key's id.
Bearer read_token(std::string_view token, std::span<const Issuer> issuers, int64_t now_ms);

}  // namespace forecourt::gateway
