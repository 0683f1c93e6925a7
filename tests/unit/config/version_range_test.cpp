#include "config/version_range.hpp"

#include <gtest/gtest.h>

namespace forecourt::config {
namespace {

TEST(VersionRange, RefusesWhatIsNoRange) {
  for (const char* text : {"", "1", "1.2", "^", "~", ">=", "^a", "1.2.3.4", "01.2.3", "^1.2.x",
                           "1.2.3 ", " *", ">1.0", "1.2.3-beta", "4294967296.0.0", "^-1.0"}) {
    EXPECT_FALSE(VersionRange::parse(text)) << text;
  }
}

TEST(VersionRange, AVersionHasThreeNumbers) {
  for (const char* text : {"", "1", "1.2", "1.2.3.4", "v1.2.3", "1.02.3"})
    EXPECT_FALSE(Version::parse(text)) << text;
  EXPECT_EQ(Version::parse("1.20.3")->text(), "1.20.3");
}

TEST(VersionRange, TakesWhatItsFormSays) {
  struct Row {
    const char* range;
    const char* version;
    bool inside;
  };
  const Row rows[] = {
      {"*", "0.0.0", true},       {"*", "999.1.2", true},    {"1.2.3", "1.2.3", true},
      {"1.2.3", "1.2.4", false},  {"1.2.3", "1.2.2", false}, {"^1.0", "1.0.0", true},
      {"^1.0", "1.99.7", true},   {"^1.0", "2.0.0", false},  {"^1.2", "1.1.9", false},
      {"^1.2.3", "1.2.2", false}, {"^0.3", "0.3.9", true},   {"^0.3", "0.4.0", false},
      {"~1.2", "1.2.99", true},   {"~1.2", "1.3.0", false},  {"~1.2.5", "1.2.4", false},
      {">=1.0", "7.0.0", true},   {">=1.0", "0.9.9", false}, {">=1.2.3", "1.2.3", true}};
  for (const Row& row : rows) {
    EXPECT_EQ(VersionRange::parse(row.range)->contains(*Version::parse(row.version)), row.inside)
        << row.range << " " << row.version;
  }
}

}  // namespace
}  // namespace forecourt::config
