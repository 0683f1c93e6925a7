#include "wechat_callback.hpp"

#include <gtest/gtest.h>

#include "plugins/payments/channel.hpp"

namespace payments::wechat {
namespace {

using test::envelope;
using test::k_api_v3_key;
using test::PlatformKey;

constexpr int64_t k_now_ms = 1'700'000'000'900;

std::string label_of(const Headers& headers) {
  const auto refusal = check_headers(headers, k_now_ms);
  return refusal ? refusal->label : "";
}

TEST(WechatHeaders, RefusesMissingOnes) {
  EXPECT_EQ(label_of({}), "headers");
  EXPECT_EQ(label_of({"", "n", "s", "01", ""}), "headers");
  EXPECT_EQ(label_of({"1700000000", "", "s", "01", ""}), "headers");
  EXPECT_EQ(label_of({"1700000000", "n", "", "01", ""}), "headers");
  EXPECT_EQ(label_of({"1700000000", "n", "s", "", ""}), "headers");
}

TEST(WechatHeaders, RefusesGarbledTimestampsAndSerials) {
  for (const char* timestamp :
       {"now", "1700000000x", " 1700000000", "+1700000000", "-1700000000", "1.7e9", "0x6553f100",
        "17000000000000000000000", "9999999999999"}) {
    EXPECT_EQ(label_of({timestamp, "n", "s", "01", ""}), "headers") << timestamp;
  }
  EXPECT_EQ(label_of({"1700000000", "n", "s", "01\xff", ""}), "headers");
  EXPECT_EQ(label_of({"1700000000", "n", "s", std::string(129, 'A'), ""}), "headers");
}

TEST(WechatHeaders, RefusesUnknownSignatureTypes) {
  EXPECT_EQ(label_of({"1700000000", "n", "s", "01", "WECHATPAY2-SM2-WITH-SM3"}), "signature_type");
}

TEST(WechatHeaders, RefusesThreeHundredSecondsEitherWay) {
  EXPECT_EQ(label_of({"1699999700", "n", "s", "01", ""}), "stale");
  EXPECT_EQ(label_of({"1700000300", "n", "s", "01", ""}), "stale");
  EXPECT_EQ(label_of({"0", "n", "s", "01", ""}), "stale");
  EXPECT_EQ(label_of({"999999999999", "n", "s", "01", ""}), "stale");
  EXPECT_EQ(label_of({"1699999701", "n", "s", "01", ""}), "");
  EXPECT_EQ(label_of({"1700000299", "n", "s", "01", ""}), "");
}

TEST(WechatHeaders, RefusesTheProbe) {
  EXPECT_EQ(label_of({"1700000000", "n", "WECHATPAY/SIGNTEST/abc", "01", ""}), "probe");
}

TEST(WechatSignature, HoldsOverTheRawBytesOnly) {
  const PlatformKey key("01");
  const auto read = std::get<RsaPublicKey>(read_pem(key.public_key_pem()));
  const std::string body = "{\"a\": 1}";
  const std::string signature = key.sign("1700000000\nnonce\n" + body + "\n");
  const Headers good{"1700000000", "nonce", signature, "01", ""};
  EXPECT_TRUE(signature_holds(good, body, read));
  EXPECT_FALSE(signature_holds(good, "{\"a\":1}", read)) << "the same JSON, other bytes";
  EXPECT_FALSE(signature_holds({"1700000001", "nonce", signature, "01", ""}, body, read));
  EXPECT_FALSE(signature_holds({"1700000000", "other", signature, "01", ""}, body, read));
  EXPECT_FALSE(signature_holds({"1700000000", "nonce", "not base64!", "01", ""}, body, read));
  EXPECT_FALSE(signature_holds({"1700000000", "nonce", "AAAA", "01", ""}, body, read));
}

TEST(WechatSignature, CoversAnEmptyBody) {
  const PlatformKey key("01");
  const auto read = std::get<RsaPublicKey>(read_pem(key.public_key_pem()));
  EXPECT_TRUE(
      signature_holds({"1700000000", "n", key.sign("1700000000\nn\n\n"), "01", ""}, "", read));
}

TEST(WechatSerial, ComparesHexadecimalWithoutCaseAndKeyIdsAsTheyAre) {
  EXPECT_EQ(normal_serial("5157f09eFD"), "5157F09EFD");
  EXPECT_EQ(normal_serial("PUB_KEY_ID_01ab"), "PUB_KEY_ID_01ab");
}

TEST(WechatEnvelope, RefusesWhatIsNotJsonOfItsShape) {
  for (const char* body :
       {"", "null", "[]", "{}", "{\"id\":\"EV\"}",
        "{\"id\":1,\"event_type\":\"x\",\"resource\":{}}",
        "{\"id\":\"EV\",\"event_type\":\"x\",\"resource\":[]}", "{\"id\":\"EV\""}) {
    EXPECT_FALSE(open(body, k_api_v3_key)) << body;
  }
}

TEST(WechatEnvelope, RefusesAnotherKeyAnotherAlgorithmAndChangedBytes) {
  const std::string good = envelope("EV-1", "TRANSACTION.SUCCESS", "{}");
  EXPECT_FALSE(open(good, "another-key-of-thirty-two-bytes!"));
  EXPECT_FALSE(open(good, "short"));
  std::string algorithm = good;
  algorithm.replace(algorithm.find("AES_256"), 7, "AES_128");
  EXPECT_FALSE(open(algorithm, k_api_v3_key));
  std::string associated = good;
  associated.replace(associated.find("\"associated_data\":\"t"), 20, "\"associated_data\":\"T");
  EXPECT_FALSE(open(associated, k_api_v3_key));
  std::string cipher = good;
  const size_t at = cipher.find("ciphertext\":\"") + 13;
  cipher[at] = cipher[at] == 'A' ? 'B' : 'A';
  EXPECT_FALSE(open(cipher, k_api_v3_key));
  EXPECT_TRUE(open(good, k_api_v3_key));
}

TEST(WechatEnvelope, RefusesAResourceThatIsNoJsonObject) {
  for (const char* resource : {"", "[]", "text", "{\"a\":1,\"a\":2}", "{\"a\":\"\xff\"}", "{}{}"}) {
    EXPECT_FALSE(open(envelope("EV-1", "X", resource), k_api_v3_key)) << resource;
  }
}

TEST(WechatEnvelope, RefusesDeepNesting) {
  const std::string deep = "{\"a\":" + std::string(1000, '[') + std::string(1000, ']') + "}";
  EXPECT_FALSE(open(envelope("EV-1", "X", deep), k_api_v3_key));
}

TEST(WechatEnvelope, OpensEveryKindOfResource) {
  for (const char* name :
       {"TransactionResource", "PartnerTransactionResource", "RefundResource",
        "MallTransactionResource", "MallRefundResource", "MallAuthResource",
        "MarketingBusifavorCouponResource", "MarketingMemberCardResource",
        "BrandPartnerCardMemberUserCardResource", "BrandPartnerCardMemberUserPointResource",
        "BrandPartnerCardMemberPointExchangeCouponResource"}) {
    const std::string plain = test::test_data("wechatpay/resources/" + std::string(name) + ".json");
    const auto opened = open(envelope("EV-1", "X", plain), k_api_v3_key);
    ASSERT_TRUE(opened) << name;
    EXPECT_EQ(opened->id, "EV-1");
    EXPECT_FALSE(opened->resource_text.starts_with("\xEF\xBB\xBF")) << name;
    EXPECT_TRUE(opened->resource.is_object()) << name;
  }
}

}  // namespace
}  // namespace payments::wechat
