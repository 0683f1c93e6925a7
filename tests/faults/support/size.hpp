#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <string>

namespace faults {

/// `./dev faults` asks for the whole attack; without it (`./dev test`) a slice is run.
inline bool full_size() {
  const char* wanted = std::getenv("FORECOURT_FAULTS");
  return wanted != nullptr && std::string(wanted) == "full";
}
inline int64_t size(int64_t slice, int64_t full) { return full_size() ? full : slice; }

/// "1234567" → "1,234,567"
inline std::string grouped(int64_t number) {
  const std::string digits = std::to_string(number);
  std::string text;
  for (size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) text += ',';
    text += digits[i];
  }
  return text;
}

/// What stands in the attack's row of the table: how much was done, and what was measured.
inline void report(const std::string& done, const std::string& figures = "") {
  testing::Test::RecordProperty("size", done);
  testing::Test::RecordProperty("figures", figures);
}

}  // namespace faults
