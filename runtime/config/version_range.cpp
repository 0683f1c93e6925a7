#include "config/version_range.hpp"

#include <charconv>

namespace forecourt::config {
namespace {

Error expected(std::string_view text, std::string_view form) {
  return invalid("\"" + std::string(text) + "\": expected " + std::string(form));
}

struct Parts {
  Version version;
  int count = 0;
};

/// Reads one to three numbers without leading zeros, joined by dots; count 0 when it is anything
/// else.
Parts parse_parts(std::string_view text) {
  Parts parts;
  uint32_t* const into[] = {&parts.version.major, &parts.version.minor, &parts.version.patch};
  const char* at = text.data();
  const char* const end = at + text.size();
  while (parts.count < 3) {
    const auto [next, failure] = std::from_chars(at, end, *into[parts.count]);
    if (failure != std::errc{} || (*at == '0' && next - at > 1)) return {};
    if (*into[parts.count] > 1'000'000'000) return {};
    ++parts.count;
    if (next == end) return parts;
    if (*next != '.') return {};
    at = next + 1;
  }
  return {};
}

}  // namespace

Result<Version> Version::parse(std::string_view text) {
  const Parts parts = parse_parts(text);
  if (parts.count != 3) return expected(text, "a version \"major.minor.patch\", e.g. \"1.0.0\"");
  return parts.version;
}

std::string Version::text() const {
  return std::to_string(major) + "." + std::to_string(minor) + "." + std::to_string(patch);
}

Result<VersionRange> VersionRange::parse(std::string_view text) {
  VersionRange range;
  range.text_ = text;
  if (text == "*") return range;

  std::string_view numbers = text;
  const bool at_least = numbers.starts_with(">=");
  const char sign = numbers.empty() ? '\0' : numbers.front();
  if (at_least) {
    numbers.remove_prefix(2);
  } else if (sign == '^' || sign == '~') {
    numbers.remove_prefix(1);
  }
  const Parts parts = parse_parts(numbers);
  const bool exact = !at_least && sign != '^' && sign != '~';
  if (parts.count == 0 || (exact && parts.count != 3)) {
    return expected(text, "a version range: \"1.2.3\", \"^1.0\", \"~1.2\", \">=1.0\" or \"*\"");
  }
  range.from_ = parts.version;
  if (at_least) return range;
  const Version& from = parts.version;
  if (exact) {
    range.below_ = {from.major, from.minor, from.patch + 1};
  } else if (sign == '^' && from.major > 0) {
    range.below_ = {from.major + 1, 0, 0};
  } else {
    range.below_ = {from.major, from.minor + 1, 0};
  }
  return range;
}

bool VersionRange::contains(const Version& version) const {
  return version >= from_ && version < below_;
}

}  // namespace forecourt::config
