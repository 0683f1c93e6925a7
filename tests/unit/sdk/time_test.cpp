#include <forecourt/cpp/time.hpp>

#include <gtest/gtest.h>

#include <optional>

namespace {

TEST(Time, RefusesWhatIsNoDateTime) {
  for (const char* text : {"",
                           "2018",
                           "2018-06-08",
                           "2018-06-08 10:34:56Z",
                           "2018-06-08T10:34:56",
                           "2018-06-08T10:34:56+0800",
                           "2018-6-8T10:34:56Z",
                           "2018-06-08T10:34Z",
                           "2018-06-08T24:00:00Z",
                           "2018-06-08T10:60:00Z",
                           "2018-06-08T10:34:61Z",
                           "2018-02-29T00:00:00Z",
                           "2018-13-01T00:00:00Z",
                           "2018-00-01T00:00:00Z",
                           "2018-06-00T00:00:00Z",
                           "2018-06-31T00:00:00Z",
                           "2018-06-08T10:34:56.Z",
                           "2018-06-08T10:34:56Zx",
                           "2018-06-08T10:34:56+24:00",
                           "2018-06-08T10:34:56+08:60",
                           "-018-06-08T10:34:56Z",
                           "2018-06-08T10:34:56.1",
                           " 2018-06-08T10:34:56Z",
                           "2018-06-08T10:34:5aZ"}) {
    EXPECT_EQ(fc::parse_rfc3339(text), std::nullopt) << text;
  }
}

TEST(Time, ReadsOffsetsFractionsAndLowerCase) {
  EXPECT_EQ(fc::parse_rfc3339("1970-01-01T00:00:00Z"), 0);
  EXPECT_EQ(fc::parse_rfc3339("2018-06-08T10:34:56+08:00"), 1528425296000);
  EXPECT_EQ(fc::parse_rfc3339("2018-06-07t23:04:56.5-03:30"), 1528425296500);
  EXPECT_EQ(fc::parse_rfc3339("2018-06-08T02:34:56.123999Z"), 1528425296123);
  EXPECT_EQ(fc::parse_rfc3339("1969-12-31T23:59:59.999Z"), -1);
  EXPECT_EQ(fc::parse_rfc3339("2016-12-31T23:59:60Z"), fc::parse_rfc3339("2016-12-31T23:59:59Z"));
  EXPECT_EQ(fc::parse_rfc3339("2024-02-29T00:00:00Z"), 1709164800000);
}

TEST(Time, WritesUtcWithMilliseconds) {
  EXPECT_EQ(fc::rfc3339(0), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(fc::rfc3339(1528425296007), "2018-06-08T02:34:56.007Z");
  EXPECT_EQ(fc::rfc3339(-1), "1969-12-31T23:59:59.999Z");
}

TEST(Time, WhatIsWrittenReadsBackTheSame) {
  for (int64_t ms = -62'167'219'200'000; ms < 253'402'300'799'999; ms += 86'399'999'989'7) {
    EXPECT_EQ(fc::parse_rfc3339(fc::rfc3339(ms)), ms);
  }
}

}  // namespace
