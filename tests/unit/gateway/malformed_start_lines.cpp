#include "unit/gateway/malformed_requests.hpp"

namespace forecourt::gateway::testing {
namespace {

/// A GET whose target is all that is wrong.
std::string with_target(const std::string& target) {
  return "GET " + target + " HTTP/1.1\r\nHost: x\r\n\r\n";
}
std::string with_line(const std::string& line) { return line + "\r\nHost: x\r\n\r\n"; }

}  // namespace

std::vector<MalformedRequest> malformed_start_lines() {
  using std::string_literals::operator""s;
  return {
      // Line ends.
      {"BareLf", "GET /v1/demo HTTP/1.1\nHost: x\n\n"},
      {"BareLfAfterStartLine", "GET /v1/demo HTTP/1.1\nHost: x\r\n\r\n"},
      {"BareCrAfterStartLine", "GET /v1/demo HTTP/1.1\rHost: x\r\n\r\n"},
      {"CrCrLf", "GET /v1/demo HTTP/1.1\r\r\nHost: x\r\n\r\n"},
      {"BareCrInTarget", with_line("GET /v1/de\rmo HTTP/1.1")},
      {"NulInTarget", with_line("GET /v1/de\0mo HTTP/1.1"s)},
      {"TwoEmptyLinesFirst", "\r\n\r\nGET /v1/demo HTTP/1.1\r\nHost: x\r\n\r\n"},
      {"BareLfFirst", "\nGET /v1/demo HTTP/1.1\r\nHost: x\r\n\r\n"},
      // The request line.
      {"NoVersion", with_line("GET /v1/demo")},
      {"NoTarget", with_line("GET HTTP/1.1")},
      {"OnlyAMethod", with_line("GET")},
      {"LeadingSpace", with_line(" GET /v1/demo HTTP/1.1")},
      {"TwoSpacesAfterMethod", with_line("GET  /v1/demo HTTP/1.1")},
      {"TwoSpacesBeforeVersion", with_line("GET /v1/demo  HTTP/1.1")},
      {"TabAfterMethod", with_line("GET\t/v1/demo HTTP/1.1")},
      {"TabBeforeVersion", with_line("GET /v1/demo\tHTTP/1.1")},
      {"TrailingSpace", with_line("GET /v1/demo HTTP/1.1 ")},
      {"MoreAfterVersion", with_line("GET /v1/demo HTTP/1.1 x")},
      {"SpaceInTarget", with_line("GET /v1/de mo HTTP/1.1")},
      {"MethodWithColon", with_line("GE:T /v1/demo HTTP/1.1")},
      {"MethodWithBrace", with_line("{GET} /v1/demo HTTP/1.1")},
      {"MethodWithHighByte", with_line("G\xC3\x89T /v1/demo HTTP/1.1")},
      {"LowerCaseVersion", with_line("GET /v1/demo http/1.1")},
      {"VersionWithoutMinor", with_line("GET /v1/demo HTTP/1")},
      {"VersionWithTwoDigits", with_line("GET /v1/demo HTTP/1.10")},
      {"VersionWithSpace", with_line("GET /v1/demo HTTP/ 1.1")},
      {"VersionWithComma", with_line("GET /v1/demo HTTP/1,1")},
      {"OtherProtocol", with_line("GET /v1/demo HTCPCP/1.0")},
      {"Version09", with_line("GET /v1/demo HTTP/0.9"), 505},
      {"Version12", with_line("GET /v1/demo HTTP/1.2"), 505},
      {"Version20", with_line("GET /v1/demo HTTP/2.0"), 505},
      {"Http2Preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
      {"TlsHello", "\x16\x03\x01\x02\x00\x01\x00\x01\xFC\x03\x03\r\n\r\n"s},
      // The target.
      {"TargetWithoutSlash", with_target("v1/demo")},
      {"TargetIsQuestionMark", with_target("?name=Ada")},
      {"AuthorityForm", with_target("example.org:80")},
      {"ConnectAuthorityForm", "CONNECT example.org:80 HTTP/1.1\r\nHost: example.org:80\r\n\r\n"},
      {"AsteriskForGet", with_target("*")},
      {"OtherScheme", with_target("ftp://x/v1/demo")},
      {"AbsoluteFormWithoutHost", with_target("http:///v1/demo")},
      {"AbsoluteFormWithUser", with_target("http://user@x/v1/demo")},
      {"AbsoluteFormOfOtherHost", with_target("http://other/v1/demo")},
      {"AbsoluteFormQueryAtOnce", with_target("http://x?name=Ada")},
      {"Fragment", with_target("/v1/demo#top")},
      {"RawHighByteInPath", with_target("/v1/d\xC3\xA9mo")},
      {"RawHighByteInQuery", with_target("/v1/demo?name=\xC3\xA9")},
      {"RawDelete", with_target("/v1/demo\x7F")},
      {"RawControl", with_target("/v1/demo\x01")},
      {"Quote", with_target("/v1/demo\"")},
      {"AngleBracket", with_target("/v1/<demo>")},
      {"Backslash", with_target("/v1\\demo")},
      {"Caret", with_target("/v1/demo^")},
      {"Pipe", with_target("/v1/demo?name=a|b")},
      {"Brace", with_target("/v1/{demo}")},
      // Percent escapes.
      {"PercentAtEnd", with_target("/v1/demo%")},
      {"PercentOneDigit", with_target("/v1/demo%4")},
      {"PercentNoHex", with_target("/v1/demo%zz")},
      {"PercentHalfHex", with_target("/v1/demo%4g")},
      {"PercentPercent", with_target("/v1/demo%%41")},
      {"PercentUnicode", with_target("/v1/demo%u0041")},
      {"PercentInQuery", with_target("/v1/demo?name=%")},
      {"PercentNoHexInQuery", with_target("/v1/demo?name=%g1")},
      {"EncodedNulInPath", with_target("/v1/demo%00")},
      {"EncodedNulInQuery", with_target("/v1/demo?name=%00")},
      {"EncodedSlash", with_target("/v1%2fdemo")},
      {"EncodedSlashUpper", with_target("/v1%2Fdemo")},
      {"EncodedBackslash", with_target("/v1%5cdemo")},
      {"EncodedBackslashUpper", with_target("/v1%5Cdemo")},
      {"EncodedLineEndInPath", with_target("/v1/demo%0d%0a")},
      {"EncodedDeleteInPath", with_target("/v1/demo%7f")},
      {"DotSegment", with_target("/v1/./demo")},
      {"DotDotSegment", with_target("/v1/x/../demo")},
      {"DotDotAtEnd", with_target("/v1/demo/..")},
      {"DotAtEnd", with_target("/v1/demo/.")},
      {"EncodedDotDot", with_target("/v1/x/%2e%2e/demo")},
      {"HalfEncodedDotDot", with_target("/v1/x/.%2E/demo")},
      {"EncodedDot", with_target("/v1/%2e/demo")},
      {"InvalidUtf8", with_target("/v1/demo/items/%ff")},
      {"OverlongUtf8", with_target("/v1/demo/items/%c0%af")},
      {"OverlongDot", with_target("/v1/demo/items/%c0%ae%c0%ae")},
      {"TruncatedUtf8", with_target("/v1/demo/items/%e2%82")},
      {"SurrogateUtf8", with_target("/v1/demo/items/%ed%a0%80")},
      {"BeyondUnicode", with_target("/v1/demo/items/%f4%90%80%80")},
      {"InvalidUtf8InQuery", with_target("/v1/demo?name=%80")},
      {"TargetTooLong", with_target("/v1/" + std::string(9000, 'a')), 414},
      {"StartLineWithoutEnd", "GET /" + std::string(20'000, 'a'), 414},
  };
}

}  // namespace forecourt::gateway::testing
