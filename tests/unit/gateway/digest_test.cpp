#include "gateway/digest.hpp"

#include <gtest/gtest.h>

#include <new>

#include "support/openssl_memory.hpp"

namespace forecourt::gateway::testing {
namespace {

TEST(Digest, WithoutMemoryThereIsNoneRatherThanAWrongOne) {
  ASSERT_TRUE(openssl_memory::in_place());
  const Sha256 right = sha256("a body");
  openssl_memory::each([&] {
    try {
      EXPECT_EQ(sha256("a body"), right);
    } catch (const std::bad_alloc&) {
    }
  });
}

}  // namespace
}  // namespace forecourt::gateway::testing
