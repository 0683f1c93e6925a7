#include "org/timezone.hpp"

#include <gtest/gtest.h>

namespace forecourt::org {
namespace {

TEST(Timezone, RefusesWhatIsNotAnIanaName) {
  for (const char* name : {"", "Asia", "asia/shanghai", "Asia/Nowhere", "+08:00", "localtime",
                           "../../etc/passwd", "Asia/Shanghai "}) {
    EXPECT_FALSE(is_timezone(name)) << name;
  }
}

TEST(Timezone, KnowsIanaNames) {
  for (const char* name : {"Asia/Shanghai", "Asia/Urumqi", "Europe/Berlin", "UTC"}) {
    EXPECT_TRUE(is_timezone(name)) << name;
  }
}

}  // namespace
}  // namespace forecourt::org
