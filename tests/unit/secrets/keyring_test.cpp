#include "secrets/keyring.hpp"

#include <gtest/gtest.h>

namespace forecourt::secrets {
namespace {

const std::string k_hex = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
const std::string k_base64 = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

TEST(Keyring, RefusesWhatIsNoListOfKeysAndDoesNotRepeatIt) {
  for (const std::string& text :
       {std::string(), std::string("secret"), k_hex.substr(2), k_hex + "00", "g" + k_hex.substr(1),
        "*" + k_base64.substr(1), k_base64 + "=", k_hex + ",", "," + k_hex, k_hex + "," + k_base64,
        k_hex + " " + k_hex}) {
    const auto ring = parse_keyring(text);
    ASSERT_FALSE(ring.ok()) << text;
    EXPECT_EQ(ring.error().message.find(text.empty() ? "?" : text), std::string::npos);
    EXPECT_EQ(ring.error().message.find("0405"), std::string::npos) << ring.error().message;
  }
  EXPECT_NE(parse_keyring(k_hex + ",x").error().message.find("key 2"), std::string::npos);
}

TEST(Keyring, RefusesMoreKeysThanAnybodyNeeds) {
  Keyring ring(Key{});
  for (size_t i = 1; i < Keyring::k_keys_max; ++i) {
    auto more = ring.rotated();
    ASSERT_TRUE(more.ok());
    ring = *more;
  }
  EXPECT_FALSE(ring.rotated().ok());
}

TEST(Keyring, DropsNeitherTheNewestNorOneThatIsNotThere) {
  const auto ring = Keyring(Key{1}).rotated();
  ASSERT_TRUE(ring.ok());
  EXPECT_EQ(ring->without(ring->ids().front()).error().code, Code::conflict);
  EXPECT_EQ(ring->without("00000000").error().code, Code::not_found);
  const auto rest = ring->without(id_of(Key{1}));
  ASSERT_TRUE(rest.ok());
  EXPECT_EQ(rest->ids().size(), 1u);
}

TEST(Keyring, ReadsHexAndBase64WithSpaceAround) {
  const auto hex = parse_keyring(" " + k_hex + "\n");
  const auto base64 = parse_keyring(k_base64);
  const auto unpadded = parse_keyring(k_base64.substr(0, 43));
  ASSERT_TRUE(hex.ok() && base64.ok() && unpadded.ok());
  EXPECT_EQ(hex->ids(), base64->ids());
  EXPECT_EQ(hex->ids(), unpadded->ids());
  const auto two = parse_keyring(std::string(64, 'a') + ", " + k_hex);
  ASSERT_TRUE(two.ok()) << two.error().message;
  EXPECT_EQ(two->ids()[1], hex->ids()[0]) << "in the order given";
}

TEST(Keyring, ANewKeyComesInFront) {
  const Keyring first(Key{1});
  const auto second = first.rotated();
  ASSERT_TRUE(second.ok());
  ASSERT_EQ(second->keys().size(), 2u);
  EXPECT_EQ(second->ids()[1], first.ids()[0]);
  EXPECT_NE(second->ids()[0], first.ids()[0]);
}

}  // namespace
}  // namespace forecourt::secrets
