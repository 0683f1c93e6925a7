#pragma once

#include <forecourt/cpp/fields.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fc {

/// What an operation answers. An error reply (400 and above) undoes the call's writes; `and_commit`
/// keeps them.
class Reply {
 public:
  Reply(int status, std::string media_type, std::string body)
      : status_(status), media_type_(std::move(media_type)), body_(std::move(body)) {}

  Reply&& header(std::string name, std::string value) && {
    headers_.emplace_back(std::move(name), std::move(value));
    return std::move(*this);
  }
  Reply&& and_commit() && {
    commit_ = true;
    return std::move(*this);
  }

  int status() const { return status_; }
  const std::string& media_type() const { return media_type_; }
  const std::string& body() const { return body_; }
  const std::vector<std::pair<std::string, std::string>>& headers() const { return headers_; }
  bool commits() const { return commit_ || status_ < 400; }

 private:
  int status_;
  std::string media_type_;
  std::string body_;
  std::vector<std::pair<std::string, std::string>> headers_;
  bool commit_ = false;
};

/// `fc::reply(201, batch)`: a mapped struct or Json as JSON.
template <class T>
Reply reply(int status, const T& value) {
  return {status, "application/json", to_json_text(value)};
}
inline Reply reply(int status) { return {status, "", ""}; }

template <class T>
Reply ok(const T& value) {
  return reply(200, value);
}
template <class T>
Reply created(const T& value) {
  return reply(201, value);
}

inline const char* reason_phrase(int status) {
  switch (status) {
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 409: return "Conflict";
    case 410: return "Gone";
    case 422: return "Unprocessable Content";
    case 429: return "Too Many Requests";
    case 503: return "Service Unavailable";
    default: return status < 500 ? "Error" : "Internal Server Error";
  }
}

/// An RFC 9457 problem; `code` is stable, for programs, `detail` is for people.
inline Reply problem(int status, std::string_view code, std::string_view detail) {
  return {status, "application/problem+json",
          Json::object({{"type", "about:blank"},
                        {"title", reason_phrase(status)},
                        {"status", status},
                        {"code", code},
                        {"detail", detail}})
              .dump()};
}

/// Thrown where returning is a long way up: the shim sends the reply as if the handler had returned
/// it.
struct Refusal {
  Reply reply;
};
[[noreturn]] inline void refuse(int status, std::string_view code, std::string_view detail) {
  throw Refusal{problem(status, code, detail)};
}

}  // namespace fc
