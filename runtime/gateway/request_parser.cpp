#include "gateway/request_parser.hpp"

#include <boost/beast/http/basic_parser.hpp>
#include <cstring>
#include <optional>

namespace forecourt::gateway {
namespace {

namespace beast_http = boost::beast::http;
using beast_http::field;
using boost::beast::error_code;

std::string_view text(boost::beast::string_view view) { return {view.data(), view.size()}; }

/// Digits only and at most 19 of them: the value fits and every reader agrees on it.
bool parse_length(std::string_view value, uint64_t& length) {
  if (value.empty() || value.size() > 19) return false;
  length = 0;
  for (const char c : value) {
    if (c < '0' || c > '9') return false;
    length = length * 10 + static_cast<uint64_t>(c - '0');
  }
  return true;
}

bool is_hex(char c) { return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f'); }

/// Why the lines of an unfinished chunk or trailer cannot be right; nullptr when they may.
const char* check_line_ends(std::string_view text) {
  for (size_t i = 0; i < text.size(); ++i) {
    const char next = i + 1 < text.size() ? text[i + 1] : '\n';
    if (text[i] == '\r' && next != '\n') return "a chunk line holds a bare CR";
    if (text[i] != '\n') continue;
    if (i == 0 || text[i - 1] != '\r') return "a chunk line ends with a bare LF";
    if (next == ' ' || next == '\t') return "a trailer line is folded";
  }
  return nullptr;
}

/// Names that decide framing, routing or identity: in a trailer they come too late to be honoured.
bool is_forbidden_trailer(field name) {
  switch (name) {
    case field::content_length:
    case field::transfer_encoding:
    case field::host:
    case field::authorization:
    case field::content_type:
    case field::content_encoding:
    case field::connection:
    case field::expect:
    case field::te:
    case field::trailer:
    case field::upgrade: return true;
    default: return false;
  }
}

}  // namespace

struct RequestParser::Impl {
  /// Turns Beast's events into a RequestHead, refusing what Beast lets through.
  class Events final : public beast_http::basic_parser<true> {
   public:
    explicit Events(Impl& owner) : owner_(owner) {
      header_limit(static_cast<uint32_t>(owner.limits.head_bytes + 1));
      body_limit(boost::none);
    }

   private:
    void on_request_impl(beast_http::verb, boost::beast::string_view method,
                         boost::beast::string_view target, int version, error_code& ec) override {
      RequestHead& head = *owner_.head;
      head.method = text(method);
      head.target = text(target);
      head.http_1_1 = version == 11;
      if (head.target.size() > owner_.limits.target_bytes) {
        return owner_.refuse(ec, "the target is too long", 414, "malformed-request");
      }
      if (const char* why = gateway::parse_target(head.target, head.url)) owner_.refuse(ec, why);
    }
    void on_response_impl(int, boost::beast::string_view, int, error_code&) override {}

    void on_field_impl(field name, boost::beast::string_view name_text,
                       boost::beast::string_view value, error_code& ec) override {
      if (text(name_text).find('_') != std::string_view::npos) {
        return owner_.refuse(ec, "a header name holds an underscore");
      }
      if (in_trailer_) return check_trailer(name, text(name_text), text(value), ec);
      if (owner_.head->headers.size() >= owner_.limits.header_count) {
        return owner_.refuse(ec, "too many header fields", 431);
      }
      owner_.head->headers.push_back({text(name_text), text(value)});
      owner_.note(name, text(name_text), text(value), ec);
    }
    void check_trailer(field name, std::string_view name_text, std::string_view value,
                       error_code& ec) {
      trailer_bytes_ += name_text.size() + value.size() + 4;
      if (++trailers_ > owner_.limits.header_count ||
          trailer_bytes_ > owner_.limits.trailer_bytes) {
        return owner_.refuse(ec, "the trailer is too large", 431);
      }
      if (is_forbidden_trailer(name)) {
        return owner_.refuse(ec, "a trailer field may not decide framing, routing or identity");
      }
      // A folded value was copied together elsewhere, or starts on a later line than its name.
      const char* name_end = name_text.data() + name_text.size();
      const uintptr_t gap =
          reinterpret_cast<uintptr_t>(value.data()) - reinterpret_cast<uintptr_t>(name_end);
      if (gap > owner_.limits.trailer_bytes || std::memchr(name_end, '\n', gap)) {
        owner_.refuse(ec, "a trailer line is folded");
      }
    }
    void on_header_impl(error_code& ec) override {
      owner_.head->keep_alive = keep_alive();
      owner_.finish_head(ec);
    }
    void on_body_init_impl(boost::optional<uint64_t> const&, error_code&) override {}
    size_t on_body_impl(boost::beast::string_view body, error_code& ec) override {
      owner_.deliver(text(body), ec);
      return body.size();
    }
    void on_chunk_header_impl(uint64_t size, boost::beast::string_view extensions,
                              error_code& ec) override {
      if (extensions.size() > owner_.limits.chunk_extension_bytes) {
        return owner_.refuse(ec, "a chunk extension is too long");
      }
      for (const char c : text(extensions)) {
        if (static_cast<unsigned char>(c) < 0x20 ? c != '\t' : c == 0x7F) {
          return owner_.refuse(ec, "a chunk extension holds a control character");
        }
      }
      in_trailer_ = size == 0;
    }
    size_t on_chunk_body_impl(uint64_t, boost::beast::string_view body, error_code& ec) override {
      owner_.deliver(text(body), ec);
      owner_.in_chunk = true;
      return body.size();
    }
    void on_finish_impl(error_code&) override {}

