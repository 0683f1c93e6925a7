#include "unit/gateway/malformed_requests.hpp"

namespace forecourt::gateway::testing {
namespace {

/// A good request line and Host, then `lines`.
std::string with(const std::string& lines) {
  return "GET /v1/demo HTTP/1.1\r\nHost: x\r\n" + lines + "\r\n";
}
/// Without a Host of its own.
std::string with_host(const std::string& lines) {
  return "GET /v1/demo HTTP/1.1\r\n" + lines + "\r\n";
}

std::string many_headers(int count) {
  std::string lines;
  for (int i = 0; i < count; ++i) lines += "X-" + std::to_string(i) + ": y\r\n";
  return lines;
}

}  // namespace

std::vector<MalformedRequest> malformed_headers() {
  using std::string_literals::operator""s;
  return {
      // Host.
      {"NoHost", with_host("Accept: */*\r\n")},
      {"EmptyHost", with_host("Host:\r\n")},
      {"BlankHost", with_host("Host:  \r\n")},
      {"TwoHosts", with_host("Host: x\r\nHost: y\r\n")},
      {"SameHostTwice", with_host("Host: x\r\nHost: x\r\n")},
      {"HostTwiceOtherCase", with_host("Host: x\r\nhOST: y\r\n")},
      {"HostList", with_host("Host: x, y\r\n")},
      {"HostWithComma", with_host("Host: x,y\r\n")},
      {"HostWithSpace", with_host("Host: x y\r\n")},
      {"HostWithPath", with_host("Host: x/y\r\n")},
      {"HostWithUser", with_host("Host: a@x\r\n")},
      {"HostWithBadPort", with_host("Host: x:8o\r\n")},
      {"HostWithLargePort", with_host("Host: x:65536\r\n")},
      {"HostWithNegativePort", with_host("Host: x:-1\r\n")},
      {"HostWithTwoPorts", with_host("Host: x:1:2\r\n")},
      {"HostWithOpenBracket", with_host("Host: [::1\r\n")},
      {"HostWithEmptyBrackets", with_host("Host: []\r\n")},
      {"HostWithMoreAfterBracket", with_host("Host: [::1]x\r\n")},
      {"HostWithHighByte", with_host("Host: x\xFF\r\n")},
      {"HostWithScheme", with_host("Host: http://x\r\n")},
      {"HostMalformedInHttp10", "GET /v1/demo HTTP/1.0\r\nHost: a b\r\n\r\n"},
      // Names.
      {"SpaceBeforeColon", with("X-A : y\r\n")},
      {"TabBeforeColon", with("X-A\t: y\r\n")},
      {"SpaceBeforeColonOfHost", with_host("Host : x\r\n")},
      {"SpaceInName", with("X A: y\r\n")},
      {"EmptyName", with(": y\r\n")},
      {"NoColon", with("X-A\r\n")},
      {"NameWithParenthesis", with("X(A): y\r\n")},
      {"NameWithSlash", with("X/A: y\r\n")},
      {"NameWithAt", with("X@A: y\r\n")},
      {"NameWithQuote", with("\"X\": y\r\n")},
      {"NameWithControl", with("X\x01: y\r\n")},
      {"NameWithNul", with("X\0: y\r\n"s)},
      {"NameWithHighByte", with("X\xC3\xA9: y\r\n")},
      {"NameWithDelete", with("X\x7F: y\r\n")},
      {"NameWithUnderscore", with("Forecourt_Org: store-1\r\n")},
      {"UnderscoreInKnownName", with("Content_Length: 3\r\n")},
      // Folding and values.
      {"FoldedBySpace", with("X-A: y\r\n z\r\n")},
      {"FoldedByTab", with("X-A: y\r\n\tz\r\n")},
      {"FoldedAtOnce", with("X-A:\r\n y\r\n")},
      {"FoldedToNothing", with("X-A: y\r\n \r\n")},
      {"FoldedHost", with_host("Host:\r\n x\r\n")},
      {"SpaceBeforeFirstHeader", "GET /v1/demo HTTP/1.1\r\n Host: x\r\n\r\n"},
      {"TabBeforeFirstHeader", "GET /v1/demo HTTP/1.1\r\n\tX: y\r\nHost: x\r\n\r\n"},
      {"ValueWithNul", with("X-A: a\0b\r\n"s)},
      {"ValueWithControl", with("X-A: a\x02"
                                "b\r\n")},
      {"ValueWithBell", with("X-A: \x07\r\n")},
      {"ValueWithDelete", with("X-A: a\x7F\r\n")},
      {"ValueWithBareCr", with("X-A: a\rb\r\n")},
      {"ValueWithBareLf", with("X-A: a\nX-B: c\r\n")},
      {"ValueEndsWithCrCr", with("X-A: a\r\r\n")},
      {"LastLineBareLf", "GET /v1/demo HTTP/1.1\r\nHost: x\r\n\n"},
      {"LastLineBareCr", "GET /v1/demo HTTP/1.1\r\nHost: x\r\n\rx"},
      // What may be there once.
      {"TwoAuthorizations", with("Authorization: Bearer a\r\nAuthorization: Bearer b\r\n")},
      {"TwoContentTypes", with("Content-Type: a/b\r\nContent-Type: c/d\r\n")},
      {"TwoOrgs", with("Forecourt-Org: north\r\nForecourt-Org: south\r\n")},
      {"TwoIdempotencyKeys", with("Idempotency-Key: a\r\nIdempotency-Key: b\r\n")},
      {"TwoExpects", with("Expect: 100-continue\r\nExpect: 100-continue\r\n")},
      {"MalformedConnection", with("Connection: clo se x\r\n")},
      // Too much.
      {"TooManyHeaders", with(many_headers(100)), 431},
      {"HeadersTooLarge", with("X-A: " + std::string(17'000, 'y') + "\r\n"), 431},
      {"HeaderWithoutEnd", "GET /v1/demo HTTP/1.1\r\nHost: x\r\nX-A: " + std::string(17'000, 'y'),
       431},
  };
}

}  // namespace forecourt::gateway::testing
