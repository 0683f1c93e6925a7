#pragma once

#include <string>
#include <string_view>

namespace forecourt::gateway {

/// The parts of a request target (RFC 9112 section 3.2), as received. Views into the request.
struct Target {
  std::string_view path;       ///< starts with '/', still percent-encoded; "*" in asterisk form
  std::string_view query;      ///< after the '?'; empty without one
  std::string_view authority;  ///< of the absolute form; empty otherwise
  bool escaped = false;        ///< the path holds percent escapes
};

/// Splits a target, refusing everything two readers could understand differently: characters
/// outside RFC 3986, broken escapes, escaped slashes, NUL and controls, dot segments, text that is
/// not UTF-8. The text of the refusal, or nullptr.
const char* parse_target(std::string_view raw, Target& target);

/// Whether `host` is a well-formed `uri-host [":" port]`, as Host and the absolute form carry it.
bool is_authority(std::string_view host);

/// Appends `text` with its escapes resolved; `form`: '+' means a space, as in a query. Only for
/// text that parse_target let through.
void append_decoded(std::string& out, std::string_view text, bool form);

}  // namespace forecourt::gateway
