#include "secrets/secret_box.hpp"

#include <gtest/gtest.h>

#include <string>

namespace forecourt::secrets {
namespace {

constexpr std::array<uint8_t, 24> k_fresh = {9};
const Key k_first = {1};

std::string seal(const SecretBox& box, std::string_view context, std::string_view plain) {
  std::string sealed(SecretBox::sealed_size(plain.size()), '\0');
  box.seal(k_fresh, context, plain, reinterpret_cast<uint8_t*>(sealed.data()));
  return sealed;
}

std::optional<std::string> open(const SecretBox& box, std::string_view context,
                                std::string_view sealed) {
  std::string plain(SecretBox::plain_size(sealed).value_or(0), '\0');
  if (!box.open(context, sealed, reinterpret_cast<uint8_t*>(plain.data()))) return std::nullopt;
  return plain;
}

/// "hello" sealed for the owner "plugin" in the context "row" under k_first, in the format from
/// before keys had names.
std::string unnamed() {
  constexpr uint8_t k_bytes[] = {0x01, 0x5e, 0x5c, 0x05, 0x19, 0xee, 0x84, 0x73, 0x22, 0x9a,
                                 0xe9, 0xcb, 0xca, 0x9a, 0x14, 0x1b, 0xa3, 0x20, 0xfb, 0x9c,
                                 0xb3, 0x35, 0xe0, 0x3a, 0x54, 0x78, 0xb3, 0x92, 0xf9, 0x87,
                                 0x1c, 0x1f, 0x0a, 0x0d, 0x85, 0x7a, 0x85, 0xc3, 0x2b, 0x24,
                                 0xc5, 0x22, 0x8c, 0xec, 0xa9, 0x8c};
  return {reinterpret_cast<const char*>(k_bytes), sizeof k_bytes};
}

TEST(SecretBox, RefusesWhatIsTooShortOrOfNoFormat) {
  const SecretBox box(Keyring(k_first), "plugin");
  const std::string sealed = seal(box, "row", "");
  EXPECT_EQ(open(box, "row", sealed), "");
  EXPECT_EQ(open(box, "row", ""), std::nullopt);
  EXPECT_EQ(open(box, "row", sealed.substr(0, sealed.size() - 1)), std::nullopt);
  EXPECT_EQ(open(box, "row", "\3" + sealed.substr(1)), std::nullopt);
  EXPECT_EQ(open(box, "row", unnamed().substr(0, 40)), std::nullopt);
}

TEST(SecretBox, RefusesEveryChangedByte) {
  const SecretBox box(Keyring(k_first), "plugin");
  for (const std::string& sealed : {seal(box, "row", "hello"), unnamed()}) {
    for (size_t i = 0; i < sealed.size(); ++i) {
      std::string bent = sealed;
      bent[i] ^= 1;
      EXPECT_EQ(open(box, "row", bent), std::nullopt) << i;
    }
    EXPECT_EQ(open(box, "another row", sealed), std::nullopt);
  }
}

TEST(SecretBox, RefusesAKeyThatIsNotThere) {
  const SecretBox box(Keyring(k_first), "plugin");
  const SecretBox stranger(Keyring(Key{2}), "plugin");
  const SecretBox another(Keyring(k_first), "another");
  for (const std::string& sealed : {seal(box, "row", "hello"), unnamed()}) {
    EXPECT_EQ(open(stranger, "row", sealed), std::nullopt);
    EXPECT_EQ(open(another, "row", sealed), std::nullopt);
  }
}

TEST(SecretBox, OpensWhatFormerKeysSealed) {
  const auto twice = Keyring(k_first).rotated()->rotated();
  ASSERT_TRUE(twice.ok());
  const auto once = Keyring::of({twice->keys()[1], k_first});
  const SecretBox oldest(Keyring(k_first), "plugin");
  const SecretBox former(*once, "plugin");
  const SecretBox now(*twice, "plugin");
  EXPECT_EQ(open(now, "row", seal(oldest, "row", "a")), "a");
  EXPECT_EQ(open(now, "row", seal(former, "row", "b")), "b");
  EXPECT_EQ(open(now, "row", seal(now, "row", "c")), "c");
  EXPECT_EQ(open(now, "row", unnamed()), "hello");
  EXPECT_EQ(open(former, "row", seal(now, "row", "c")), std::nullopt);
}

TEST(SecretBox, KnowsWhatRestsUnderAFormerKey) {
  const auto rotated = Keyring(k_first).rotated();
  const SecretBox former(Keyring(k_first), "plugin");
  const SecretBox now(*rotated, "plugin");
  EXPECT_FALSE(former.is_outdated(seal(former, "row", "a")));
  EXPECT_TRUE(now.is_outdated(seal(former, "row", "a")));
  EXPECT_TRUE(former.is_outdated(unnamed()));
  EXPECT_TRUE(now.is_outdated(""));
}

}  // namespace
}  // namespace forecourt::secrets
