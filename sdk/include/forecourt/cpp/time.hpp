#pragma once

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>

namespace fc {

/// "2026-11-22T13:34:00.000Z"; years 0000 to 9999.
inline std::string rfc3339(int64_t ms) {
  using namespace std::chrono;
  const sys_time<milliseconds> time{milliseconds(ms)};
  const auto day = floor<days>(time);
  const year_month_day date{day};
  const hh_mm_ss clock{time - day};
  char out[40];
  std::snprintf(
      out, sizeof out, "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", static_cast<int>(date.year()),
      static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
      static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
      static_cast<int>(clock.seconds().count()), static_cast<int>(clock.subseconds().count()));
  return out;
}

/// Milliseconds of an RFC 3339 date-time ("2018-06-08T10:34:56+08:00"); nullopt when it is none. A
/// leap second counts as the second before it; digits past milliseconds are cut.
inline std::optional<int64_t> parse_rfc3339(std::string_view text) {
  size_t at = 0;
  const auto number = [&](size_t digits, int& out) {
    if (text.size() - at < digits) return false;
    out = 0;
    for (size_t i = 0; i < digits; ++i) {
      const char c = text[at + i];
      if (c < '0' || c > '9') return false;
      out = out * 10 + (c - '0');
    }
    at += digits;
    return true;
  };
  const auto mark = [&](char lower, char upper) {
    if (at >= text.size() || (text[at] != lower && text[at] != upper)) return false;
    ++at;
    return true;
  };
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, millis = 0;
  if (!number(4, year) || !mark('-', '-') || !number(2, month) || !mark('-', '-') ||
      !number(2, day))
    return {};
  if (!mark('t', 'T') || !number(2, hour) || !mark(':', ':') || !number(2, minute)) return {};
  if (!mark(':', ':') || !number(2, second)) return {};
  if (at < text.size() && text[at] == '.') {
    const size_t first = ++at;
    for (int scale = 100; at < text.size() && text[at] >= '0' && text[at] <= '9';
         ++at, scale /= 10) {
      millis += scale * (text[at] - '0');
    }
    if (at == first) return {};
  }
  int offset_minutes = 0;
  if (!mark('z', 'Z')) {
    const bool east = at < text.size() && text[at] == '+';
    int hours = 0, minutes = 0;
    if (!mark('+', '-') || !number(2, hours) || !mark(':', ':') || !number(2, minutes)) return {};
    if (hours > 23 || minutes > 59) return {};
    offset_minutes = (hours * 60 + minutes) * (east ? 1 : -1);
  }
  if (at != text.size() || hour > 23 || minute > 59 || second > 60) return {};
  if (second == 60) second = 59;
  using namespace std::chrono;
  const year_month_day date{std::chrono::year{year},
                            std::chrono::month{static_cast<unsigned>(month)},
                            std::chrono::day{static_cast<unsigned>(day)}};
  if (!date.ok()) return {};
  const auto time = sys_days{date} + hours{hour} + minutes{minute} + seconds{second} +
                    milliseconds{millis} - minutes{offset_minutes};
  return duration_cast<milliseconds>(time.time_since_epoch()).count();
}

}  // namespace fc
