#include "gateway/assets.hpp"

#include <sys/stat.h>

#include <fstream>
#include <sstream>

namespace forecourt::gateway {
namespace {

struct Asset {
  std::string_view name;
  std::string_view media_type;
};
constexpr Asset k_files[] = {
    {"swagger-ui.css", "text/css; charset=utf-8"},
    {"swagger-ui-bundle.js", "text/javascript; charset=utf-8"},
    {"favicon-32x32.png", "image/png"},
};

// Scripts and styles come as files of their own: the page needs no 'unsafe-inline'.
constexpr std::string_view k_page = R"(<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Forecourt API</title>
<link rel="stylesheet" href="/docs/swagger-ui.css">
<link rel="icon" type="image/png" href="/docs/favicon-32x32.png">
</head>
<body>
<div id="swagger-ui"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
)";
constexpr std::string_view k_start =
    "SwaggerUIBundle({url: '/openapi.json', dom_id: '#swagger-ui', deepLinking: true, "
    "validatorUrl: null});\n";
constexpr std::string_view k_missing = R"(<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Forecourt API</title></head>
<body>
<p>The documentation viewer is not installed here. The contract itself is at <a href="/openapi.json">/openapi.json</a>.</p>
</body>
</html>
)";

http::Response page(std::string_view media_type, std::string_view body) {
  http::Response response;
  response.status = 200;
  response.media_type = media_type;
  response.body = body;
  response.headers.emplace_back("Content-Security-Policy",
                                "default-src 'self'; img-src 'self' data:; base-uri 'none'; "
                                "form-action 'none'; frame-ancestors 'none'");
  response.headers.emplace_back("Referrer-Policy", "no-referrer");
  return response;
}

}  // namespace

bool matches_etag(std::string_view if_none_match, std::string_view etag) {
  while (!if_none_match.empty()) {
    const size_t end = if_none_match.find(',');
    std::string_view one = if_none_match.substr(0, end);
    if_none_match =
        end == std::string_view::npos ? std::string_view() : if_none_match.substr(end + 1);
    while (!one.empty() && one.front() == ' ') one.remove_prefix(1);
    while (!one.empty() && one.back() == ' ') one.remove_suffix(1);
    if (one.starts_with("W/")) one.remove_prefix(2);
    if (one == etag || one == "*") return true;
  }
  return false;
}

http::Response Assets::serve(std::string_view path, std::string_view if_none_match) const {
  const std::string_view name = path.size() > 6 ? path.substr(6) : std::string_view();
  if (name.empty()) {
    struct stat there {};
    const bool installed = ::stat((folder_ + "/swagger-ui-bundle.js").c_str(), &there) == 0;
    return page("text/html; charset=utf-8", installed ? k_page : k_missing);
  }
  if (name == "start.js") return page("text/javascript; charset=utf-8", k_start);
  for (const Asset& asset : k_files) {
    if (asset.name == name) return file(asset.name, asset.media_type, if_none_match);
  }
  return http::problem(404, "not-found", "there is nothing at this path");
}

http::Response Assets::file(std::string_view name, std::string_view media_type,
                            std::string_view if_none_match) const {
  const std::string path = folder_ + "/" + std::string(name);
  struct stat there {};
  std::ifstream in(path, std::ios::binary);
  if (!in || ::stat(path.c_str(), &there) != 0) {
    return http::problem(404, "not-found", "the documentation viewer is not installed here");
  }
  const std::string etag =
      "\"" + std::to_string(there.st_size) + "-" + std::to_string(there.st_mtime) + "\"";
  http::Response response;
  response.headers.emplace_back("ETag", etag);
  response.headers.emplace_back("Cache-Control", "public, max-age=3600");
  if (matches_etag(if_none_match, etag)) {
    response.status = 304;
    return response;
  }
  std::ostringstream bytes;
  bytes << in.rdbuf();
  response.status = 200;
  response.media_type = media_type;
  response.body = std::move(bytes).str();
  return response;
}

}  // namespace forecourt::gateway
