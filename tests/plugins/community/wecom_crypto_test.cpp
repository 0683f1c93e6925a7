#include "wecom_crypto.hpp"

#include <forecourt/cpp/json.hpp>

#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

#include "plugins/community/wecom.hpp"

namespace community::wecom {
namespace {

using test::encrypt_blocks;
using test::framed;
using test::k_aes_key;
using test::padded;

struct Vector {
  std::string token, aes_key, receive_id, timestamp, nonce, encrypt, signature, plain;
};

std::vector<Vector> official_samples() {
  std::vector<Vector> out;
  const fc::Json document = fc::Json::parse(test::test_data("wecom/crypt_vectors.json"));
  for (const fc::Json& item : document.items()) {
    out.push_back({item["token"].text(), item["aes"].text(), item["receiveid"].text(),
                   item["ts"].text(), item["nonce"].text(), item["encrypt"].text(),
                   item["sig"].text(), item.find("plain") ? item["plain"].text() : ""});
  }
  return out;
}

TEST(WecomCrypto, RefusesEveryChangeOfTheSignedParts) {
  for (const Vector& v : official_samples()) {
    const Signed good{v.timestamp, v.nonce, v.encrypt};
    ASSERT_TRUE(signature_holds(v.token, good, v.signature));
    EXPECT_FALSE(signature_holds("token", good, v.signature));
    EXPECT_FALSE(signature_holds(v.token, {"1", v.nonce, v.encrypt}, v.signature));
    EXPECT_FALSE(signature_holds(v.token, {v.timestamp, "1", v.encrypt}, v.signature));
    EXPECT_FALSE(signature_holds(v.token, {v.timestamp, v.nonce, v.encrypt + "="}, v.signature));
    EXPECT_FALSE(signature_holds(v.token, good, ""));
    EXPECT_FALSE(signature_holds(v.token, good, v.signature.substr(1)));
    EXPECT_FALSE(signature_holds(v.token, good, v.signature + "0"));
  }
}

TEST(WecomCrypto, ReadsTheOfficialSamples) {
  const auto samples = official_samples();
  ASSERT_EQ(samples.size(), 2u);
  for (const Vector& v : samples) {
    EXPECT_EQ(signature(v.token, {v.timestamp, v.nonce, v.encrypt}), v.signature);
    const auto plain = decrypt(v.aes_key, v.encrypt);
    ASSERT_TRUE(plain);
    EXPECT_EQ(plain->receive_id, v.receive_id);
  }
  EXPECT_EQ(decrypt(samples[0].aes_key, samples[0].encrypt)->message, "1616140317555161061");
  EXPECT_TRUE(decrypt(samples[1].aes_key, samples[1].encrypt)->message.starts_with("<xml>"));
}

TEST(WecomCrypto, RefusesKeysOfAnotherLength) {
  const std::string sealed = test::encrypt("message", "ww1");
  EXPECT_FALSE(decrypt(std::string(k_aes_key).substr(1), sealed));
  EXPECT_FALSE(decrypt(std::string(k_aes_key) + "=", sealed));
  EXPECT_FALSE(decrypt("", sealed));
  EXPECT_FALSE(decrypt(std::string(43, '!'), sealed));
}

TEST(WecomCrypto, RefusesWhatAnotherKeySealed) {
  std::string other(k_aes_key);
  other[0] = 'k';
  EXPECT_FALSE(decrypt(k_aes_key, test::encrypt("message", "ww1", other)));
}

TEST(WecomCrypto, RefusesWhatIsNoWholeBlocks) {
  EXPECT_FALSE(decrypt(k_aes_key, ""));
  EXPECT_FALSE(decrypt(k_aes_key, "AAAA"));
  EXPECT_FALSE(decrypt(k_aes_key, "no base64"));
}

TEST(WecomCrypto, RefusesBadPadding) {
  std::string plain = padded(framed("message", "ww1"));
  for (const int last : {0, 33, 255}) {
    std::string bad = plain;
    bad.back() = static_cast<char>(last);
    EXPECT_FALSE(decrypt(k_aes_key, encrypt_blocks(bad))) << last;
  }
  std::string uneven = plain;
  uneven[uneven.size() - 2] ^= 1;
  EXPECT_FALSE(decrypt(k_aes_key, encrypt_blocks(uneven)));
  // Sixteen bytes that all say 32: more padding than there are bytes.
  EXPECT_FALSE(decrypt(k_aes_key, encrypt_blocks(std::string(16, '\x20'))));
}

TEST(WecomCrypto, RefusesLengthsBeyondTheEnd) {
  EXPECT_FALSE(decrypt(k_aes_key, encrypt_blocks(padded("too short"))));
  const std::string plain = framed("message", "ww1");
  for (const uint32_t length : {11u, 0x7FFFFFFFu, 0xFFFFFFFFu}) {
    std::string bad = plain;
    for (size_t i = 0; i < 4; ++i) bad[16 + i] = static_cast<char>(length >> (24 - 8 * i));
    EXPECT_FALSE(decrypt(k_aes_key, encrypt_blocks(padded(bad)))) << length;
  }
}

TEST(WecomCrypto, ReadsEveryLengthOfPadding) {
  for (size_t length = 0; length < 100; ++length) {
    const std::string message(length, 'x');
    const auto plain = decrypt(k_aes_key, test::encrypt(message, "ww1"));
    ASSERT_TRUE(plain) << length;
    EXPECT_EQ(plain->message, message);
    EXPECT_EQ(plain->receive_id, "ww1");
  }
}

TEST(WecomCrypto, ReadsUnderAKeyWhoseLastCharacterCarriesSpareBits) {
  std::string key(k_aes_key);
  const std::string sealed = test::encrypt("message", "ww1", key);
  for (const char last : {'A', 'B', 'C', 'D'}) {
    key.back() = last;
    std::string even = key;
    even.back() = 'A';
    EXPECT_EQ(decrypt(key, test::encrypt("message", "ww1", even)).has_value(), true) << last;
  }
  EXPECT_TRUE(decrypt(k_aes_key, sealed));
}

TEST(WecomCrypto, AnEmptyReceiveIdIsReadAsOne) {
  const auto plain = decrypt(k_aes_key, test::encrypt("message", ""));
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->receive_id, "");
}

}  // namespace
}  // namespace community::wecom
