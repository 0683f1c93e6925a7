#include "base/rfc3339.hpp"

#include <chrono>

namespace forecourt {
namespace {

/// Takes fixed-width fields from the front of a text; once one is missing, `ok` stays false.
struct Reader {
  std::string_view text;
  bool ok = true;

  int digits(size_t n) {
    int value = 0;
    if (text.size() < n) ok = false;
    for (size_t i = 0; ok && i < n; ++i) {
      if (text[i] < '0' || text[i] > '9') ok = false;
      value = value * 10 + (text[i] - '0');
    }
    if (ok) text.remove_prefix(n);
    return value;
  }
  bool take(char upper, char lower) {
    if (text.empty() || (text.front() != upper && text.front() != lower)) return false;
    text.remove_prefix(1);
    return true;
  }
  void need(char upper, char lower) {
    if (!take(upper, lower)) ok = false;
  }
  void need(char c) { need(c, c); }
};

/// At least `width` digits of a number that is not negative.
void append_digits(std::string& out, int64_t value, size_t width) {
  char digits[20];
  size_t n = 0;
  for (; n < width || value > 0; value /= 10) digits[n++] = static_cast<char>('0' + value % 10);
  while (n > 0) out += digits[--n];
}

int fraction_ms(Reader& in) {
  int value = 0;
  int scale = 100;
  size_t n = 0;
  while (n < in.text.size() && in.text[n] >= '0' && in.text[n] <= '9') {
    value += (in.text[n] - '0') * scale;
    scale /= 10;
    ++n;
  }
  if (n == 0) in.ok = false;
  in.text.remove_prefix(n);
  return value;
}

int offset_minutes(Reader& in) {
  if (in.take('Z', 'z')) return 0;
  const int sign = in.take('-', '-') ? -1 : 1;
  if (sign > 0) in.need('+');
  const int hours = in.digits(2);
  in.need(':');
  const int minutes = in.digits(2);
  if (hours > 23 || minutes > 59) in.ok = false;
  return sign * (hours * 60 + minutes);
}

}  // namespace

std::optional<int64_t> parse_rfc3339(std::string_view text) {
  using namespace std::chrono;
  Reader in{text};
  const int y = in.digits(4);
  in.need('-');
  const int mo = in.digits(2);
  in.need('-');
  const int d = in.digits(2);
  in.need('T', 't');
  const int h = in.digits(2);
  in.need(':');
  const int mi = in.digits(2);
  in.need(':');
  const int s = in.digits(2);
  const int ms = in.take('.', '.') ? fraction_ms(in) : 0;
  const int offset = offset_minutes(in);
  if (!in.ok || !in.text.empty() || h > 23 || mi > 59 || s > 60) return std::nullopt;
  const year_month_day date{year{y}, month{static_cast<unsigned>(mo)},
                            day{static_cast<unsigned>(d)}};
  if (!date.ok()) return std::nullopt;
  const auto at = sys_days{date} + hours{h} + minutes{mi - offset} + seconds{s} + milliseconds{ms};
  return duration_cast<milliseconds>(at.time_since_epoch()).count();
}

std::string format_rfc3339(int64_t ms) {
  using namespace std::chrono;
  const sys_time<milliseconds> at{milliseconds{ms}};
  const sys_days midnight = floor<days>(at);
  const year_month_day date{midnight};
  const hh_mm_ss time{at - midnight};
  std::string text;
  text.reserve(sizeof "-2026-11-22T09:30:00.000Z");
  const int year = static_cast<int>(date.year());
  if (year < 0) text += '-';
  append_digits(text, year < 0 ? -year : year, 4);
  append_digits(text += '-', static_cast<unsigned>(date.month()), 2);
  append_digits(text += '-', static_cast<unsigned>(date.day()), 2);
  append_digits(text += 'T', time.hours().count(), 2);
  append_digits(text += ':', time.minutes().count(), 2);
  append_digits(text += ':', time.seconds().count(), 2);
  if (const auto rest = time.subseconds().count(); rest != 0) append_digits(text += '.', rest, 3);
  return text += 'Z';
}

}  // namespace forecourt
