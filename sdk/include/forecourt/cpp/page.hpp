#pragma once

#include <forecourt/cpp/call.hpp>

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fc {

namespace detail {

inline std::string base64url(std::string_view bytes) {
  static constexpr char k_digits[] =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string out;
  uint32_t bits = 0;
  int count = 0;
  for (const char c : bytes) {
    bits = (bits << 8) | static_cast<unsigned char>(c);
    for (count += 8; count >= 6; count -= 6) out += k_digits[(bits >> (count - 6)) & 63];
  }
  if (count > 0) out += k_digits[(bits << (6 - count)) & 63];
  return out;
}

inline std::optional<std::string> from_base64url(std::string_view text) {
  std::string out;
  uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    uint32_t digit = 0;
    if (c >= 'A' && c <= 'Z')
      digit = static_cast<uint32_t>(c - 'A');
    else if (c >= 'a' && c <= 'z')
      digit = static_cast<uint32_t>(c - 'a') + 26;
    else if (c >= '0' && c <= '9')
      digit = static_cast<uint32_t>(c - '0') + 52;
    else if (c == '-')
      digit = 62;
    else if (c == '_')
      digit = 63;
    else
      return std::nullopt;
    bits = (bits << 6) | digit;
    if ((count += 6) >= 8) {
      count -= 8;
      out += static_cast<char>((bits >> count) & 0xFF);
    }
  }
  return out;
}

}  // namespace detail

/// One page of a list, by keyset: the cursor is the key of the last row seen, opaque to clients.
///   auto page = fc::Page<Member>::of(call);
///   for (auto row : call.query("... WHERE id > $1 ORDER BY id LIMIT $2", page.after(),
///   page.fetch()))
///     if (!page.add(read_member(row), row.text(0))) break;
///   return fc::ok(page);
template <class T>
class Page {
 public:
  /// Reads `limit` (1 to 100, default 50) and `cursor` from the query string. A cursor we did not
  /// make is a 400.
  static Page of(const Call& call) {
    Page page;
    if (const auto limit = call.query_parameter("limit")) {
      const char* end = limit->data() + limit->size();
      const auto parsed = std::from_chars(limit->data(), end, page.limit_);
      if (parsed.ec != std::errc() || parsed.ptr != end || page.limit_ < 1 || page.limit_ > 100) {
        refuse(400, "invalid-parameter", "limit: must be between 1 and 100");
      }
    }
    if (const auto cursor = call.query_parameter("cursor")) {
      auto key = detail::from_base64url(*cursor);
      if (!key || key->size() < 2 || key->front() != 'k' || detail::base64url(*key) != *cursor) {
        refuse(400, "invalid-parameter",
               "cursor: is not one this API gave out; leave it out to start over");
      }
      page.after_ = key->substr(1);
    }
    return page;
  }

  /// The key to continue after; empty at the start.
  const std::string& after() const { return after_; }
  /// Rows to ask the database for: one more than shown tells whether there is a next page.
  int64_t fetch() const { return limit_ + 1; }

  /// False when the page is full; the row was not taken.
  bool add(T item, std::string_view key) {
    if (static_cast<int64_t>(items.size()) == limit_) {
      next_cursor = detail::base64url("k" + last_);
      return false;
    }
    last_ = std::string(key);
    items.push_back(std::move(item));
    return true;
  }

  std::vector<T> items;
  std::optional<std::string> next_cursor;

 private:
  int64_t limit_ = 50;
  std::string after_;
  std::string last_;
};

template <class T>
void write_json(std::string& out, const Page<T>& page) {
  out += "{\"items\":";
  write_json(out, page.items);
  out += ",\"next_cursor\":";
  write_json(out, page.next_cursor);
  out += '}';
}

template <class T>
Reply ok(const Page<T>& page) {
  std::string body;
  write_json(body, page);
  return {200, "application/json", std::move(body)};
}

}  // namespace fc
