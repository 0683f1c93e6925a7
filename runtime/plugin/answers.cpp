#include "plugin/answers.hpp"

#include "base/log.hpp"
#include "plugin/invoke.hpp"

namespace forecourt::plugin {
namespace {

struct Kind {
  int status;
  std::string_view code;
  std::string_view text;
};

Kind kind_of(Code code) {
  switch (code) {
    case Code::invalid: return {400, "bad-request", "The request cannot be carried out."};
    case Code::denied: return {403, "forbidden", "This is not allowed."};
    case Code::not_found: return {404, "not-found", "There is no such thing."};
    case Code::conflict: return {409, "conflict", "The present state does not allow this."};
    case Code::constraint: return {409, "conflict", "The present state does not allow this."};
    case Code::limit: return {429, "too-many-requests", "A limit was reached."};
    case Code::cancelled:
      return {504, "deadline-exceeded", "The call did not end within its deadline."};
    case Code::unavailable:
      return {503, "plugin-unavailable", "Not available now, try again later."};
    case Code::read_only: return {507, "store-read-only", "The store takes no writes now."};
    case Code::internal:
    case Code::stale:
    case Code::state: break;
  }
  return {500, "internal", "The operation failed; the log says why."};
}

void log_failure(const Call& call, fc_status status, int http_status) {
  const log::Level level = http_status >= 500 ? log::Level::error : log::Level::debug;
  if (!log::enabled(level)) return;
  log::write(level, "plugin", "a call failed",
             {{"plugin", call.scope.id},
              {"call", std::string(call.name)},
              {"status", std::to_string(status)},
              {"reason", call.fail_text},
              {"service", call.diagnostic},
              {"trace_id", std::string(call.trace_id())}});
}

}  // namespace

http::Response answer_of(Code code, std::string_view detail) {
  const Kind kind = kind_of(code);
  http::Response response = http::problem(
      kind.status, kind.code, kind.status < 500 && !detail.empty() ? detail : kind.text);
  if (kind.status == 503) response.headers.emplace_back("Retry-After", "1");
  return response;
}

http::Response answer_of(Call& call, fc_status& status) {
  if (status >= FC_OK || status == FC_E_ROLLBACK) {
    if (call.has_reply) return std::move(call.reply);
    if (status >= FC_OK && status != FC_DONE) {
      http::Response empty;
      empty.status = 204;
      empty.headers = std::move(call.reply.headers);
      return empty;
    }
    call.diagnostic = "returned without the reply its status promises";
    status = FC_E_INTERNAL;
  }
  http::Response response = answer_of(code_of(status), call.fail_text);
  log_failure(call, status, response.status);
  return response;
}

http::Response outcome_unknown() {
  http::Response response = http::problem(
      503, "outcome-unknown",
      "Whether this took effect is not known: repeat it with the same Idempotency-Key.");
  response.headers.emplace_back("Retry-After", "1");
  return response;
}

bool is_kept(const http::Response& response) {
  return response.status < 500 && response.status != 429;
}

std::string pack_head(const http::Response& response) {
  std::string head = response.media_type;
  for (const auto& [name, value] : response.headers) {
    head += '\n';
    head += name;
    head += ':';
    head += value;
  }
  return head;
}

http::Response unpack_answer(int status, std::string_view head, std::string body) {
  http::Response response;
  response.status = status;
  response.body = std::move(body);
  size_t end = head.find('\n');
  response.media_type = head.substr(0, end);
  while (end != std::string_view::npos) {
    head.remove_prefix(end + 1);
    end = head.find('\n');
    const std::string_view line = head.substr(0, end);
    const size_t colon = line.find(':');
    if (colon != std::string_view::npos)
      response.headers.emplace_back(line.substr(0, colon), line.substr(colon + 1));
  }
  return response;
}

}  // namespace forecourt::plugin
