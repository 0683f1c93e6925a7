#include "gateway/gzip.hpp"

#include <new>

#include "gateway/request_head.hpp"

namespace forecourt::gateway {
namespace {

// Speed over size: this runs on the thread that serves everyone.
constexpr int k_level = 1;
constexpr int k_gzip_window = 15 + 16;

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

/// "q=0", "q=0.000": not acceptable.
bool is_zero(std::string_view parameter) {
  parameter = trim(parameter);
  if (parameter.size() < 3 || (parameter[0] | 0x20) != 'q' || parameter[1] != '=') return false;
  return parameter.substr(2).find_first_not_of("0.") == std::string_view::npos;
}

}  // namespace

Gzip::Gzip() {
  if (deflateInit2(&stream_, k_level, Z_DEFLATED, k_gzip_window, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
    throw std::bad_alloc();
  }
}

Gzip::~Gzip() { deflateEnd(&stream_); }

void Gzip::restart() { deflateReset(&stream_); }

void Gzip::add(std::string_view bytes, bool last, std::string& out) {
  stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream_.avail_in = static_cast<uInt>(bytes.size());
  do {
    const size_t at = out.size();
    const size_t room = deflateBound(&stream_, stream_.avail_in) + 64;
    out.resize(at + room);
    stream_.next_out = reinterpret_cast<Bytef*>(out.data() + at);
    stream_.avail_out = static_cast<uInt>(room);
    deflate(&stream_, last ? Z_FINISH : Z_NO_FLUSH);
    out.resize(at + room - stream_.avail_out);
  } while (stream_.avail_out == 0);
}

bool accepts_gzip(std::string_view accept_encoding) {
  bool any = false;
  while (!accept_encoding.empty()) {
    const size_t end = accept_encoding.find(',');
    const std::string_view item = accept_encoding.substr(0, end);
    accept_encoding =
        end == std::string_view::npos ? std::string_view() : accept_encoding.substr(end + 1);
    const size_t semicolon = item.find(';');
    const std::string_view coding = trim(item.substr(0, semicolon));
    const bool refused = semicolon != std::string_view::npos && is_zero(item.substr(semicolon + 1));
    if (equal_names(coding, "gzip")) return !refused;
    if (coding == "*") any = !refused;
  }
  return any;
}

bool is_text(std::string_view media_type) {
  media_type = trim(media_type.substr(0, media_type.find(';')));
  return media_type.starts_with("text/") || media_type == "application/json" ||
         media_type.ends_with("+json") || media_type == "application/javascript" ||
         media_type == "application/xml" || media_type.ends_with("+xml");
}

}  // namespace forecourt::gateway
