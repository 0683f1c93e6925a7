#include "gateway/response_writer.hpp"

#include <algorithm>
#include <charconv>

#include "base/log.hpp"
#include "gateway/request_head.hpp"

namespace forecourt::gateway {
namespace {

constexpr size_t k_gzip_min = 1024;
constexpr size_t k_gzip_slice = 64 * 1024;
constexpr size_t k_copy_max = 16 * 1024;

bool is_token(std::string_view name) {
  constexpr std::string_view k_others = "!#$%&'*+-.^_`|~";
  return !name.empty() && std::all_of(name.begin(), name.end(), [&](char c) {
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') ||
           k_others.find(c) != std::string_view::npos;
  });
}

bool is_field_value(std::string_view value) {
  return std::all_of(value.begin(), value.end(), [](char c) {
    return static_cast<unsigned char>(c) >= 0x20 ? c != 0x7F : c == '\t';
  });
}

/// What only the host may say.
bool is_host_header(std::string_view name) {
  for (const std::string_view host :
       {"content-length", "content-type", "connection", "date", "transfer-encoding", "keep-alive",
        "upgrade", "trailer", "te", "proxy-connection", "x-request-id"}) {
    if (equal_names(name, host)) return true;
  }
  return false;
}

void append_number(std::string& out, uint64_t value, int base = 10) {
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof digits, value, base).ptr;
  out.append(digits, end);
}

bool has_no_content(int status) { return status == 204 || status == 304 || status < 200; }

}  // namespace

void ResponseWriter::add(std::string_view name, std::string_view value) {
  head_ += name;
  head_ += ": ";
  head_ += value;
  head_ += "\r\n";
}

void ResponseWriter::start(http::Response response, const Terms& terms, Gzip& gzip) {
  head_.clear();
  body_.clear();
  head_done_ = body_done_ = plain_done_ = 0;
  bytes_ = 0;
  chunks_.reset();
  if (response.status < 200 || response.status > 599) {
    log::error("gateway", "a handler answered with an impossible status; 500 is sent instead",
               {{"status", std::to_string(response.status)}});
    response = http::problem(500, "internal", "the operation failed");
  }
  if (terms.streamed) {
    write_head(response, terms, true);
    chunked_ = terms.http_1_1;
    if (chunked_) add("Transfer-Encoding", "chunked");
    head_ += "\r\n";
    return;
  }
  const bool has_content = !has_no_content(response.status);
  const bool compressible =
      has_content && response.body.size() > k_gzip_min && is_text(response.media_type);
  bool compressed = false;
  bool chunked = false;
  if (compressible && terms.gzip && response.body.size() <= k_gzip_slice) {
    std::string smaller;
    gzip.restart();
    gzip.add(response.body, true, smaller);
    compressed = smaller.size() < response.body.size();
    if (compressed) response.body = std::move(smaller);
  } else if (compressible && terms.gzip && terms.http_1_1) {
    compressed = chunked = true;
  }

  write_head(response, terms, has_content);
  if (compressible) add("Vary", "Accept-Encoding");
  if (compressed) add("Content-Encoding", "gzip");
  if (chunked) {
    add("Transfer-Encoding", "chunked");
  } else if (has_content) {
    head_ += "Content-Length: ";
    append_number(head_, response.body.size());
    head_ += "\r\n";
  }
  head_ += "\r\n";

  if (terms.head_only || !has_content) {
  } else if (chunked) {
    plain_ = std::move(response.body);
    chunks_ = std::make_unique<Gzip>();
    next_chunk();
  } else if (response.body.size() <= k_copy_max) {
    head_ += response.body;
  } else {
    body_ = std::move(response.body);
  }
}

void ResponseWriter::write_head(const http::Response& response, const Terms& terms,
                                bool has_content) {
  head_ += "HTTP/1.1 ";
  append_number(head_, static_cast<uint64_t>(response.status));
  head_ += ' ';
  head_ += http::reason_phrase(response.status);
  head_ += "\r\n";
  add("Date", terms.date);
  if (has_content && !response.media_type.empty() && is_field_value(response.media_type)) {
    add("Content-Type", response.media_type);
  }
  bool caches = false;
  for (const auto& [name, value] : response.headers) {
    if (!is_token(name) || !is_field_value(value) || is_host_header(name)) {
      log::error("gateway", "a handler's header is left out: not allowed", {{"name", name}});
      continue;
    }
    caches = caches || equal_names(name, "cache-control");
    add(name, value);
  }
  head_ += "X-Content-Type-Options: nosniff\r\n";
  if (!caches) head_ += "Cache-Control: no-store\r\n";
  if (!terms.request_id.empty()) add("X-Request-Id", terms.request_id);
  if (terms.rate_headers && !terms.rate_headers[0].empty()) {
    add("RateLimit-Policy", terms.rate_headers[0]);
    add("RateLimit", terms.rate_headers[1]);
  }
  if (!terms.keep_alive) {
    head_ += "Connection: close\r\n";
  } else if (!terms.http_1_1) {
    head_ += "Connection: keep-alive\r\n";
  }
}

/// Fills `body_` with the next compressed chunk.
void ResponseWriter::next_chunk() {
  body_done_ = 0;
  std::string compressed;
  while (compressed.empty() && plain_done_ < plain_.size()) {
    const std::string_view slice = std::string_view(plain_).substr(plain_done_, k_gzip_slice);
    plain_done_ += slice.size();
    chunks_->add(slice, plain_done_ == plain_.size(), compressed);
  }
  body_.clear();
  append_number(body_, compressed.size(), 16);
  body_ += "\r\n";
  body_ += compressed;
  body_ += "\r\n";
  if (plain_done_ < plain_.size()) return;
  body_ += "0\r\n\r\n";
  chunks_.reset();
  plain_ = {};
}

void ResponseWriter::chunk(std::string_view bytes) {
  body_.clear();
  body_done_ = 0;
  if (chunked_) {
    append_number(body_, bytes.size(), 16);
    body_ += "\r\n";
  }
  body_ += bytes;
  if (chunked_) body_ += "\r\n";
}

void ResponseWriter::last_chunk() {
  body_.clear();
  body_done_ = 0;
  if (chunked_) body_ = "0\r\n\r\n";
}

std::array<std::string_view, 2> ResponseWriter::pieces() {
  return {std::string_view(head_).substr(head_done_), std::string_view(body_).substr(body_done_)};
}

void ResponseWriter::shrink() {
  if (body_done_ <= body_.size() / 2) return;
  body_ = body_.substr(body_done_);
  body_.shrink_to_fit();
  body_done_ = 0;
}

void ResponseWriter::drop() {
  head_ = {};
  body_ = {};
  plain_ = {};
  chunks_.reset();
  head_done_ = body_done_ = plain_done_ = 0;
}

void ResponseWriter::written(size_t n) {
  bytes_ += n;
  const size_t of_head = std::min(n, head_.size() - head_done_);
  head_done_ += of_head;
  body_done_ += n - of_head;
  if (head_done_ < head_.size() || body_done_ < body_.size()) return;
  if (chunks_) {
    next_chunk();
  } else if (body_.capacity() > k_copy_max) {
    body_ = {};
    body_done_ = 0;
  }
}

}  // namespace forecourt::gateway
