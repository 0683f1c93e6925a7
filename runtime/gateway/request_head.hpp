#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "gateway/target.hpp"

namespace forecourt::gateway {

/// Why a request cannot be read on: the answer before the connection is closed. Static texts.
struct Malformed {
  int status = 400;
  const char* code = "malformed-request";
  const char* detail = "";
};

struct Header {
  std::string_view name;  ///< as received; names compare without case
  std::string_view value;
};

/// A request head that is well-formed. Views into the connection's buffer, valid until more is
/// read.
struct RequestHead {
  std::string_view method;
  std::string_view target;
  Target url;
  bool http_1_1 = true;
  std::vector<Header> headers;

  // What the host acts on; a null view when absent.
  std::string_view host;
  std::string_view authorization;
  std::string_view content_type;
  std::string_view accept_encoding;
  std::string_view if_none_match;
  std::string_view expect;
  std::string_view org;  ///< Forecourt-Org
  std::string_view idempotency_key;
  std::string_view traceparent;

  bool keep_alive = true;
  bool chunked = false;
  std::optional<uint64_t> content_length;

  bool has_body() const { return chunked || (content_length && *content_length > 0); }
  /// Forgets the request, keeps the memory.
  void clear();
  /// Adds a header, noting what the host acts on except for framing; for callers without a socket.
  void add(std::string_view name, std::string_view value);
  /// The value of a header the operation declares; a null view when absent.
  std::string_view find(std::string_view name) const;
};

/// Whether two names are equal but for the case of ASCII letters.
bool equal_names(std::string_view a, std::string_view b);

}  // namespace forecourt::gateway
