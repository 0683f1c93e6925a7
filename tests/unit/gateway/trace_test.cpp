#include "gateway/trace.hpp"

#include <gtest/gtest.h>

namespace forecourt::gateway::testing {
namespace {

TEST(Traces, AreSampledUnlessTheirCallerSaysOtherwise) {
  const std::string trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-";
  EXPECT_FALSE(Traces::is_sampled(trace + "00"));
  EXPECT_FALSE(Traces::is_sampled(trace + "fe"));
  EXPECT_TRUE(Traces::is_sampled(trace + "01"));
  EXPECT_TRUE(Traces::is_sampled(trace + "0b"));
  for (const std::string& none : {std::string(), trace, trace + "0", trace + "0g", trace + "00-"})
    EXPECT_TRUE(Traces::is_sampled(none)) << none;
}

}  // namespace
}  // namespace forecourt::gateway::testing
