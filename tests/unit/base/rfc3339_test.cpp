#include "base/rfc3339.hpp"

#include <gtest/gtest.h>

namespace forecourt {
namespace {

TEST(Rfc3339, RefusesWhatIsNotADateTimeWithAnOffset) {
  for (const char* text :
       {"", "2024-01-01", "2024-01-01T00:00:00", "2024-1-01T00:00:00Z", "2024-13-01T00:00:00Z",
        "2024-00-01T00:00:00Z", "2024-02-30T00:00:00Z", "2023-02-29T00:00:00Z",
        "2024-01-01T24:00:00Z", "2024-01-01T00:60:00Z", "2024-01-01T00:00:00+24:00",
        "2024-01-01T00:00:00+0800", "2024-01-01T00:00:00.Z", "2024-01-01T00:00:00Zx",
        " 2024-01-01T00:00:00Z", "2024/01/01T00:00:00Z", "99999-01-01T00:00:00Z"}) {
    EXPECT_FALSE(parse_rfc3339(text)) << text;
  }
}

TEST(Rfc3339, ReadsOffsetsAndFractions) {
  EXPECT_EQ(parse_rfc3339("1970-01-01T00:00:00Z"), 0);
  EXPECT_EQ(parse_rfc3339("1970-01-01T08:00:00+08:00"), 0);
  EXPECT_EQ(parse_rfc3339("1970-01-01T00:00:01.2345Z"), 1234);
  EXPECT_EQ(parse_rfc3339("2024-02-29T12:30:00-05:30"), parse_rfc3339("2024-02-29T18:00:00Z"));
}

TEST(Rfc3339, WritesWhatItReads) {
  for (const char* text :
       {"2030-01-31T00:00:00Z", "2030-01-31T23:59:59.007Z", "1970-01-01T00:00:00Z"}) {
    EXPECT_EQ(format_rfc3339(*parse_rfc3339(text)), text);
  }
}

}  // namespace
}  // namespace forecourt