    Impl& owner_;
    bool in_trailer_ = false;
    size_t trailers_ = 0;
    size_t trailer_bytes_ = 0;
  };

  explicit Impl(const ParserLimits& l) : limits(l) { events.emplace(*this); }

  void refuse(error_code& ec, const char* detail, int status = 400,
              const char* code = "malformed-request") {
    refusal = {status, code, detail};
    refused = true;
    ec = beast_http::error::bad_value;
  }
  void note(field name, std::string_view name_text, std::string_view value, error_code& ec);
  void note_once(std::string_view& slot, std::string_view value, const char* why, error_code& ec) {
    if (slot.data()) return refuse(ec, why);
    slot = value.data() ? value : std::string_view("");
  }
  void finish_head(error_code& ec);
  void deliver(std::string_view bytes, error_code& ec) {
    body_bytes += bytes.size();
    if (!sink->append(bytes)) {
      stopped = true;
      ec = beast_http::error::body_limit;
    }
  }
  Progress scan_head(std::string_view wire, size_t& end);
  Progress fail(const char* detail, int status = 400) {
    refusal = {status, "malformed-request", detail};
    return Progress::malformed;
  }
  Progress explain(const error_code& ec, std::string_view wire);
  Progress check_chunk_rest(std::string_view rest);

  const ParserLimits limits;
  std::optional<Events> events;
  RequestHead* head = nullptr;
  BodySink* sink = nullptr;
  Malformed refusal;
  bool refused = false;
  bool stopped = false;
  bool in_chunk = false;
  bool trailer_awaited = false;  // the last chunk's line was read; its trailer has not ended
  size_t scanned = 0;            // start of the first line of the head not yet checked
  uint64_t body_bytes = 0;
  uint64_t wire_bytes = 0;
};

void RequestParser::Impl::note(field name, std::string_view name_text, std::string_view value,
                               error_code& ec) {
  RequestHead& h = *head;
  switch (name) {
    case field::host:
      note_once(h.host, value, "more than one Host", ec);
      if (!ec && !is_authority(value)) refuse(ec, "Host is malformed");
      return;
    case field::content_length: {
      uint64_t length = 0;
      if (h.content_length) return refuse(ec, "more than one Content-Length");
      if (!parse_length(value, length)) return refuse(ec, "Content-Length is not a plain number");
      h.content_length = length;
      return;
    }
    case field::transfer_encoding:
      if (h.chunked || !equal_names(value, "chunked")) {
        return refuse(ec, "the only Transfer-Encoding understood is a single 'chunked'");
      }
      h.chunked = true;
      return;
    case field::authorization:
      return note_once(h.authorization, value, "more than one Authorization", ec);
    case field::content_type:
      return note_once(h.content_type, value, "more than one Content-Type", ec);
    case field::expect: return note_once(h.expect, value, "more than one Expect", ec);
    case field::accept_encoding:
      // Several lines would be one list; the first alone is a valid, if smaller, offer.
      if (!h.accept_encoding.data()) h.accept_encoding = value;
      return;
    case field::if_none_match:
      if (!h.if_none_match.data()) h.if_none_match = value;
      return;
    case field::unknown:
      if (equal_names(name_text, "forecourt-org")) {
        return note_once(h.org, value, "more than one Forecourt-Org", ec);
      }
      if (equal_names(name_text, "idempotency-key")) {
        return note_once(h.idempotency_key, value, "more than one Idempotency-Key", ec);
      }
      if (equal_names(name_text, "traceparent") && !h.traceparent.data()) h.traceparent = value;
      return;
    default: return;
  }
}

void RequestParser::Impl::finish_head(error_code& ec) {
  const RequestHead& h = *head;
  if (h.chunked && h.content_length) {
    return refuse(ec, "Transfer-Encoding and Content-Length together");
  }
  if (h.chunked && !h.http_1_1) return refuse(ec, "Transfer-Encoding in HTTP/1.0");
  if (h.http_1_1 && !h.host.data()) return refuse(ec, "Host is missing");
  if (!h.url.authority.empty() && h.host.data() && !equal_names(h.url.authority, h.host)) {
    return refuse(ec, "Host and the target's authority differ");
  }
  if (h.url.path == "*" && h.method != "OPTIONS") {
    return refuse(ec, "the target '*' is for OPTIONS only");
  }
}

/// Finds the empty line that ends the head, checking line ends on the way, so that a head with a
/// bare CR or LF, a NUL or a folded line is refused when it is seen and Beast gets whole heads
/// only.
Progress RequestParser::Impl::scan_head(std::string_view wire, size_t& end) {
  for (;;) {
    const void* found = std::memchr(wire.data() + scanned, '\n', wire.size() - scanned);
    if (!found) break;
    const size_t newline = static_cast<size_t>(static_cast<const char*>(found) - wire.data());
    const std::string_view line = wire.substr(scanned, newline - scanned);
    if (line.empty() || line.back() != '\r') return fail("a line ends with a bare LF");
    if (line.find('\r') != line.size() - 1) return fail("a line holds a bare CR");
    if (line.size() == 1) {
      end = newline + 1;
      return end > limits.head_bytes ? fail("the header is too large", 431) : Progress::done;
    }
    if (scanned > 0 && (line[0] == ' ' || line[0] == '\t')) return fail("a header line is folded");
    if (line.find('\0') != std::string_view::npos) return fail("a line holds a NUL");
    scanned = newline + 1;
  }
  const std::string_view rest = wire.substr(scanned);
  if (rest.find('\0') != std::string_view::npos) return fail("a line holds a NUL");
  const size_t cr = rest.find('\r');
  if (cr != std::string_view::npos && cr + 1 < rest.size()) return fail("a line holds a bare CR");
  if (wire.size() < limits.head_bytes) return Progress::need_more;
  return scanned == 0 ? fail("the target is too long", 414) : fail("the header is too large", 431);
}

Progress RequestParser::Impl::explain(const error_code& ec, std::string_view wire) {
  if (stopped) return Progress::stopped;
  if (refused) return Progress::malformed;
  if (ec == beast_http::error::bad_version) {
    // Only a version that is written well but is not ours deserves a 505.
    const std::string_view line = wire.substr(0, wire.find('\r'));
    const size_t at = line.rfind(' ');
    const std::string_view version = at == std::string_view::npos ? line : line.substr(at + 1);
    const auto digit = [](char c) { return c >= '0' && c <= '9'; };
    if (version.size() == 8 && version.starts_with("HTTP/") && digit(version[5]) &&
        version[6] == '.' && digit(version[7]) && !version.starts_with("HTTP/1.0") &&
        !version.starts_with("HTTP/1.1")) {
      return fail("the HTTP version must be 1.0 or 1.1", 505);
    }
    return fail("the HTTP version is malformed");
  }
  if (ec == beast_http::error::bad_method) return fail("the method is malformed");
  if (ec == beast_http::error::bad_target) return fail("the target is malformed");
  if (ec == beast_http::error::bad_field) return fail("a header name is malformed");
  if (ec == beast_http::error::bad_value) return fail("a header value is malformed");
  if (ec == beast_http::error::bad_transfer_encoding) return fail("Transfer-Encoding is malformed");
  if (ec == beast_http::error::bad_content_length ||
      ec == beast_http::error::multiple_content_length) {
    return fail("Content-Length is malformed");
  }
  if (ec == beast_http::error::bad_chunk) return fail("a chunk is malformed");
  if (ec == beast_http::error::bad_chunk_extension) return fail("a chunk extension is malformed");
  if (ec == beast_http::error::header_limit) return fail("the header is too large", 431);
  return fail("the request is malformed");
}

/// What is left after the last whole chunk: not yet a whole one, or never to become one.
Progress RequestParser::Impl::check_chunk_rest(std::string_view rest) {
  if (in_chunk && !rest.empty()) {
    if (rest[0] != '\r' || (rest.size() > 1 && rest[1] != '\n'))
      return fail("a chunk is malformed");
    rest.remove_prefix(std::min<size_t>(2, rest.size()));
  }
  if (rest.empty()) return Progress::need_more;
  size_t digits = 0;
  bool last = true;
  while (digits < rest.size() && is_hex(rest[digits])) last = rest[digits++] == '0' && last;
  if (digits == 0) return fail("a chunk is malformed");
  if (const char* why = check_line_ends(rest)) return fail(why);
  const size_t line = rest.find("\r\n");
  if (std::min(line, rest.size()) > limits.chunk_line_bytes) {
    return fail("a chunk line is too long");
  }
  if (line == std::string_view::npos) return Progress::need_more;
  // A whole line that is not enough for Beast: the last chunk waits for its trailer's end. Anything
  // else is a quoted extension that swallows the line's end.
  if (!last || rest.find("\r\n\r\n", line) != std::string_view::npos) {
    return fail("a chunk extension is malformed");
  }
  trailer_awaited = true;
  return rest.size() > limits.trailer_bytes ? fail("the trailer is too large", 431)
                                            : Progress::need_more;
}

RequestParser::RequestParser(const ParserLimits& limits) : impl_(std::make_unique<Impl>(limits)) {}
RequestParser::~RequestParser() = default;

void RequestParser::reset() {
  Impl& impl = *impl_;
  impl.events.emplace(impl);
  impl.refused = impl.stopped = impl.in_chunk = impl.trailer_awaited = false;
  impl.scanned = 0;
  impl.body_bytes = impl.wire_bytes = 0;
}

Progress RequestParser::read_head(std::string_view wire, RequestHead& head, size_t& used) {
  Impl& impl = *impl_;
  size_t end = 0;
  const Progress scan = impl.scan_head(wire, end);
  if (scan != Progress::done) return scan;
  head.clear();
  impl.head = &head;
  error_code ec;
  impl.events->put(boost::asio::buffer(wire.data(), end), ec);
  if (ec) return impl.explain(ec, wire);
  used = end;
  return Progress::done;
}

Progress RequestParser::read_body(std::string_view wire, BodySink& sink, size_t& used) {
  Impl& impl = *impl_;
  used = 0;
  if (impl.events->is_done()) return Progress::done;
  if (wire.empty()) return Progress::need_more;
  // Beast asserts that the last chunk and its trailer come whole once it has seen the former.
  if (impl.trailer_awaited && wire.find("\r\n\r\n") == std::string_view::npos) {
    return impl.check_chunk_rest(wire);
  }
  impl.sink = &sink;
  while (used < wire.size() && !impl.events->is_done()) {
    error_code ec;
    const std::string_view rest = wire.substr(used);
    const size_t n = impl.events->put(boost::asio::buffer(rest.data(), rest.size()), ec);
    used += n;
    impl.wire_bytes += n;
    if (ec == beast_http::error::need_more) break;
    if (ec) return impl.explain(ec, rest);
  }
  if (!impl.events->chunked()) {
    return impl.events->is_done() ? Progress::done : Progress::need_more;
  }
  // Framing may cost some bytes, not multiples of what it carries.
  if (impl.wire_bytes > 64 * 1024 + 16 * impl.body_bytes)
    return impl.fail("the chunks are too small");
  if (impl.events->is_done()) return Progress::done;
  return impl.check_chunk_rest(wire.substr(used));
}

const Malformed& RequestParser::refusal() const { return impl_->refusal; }

}  // namespace forecourt::gateway
