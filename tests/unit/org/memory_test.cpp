#include <gtest/gtest.h>

#include <new>

#include "org/credential.hpp"
#include "support/openssl_memory.hpp"

namespace forecourt::org {
namespace {

TEST(Memory, ACredentialIsNeverTakenForAnotherForWantOfIt) {
  ASSERT_TRUE(openssl_memory::in_place());
  const Digest others = digest_of("somebody else's");
  bool failed = true;
  for (int64_t n = 1; failed; ++n) {
    // Both into the same place: what stays there after a failure is the digest of somebody else.
    for (const bool mine : {false, true}) {
      const openssl_memory::Failing failing(mine ? n : 0, false);
      try {
        const Digest digest = digest_of(mine ? "a credential" : "somebody else's");
        EXPECT_EQ(digest != others, mine) << "allocation " << n;
      } catch (const std::bad_alloc&) {
      }
      failed = failing.failed();
    }
  }
}

}  // namespace
}  // namespace forecourt::org
