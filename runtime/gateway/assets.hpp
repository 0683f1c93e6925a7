#pragma once

#include <string>
#include <string_view>

#include "http/message.hpp"

namespace forecourt::gateway {

/// The API documentation in the browser: swagger-ui from a local folder, nothing from elsewhere.
/// Only the files it needs are served, by name.
class Assets {
 public:
  explicit Assets(std::string folder) : folder_(std::move(folder)) {}
  /// `path` is "/docs" or below it.
  http::Response serve(std::string_view path, std::string_view if_none_match) const;

 private:
  http::Response file(std::string_view name, std::string_view media_type,
                      std::string_view if_none_match) const;
  const std::string folder_;
};

/// Whether an If-None-Match holds `etag` or "*".
bool matches_etag(std::string_view if_none_match, std::string_view etag);

}  // namespace forecourt::gateway
