#pragma once

#include <forecourt/cpp/json.hpp>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fc {
namespace detail {

/// A recursive descent over RFC 8259. The host has validated request bodies already; this also
/// reads what others sent encrypted, so it trusts nothing.
class JsonReader {
 public:
  explicit JsonReader(std::string_view text) : text_(text) {}

  Json document() {
    if (text_.substr(0, 3) == "\xEF\xBB\xBF") at_ = 3;
    Json value = read_value(0);
    skip_space();
    if (at_ != text_.size()) fail("text after the value");
    return value;
  }

 private:
  [[noreturn]] void fail(const char* why) const {
    throw Error(FC_E_INVALID, "JSON: " + std::string(why) + " at byte " + std::to_string(at_));
  }
  bool more() const { return at_ < text_.size(); }
  char peek() const { return more() ? text_[at_] : '\0'; }
  void skip_space() {
    while (more() &&
           (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\r' || text_[at_] == '\t'))
      ++at_;
  }
  void expect(std::string_view word) {
    if (text_.substr(at_, word.size()) != word) fail("unknown word");
    at_ += word.size();
  }

  Json read_value(int depth) {
    if (depth > 64) fail("nested too deep");
    skip_space();
    switch (peek()) {
      case '{': return read_object(depth);
      case '[': return read_array(depth);
      case '"': return Json(read_string());
      case 't': expect("true"); return Json(true);
      case 'f': expect("false"); return Json(false);
      case 'n': expect("null"); return Json();
      default: return read_number();
    }
  }

  Json read_object(int depth) {
    ++at_;
    Json::Object object;
    skip_space();
    if (peek() == '}') {
      ++at_;
      return Json(std::move(object));
    }
    for (;;) {
      skip_space();
      if (peek() != '"') fail("expected a member name");
      std::string name = read_string();
      skip_space();
      if (peek() != ':') fail("expected ':'");
      ++at_;
      object.emplace_back(std::move(name), read_value(depth + 1));
      skip_space();
      if (peek() == ',') {
        ++at_;
        continue;
      }
      if (peek() != '}') fail("expected ',' or '}'");
      ++at_;
      refuse_duplicates(object);
      return Json(std::move(object));
    }
  }

  /// Two readers of one text that pick different members are how checks are passed by.
  void refuse_duplicates(const Json::Object& object) const {
    std::vector<std::string_view> names;
    names.reserve(object.size());
    for (const Json::Member& member : object) names.push_back(member.first);
    std::sort(names.begin(), names.end());
    if (std::adjacent_find(names.begin(), names.end()) != names.end())
      fail("a member twice in the object");
  }

  Json read_array(int depth) {
    ++at_;
    Json::Array array;
    skip_space();
    if (peek() == ']') {
      ++at_;
      return Json(std::move(array));
    }
    for (;;) {
      array.push_back(read_value(depth + 1));
      skip_space();
      if (peek() == ',') {
        ++at_;
        continue;
      }
      if (peek() != ']') fail("expected ',' or ']'");
      ++at_;
      return Json(std::move(array));
    }
  }

  Json read_number() {
    const size_t start = at_;
    if (peek() == '-') ++at_;
    const auto digits = [this] {
      const size_t from = at_;
      while (peek() >= '0' && peek() <= '9') ++at_;
      if (at_ == from) fail("expected a digit");
      return at_ - from;
    };
    const size_t first = at_;
    if (digits() > 1 && text_[first] == '0') fail("number starts with 0");
    bool whole = true;
    if (peek() == '.') {
      whole = false;
      ++at_;
      digits();
    }
    if (peek() == 'e' || peek() == 'E') {
      whole = false;
      ++at_;
      if (peek() == '+' || peek() == '-') ++at_;
      digits();
    }
    const char* begin = text_.data() + start;
    const char* end = text_.data() + at_;
    if (whole) {
      int64_t integer = 0;
      const auto parsed = std::from_chars(begin, end, integer);
      if (parsed.ec == std::errc()) return Json(static_cast<long long>(integer));
    }
    double real = 0;
    const auto parsed = std::from_chars(begin, end, real);
    if (parsed.ec != std::errc()) {
      // Out of range both ways: too close to zero is zero, too large has no value.
      const std::string_view digits_seen(begin, static_cast<size_t>(end - begin));
      if (digits_seen.find("e-") == digits_seen.npos &&
          digits_seen.find("E-") == digits_seen.npos) {
        fail("number out of range");
      }
      real = 0;
    }
    return Json(real);
  }

  unsigned read_hex4() {
    if (text_.size() - at_ < 4) fail("bad \\u escape");
    unsigned code = 0;
    const auto parsed = std::from_chars(text_.data() + at_, text_.data() + at_ + 4, code, 16);
    if (parsed.ptr != text_.data() + at_ + 4) fail("bad \\u escape");
    at_ += 4;
    return code;
  }

  static void append_utf8(std::string& out, unsigned code) {
    if (code < 0x80) {
      out += static_cast<char>(code);
    } else if (code < 0x800) {
      out += static_cast<char>(0xC0 | (code >> 6));
      out += static_cast<char>(0x80 | (code & 0x3F));
    } else if (code < 0x10000) {
      out += static_cast<char>(0xE0 | (code >> 12));
      out += static_cast<char>(0x80 | ((code >> 6) & 0x3F));
      out += static_cast<char>(0x80 | (code & 0x3F));
    } else {
      out += static_cast<char>(0xF0 | (code >> 18));
      out += static_cast<char>(0x80 | ((code >> 12) & 0x3F));
      out += static_cast<char>(0x80 | ((code >> 6) & 0x3F));
      out += static_cast<char>(0x80 | (code & 0x3F));
    }
  }

  void read_escape(std::string& out) {
    if (!more()) fail("text ends in an escape");
    const char c = text_[at_++];
    switch (c) {
      case '"':
      case '\\':
      case '/': out += c; return;
      case 'b': out += '\b'; return;
      case 'f': out += '\f'; return;
      case 'n': out += '\n'; return;
      case 'r': out += '\r'; return;
      case 't': out += '\t'; return;
      case 'u': break;
      default: fail("unknown escape");
    }
    unsigned code = read_hex4();
    if (code >= 0xDC00 && code < 0xE000) fail("lone surrogate");
    if (code >= 0xD800 && code < 0xDC00) {
      if (text_.substr(at_, 2) != "\\u") fail("lone surrogate");
      at_ += 2;
      const unsigned low = read_hex4();
      if (low < 0xDC00 || low > 0xDFFF) fail("lone surrogate");
      code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
    }
    append_utf8(out, code);
  }

  std::string read_string() {
    ++at_;
    std::string out;
    for (;;) {
      if (!more()) fail("text without end");
      const char c = text_[at_];
      if (c == '"') {
        ++at_;
        return out;
      }
      if (static_cast<unsigned char>(c) < 0x20) fail("control character in text");
      if (static_cast<unsigned char>(c) >= 0x80) {
        read_utf8(out);
        continue;
      }
      ++at_;
      if (c == '\\') {
        read_escape(out);
      } else {
        out += c;
      }
    }
  }

  /// One character of two to four bytes: shortest form, no surrogates, at most U+10FFFF.
  void read_utf8(std::string& out) {
    const auto byte = [this](size_t i) -> unsigned {
      return at_ + i < text_.size() ? static_cast<unsigned char>(text_[at_ + i]) : 0;
    };
    const unsigned lead = byte(0);
    size_t length = 0;
    if (lead >= 0xC2 && lead <= 0xDF) length = 2;
    if (lead >= 0xE0 && lead <= 0xEF) length = 3;
    if (lead >= 0xF0 && lead <= 0xF4) length = 4;
    bool good = length != 0;
    for (size_t i = 1; i < length; ++i) good = good && (byte(i) & 0xC0) == 0x80;
    if (lead == 0xE0) good = good && byte(1) >= 0xA0;
    if (lead == 0xED) good = good && byte(1) < 0xA0;
    if (lead == 0xF0) good = good && byte(1) >= 0x90;
    if (lead == 0xF4) good = good && byte(1) < 0x90;
    if (!good) fail("text is not UTF-8");
    out += text_.substr(at_, length);
    at_ += length;
  }

  std::string_view text_;
  size_t at_ = 0;
};

}  // namespace detail

inline Json Json::parse(std::string_view text) { return detail::JsonReader(text).document(); }

}  // namespace fc
