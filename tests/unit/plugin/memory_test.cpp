#include <gtest/gtest.h>

#include <new>

#include "plugin/json_check.hpp"
#include "support/failing_new.hpp"

namespace forecourt::plugin {
namespace {

TEST(JsonMemory, WithoutItTheCheckFailsInsteadOfTheHost) {
  int64_t n = 0;
  bool failed = true;
  while (failed) {
    const failing_new::Failing failing(++n, failing_new::Of::this_thread);
    try {
      EXPECT_TRUE(is_json(R"({"a": [1, {"b": "c"}]})"));
    } catch (const std::bad_alloc&) {
    }
    failed = failing.failed();
  }
  EXPECT_GT(n, 2) << "the parser's stack came from elsewhere";
}

}  // namespace
}  // namespace forecourt::plugin
