#include "unit/gateway/malformed_requests.hpp"

namespace forecourt::gateway::testing {
namespace {

const std::string k_hidden = "GET /v1/demo?name=hidden HTTP/1.1\r\nHost: x\r\n\r\n";

/// A POST with these framing headers, followed by what a lenient reader takes for a body or a
/// request.
std::string post(const std::string& lines, const std::string& rest = k_hidden,
                 const char* version = "1.1") {
  return std::string("POST /v1/demo HTTP/") + version +
         "\r\nHost: x\r\nContent-Type: application/json\r\n" + lines + "\r\n" + rest;
}
const std::string k_empty_chunks = "0\r\n\r\n";

}  // namespace

std::vector<MalformedRequest> malformed_framing() {
  using std::string_literals::operator""s;
  return {
      // Content-Length.
      {"TwoLengths", post("Content-Length: 0\r\nContent-Length: 5\r\n")},
      {"SameLengthTwice", post("Content-Length: 5\r\nContent-Length: 5\r\n")},
      {"LengthList", post("Content-Length: 5, 5\r\n")},
      {"LengthListDiffering", post("Content-Length: 0,5\r\n")},
      {"LengthEmpty", post("Content-Length:\r\n")},
      {"LengthPlus", post("Content-Length: +5\r\n")},
      {"LengthMinus", post("Content-Length: -1\r\n")},
      {"LengthMinusZero", post("Content-Length: -0\r\n")},
      {"LengthHex", post("Content-Length: 0x5\r\n")},
      {"LengthFraction", post("Content-Length: 5.0\r\n")},
      {"LengthExponent", post("Content-Length: 1e1\r\n")},
      {"LengthUnderscore", post("Content-Length: 1_0\r\n")},
      {"LengthWithSpace", post("Content-Length: 1 0\r\n")},
      {"LengthWithUnit", post("Content-Length: 5 bytes\r\n")},
      {"LengthQuoted", post("Content-Length: \"5\"\r\n")},
      {"LengthWord", post("Content-Length: five\r\n")},
      {"LengthOverflow64", post("Content-Length: 18446744073709551616\r\n")},
      {"LengthOverflowLong", post("Content-Length: 99999999999999999999999\r\n")},
      {"LengthTrailingComma", post("Content-Length: 5,\r\n")},
      {"LengthFullWidthDigits", post("Content-Length: \xEF\xBC\x95\r\n")},
      {"LengthOnGetList", "GET /v1/demo HTTP/1.1\r\nHost: x\r\nContent-Length: 3, 3\r\n\r\nabc"},
      // Transfer-Encoding.
      {"EncodingGzip", post("Transfer-Encoding: gzip\r\n")},
      {"EncodingGzipWithLength", post("Transfer-Encoding: gzip\r\nContent-Length: 0\r\n")},
      {"EncodingIdentity", post("Transfer-Encoding: identity\r\n")},
      {"EncodingEmpty", post("Transfer-Encoding:\r\n")},
      {"EncodingXchunked", post("Transfer-Encoding: xchunked\r\n")},
      {"EncodingChunkedx", post("Transfer-Encoding: chunkedx\r\n", k_empty_chunks)},
      {"EncodingQuoted", post("Transfer-Encoding: \"chunked\"\r\n", k_empty_chunks)},
      {"EncodingGzipChunked", post("Transfer-Encoding: gzip, chunked\r\n", k_empty_chunks)},
      {"EncodingChunkedGzip", post("Transfer-Encoding: chunked, gzip\r\n", k_empty_chunks)},
      {"EncodingChunkedIdentity", post("Transfer-Encoding: chunked, identity\r\n")},
      {"EncodingChunkedTwice", post("Transfer-Encoding: chunked, chunked\r\n", k_empty_chunks)},
      {"EncodingTwoLines",
       post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", k_empty_chunks)},
      {"EncodingTwoLinesDiffering",
       post("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n")},
      {"EncodingTwoLinesFirstOther",
       post("Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n")},
      {"EncodingLeadingComma", post("Transfer-Encoding: ,chunked\r\n", k_empty_chunks)},
      {"EncodingTrailingComma", post("Transfer-Encoding: chunked,\r\n", k_empty_chunks)},
      {"EncodingWithParameter", post("Transfer-Encoding: chunked;q=1\r\n", k_empty_chunks)},
      {"EncodingVerticalTab", post("Transfer-Encoding: \x0B"
                                   "chunked\r\n",
                                   k_empty_chunks)},
      {"EncodingWithNul", post("Transfer-Encoding: chunked\0\r\n"s, k_empty_chunks)},
      {"EncodingHighByte", post("Transfer-Encoding: \xA0"
                                "chunked\r\n",
                                k_empty_chunks)},
      {"EncodingSpaceBeforeColon", post("Transfer-Encoding : chunked\r\n", k_empty_chunks)},
      {"EncodingFolded", post("Transfer-Encoding:\r\n chunked\r\n", k_empty_chunks)},
      {"EncodingUnderscore", post("Transfer_Encoding: chunked\r\n", k_empty_chunks)},
      {"LengthThenEncoding",
       post("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", k_empty_chunks)},
      {"EncodingThenLength",
       post("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", k_empty_chunks)},
      {"EncodingAndLengthZero",
       post("Transfer-Encoding: chunked\r\nContent-Length: 0\r\n", k_empty_chunks)},
      {"EncodingInHttp10", post("Transfer-Encoding: chunked\r\n", k_empty_chunks, "1.0")},
      {"EncodingInHttp10KeepAlive",
       post("Connection: keep-alive\r\nTransfer-Encoding: chunked\r\n", k_empty_chunks, "1.0")},
  };
}

std::vector<MalformedRequest> malformed_chunks() {
  using std::string_literals::operator""s;
  const auto chunks = [](const std::string& body) {
    return post("Authorization: Bearer secret-admin\r\nTransfer-Encoding: chunked\r\n", body);
  };
  return {
      {"SizeMissing", chunks("\r\n\r\n")},
      {"SizeNotHex", chunks("g\r\nx\r\n0\r\n\r\n")},
      {"SizeNegative", chunks("-1\r\nx\r\n0\r\n\r\n")},
      {"SizePlus", chunks("+1\r\nx\r\n0\r\n\r\n")},
      {"SizeWithPrefix", chunks("0x1\r\nx\r\n0\r\n\r\n")},
      {"SizeLeadingSpace", chunks(" 1\r\nx\r\n0\r\n\r\n")},
      {"SizeWithUnderscore", chunks("1_0\r\nx\r\n0\r\n\r\n")},
      {"SizeTrailingSpace", chunks("1 \r\nx\r\n0\r\n\r\n")},
      {"SizeOverflow", chunks("10000000000000001\r\nx\r\n0\r\n\r\n")},
      {"SizeOverflowF", chunks("fffffffffffffffff\r\nx\r\n0\r\n\r\n")},
      {"SizeBareLf", chunks("1\nx\r\n0\r\n\r\n")},
      {"SizeBareCr", chunks("1\rx\r\n0\r\n\r\n")},
      {"DataLongerThanSize", chunks("1\r\nxy\r\n0\r\n\r\n")},
      {"DataEndsWithLf", chunks("1\r\nx\n0\r\n\r\n")},
      {"DataEndsWithCr", chunks("1\r\nx\r0\r\n\r\n")},
      {"DataWithoutEnd", chunks("1\r\nx0\r\n\r\n")},
      {"ExtensionBareLf", chunks("1;a=\"\n\"\r\nx\r\n0\r\n\r\n")},
      {"ExtensionNul", chunks("1;a=\"\0\"\r\nx\r\n0\r\n\r\n"s)},
      {"ExtensionWithoutName", chunks("1;=b\r\nx\r\n0\r\n\r\n")},
      {"ExtensionOpenQuote", chunks("1;a=\"b\r\nx\r\n0\r\n\r\n")},
      {"ExtensionOpenQuoteOfLastChunk", chunks("0;a=\"b\r\n\r\n")},
      {"ExtensionTooLong", chunks("1;a=" + std::string(300, 'b') + "\r\nx\r\n0\r\n\r\n")},
      {"ExtensionWithoutEnd", chunks("1;a=" + std::string(5000, 'b'))},
      {"LastChunkLineTooLong", chunks("0;a=" + std::string(1100, 'b') + "\r\n")},
      {"LastChunkBareLf", chunks("0\n\n")},
      {"LastLineBareLf", chunks("0\r\n\n")},
      {"TrailerFolded", chunks("0\r\nX-A: b\r\n c\r\n\r\n")},
      {"TrailerFoldedAtOnce", chunks("0\r\nX-A:\r\n b\r\n\r\n")},
      {"TrailerFoldedToNothing", chunks("0\r\nX-A: b\r\n \r\n\r\n")},
      {"TrailerBareLf", chunks("0\r\nX-A: b\nX-B: c\r\n\r\n")},
      {"TrailerSpaceBeforeColon", chunks("0\r\nX-A : b\r\n\r\n")},
      {"TrailerUnderscore", chunks("0\r\nX_A: b\r\n\r\n")},
      {"TrailerNul", chunks("0\r\nX-A: \0\r\n\r\n"s)},
      {"TrailerContentLength", chunks("0\r\nContent-Length: 5\r\n\r\n")},
      {"TrailerTransferEncoding", chunks("0\r\nTransfer-Encoding: chunked\r\n\r\n")},
      {"TrailerHost", chunks("0\r\nHost: y\r\n\r\n")},
      {"TrailerAuthorization", chunks("0\r\nAuthorization: Bearer secret-admin\r\n\r\n")},
      {"TrailerTooLarge", chunks("0\r\nX-A: " + std::string(9000, 'b') + "\r\n\r\n"), 431},
      {"TrailerWithoutEnd", chunks("0\r\nX-A: " + std::string(9000, 'b')), 431},
  };
}

}  // namespace forecourt::gateway::testing
