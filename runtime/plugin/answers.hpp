#pragma once

#include <forecourt/types.h>

#include <string_view>

#include "http/message.hpp"
#include "plugin/call.hpp"

namespace forecourt::plugin {

/// The problem an error becomes. `detail` is shown to the client for 4xx only; what is behind a 5xx
/// goes to the log.
http::Response answer_of(Code code, std::string_view detail);

/// The answer of a call whose function returned `status`: its reply, 204 without one, or a problem.
/// A status that promises a reply which is not there becomes FC_E_INTERNAL. Writes the log line of
/// a failure.
http::Response answer_of(Call& call, fc_status& status);

/// Of a write that may or may not have taken effect.
http::Response outcome_unknown();

/// Whether a repeat of the request under the same Idempotency-Key gets this answer again.
bool is_kept(const http::Response& response);

/// An answer for the idempotency store, which keeps status, one line of text and body: the reply's
/// headers travel in the line behind the media type.
std::string pack_head(const http::Response& response);
http::Response unpack_answer(int status, std::string_view head, std::string body);

}  // namespace forecourt::plugin
