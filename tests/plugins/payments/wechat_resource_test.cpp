#include "wechat_resource.hpp"

#include <forecourt/cpp/time.hpp>

#include <gtest/gtest.h>

#include "plugins/payments/channel.hpp"

namespace payments::wechat {
namespace {

fc::Json vector(const std::string& name) {
  return fc::Json::parse(test::test_data("wechatpay/resources/" + name + ".json"));
}

TEST(WechatTransaction, IsIncompleteWithoutAUsableAmount) {
  const std::string head =
      R"({"transaction_id":"t","out_trade_no":"o","mchid":"m","appid":"a","amount":)";
  for (const char* amount : {"null", "{}", R"({"total":0})", R"({"total":-1})", R"({"total":1.5})",
                             R"({"total":"100"})", R"({"total":9223372036854775808})", "100"}) {
    EXPECT_FALSE(read_transaction(fc::Json::parse(head + amount + "}"), "a").complete()) << amount;
  }
  EXPECT_TRUE(read_transaction(fc::Json::parse(head + R"({"total":1}})"), "a").complete());
}

TEST(WechatTransaction, IsIncompleteWithoutAnId) {
  const Transaction read = read_transaction(
      fc::Json::parse(
          R"({"transaction_id":7,"out_trade_no":"o","mchid":"m","appid":"a","amount":{"total":1}})"),
      "a");
  EXPECT_FALSE(read.complete());
}

TEST(WechatTransaction, ReadsADirectMerchants) {
  const Transaction read = read_transaction(vector("TransactionResource"), "wxd678efh567hg6787");
  EXPECT_TRUE(read.complete());
  EXPECT_EQ(read.transaction_id, "1217752501201407033233368018");
  EXPECT_EQ(read.out_trade_no, "1217752501201407033233368018");
  EXPECT_EQ(read.trade_state, "SUCCESS");
  EXPECT_EQ(read.mchid, "1230000109");
  EXPECT_EQ(read.appid, "wxd678efh567hg6787");
  EXPECT_EQ(read.openid, "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o");
  EXPECT_EQ(read.currency, "CNY");
  EXPECT_EQ(read.amount_fen, 100);
  EXPECT_EQ(read.success_ms, fc::parse_rfc3339("2018-06-08T02:34:56Z"));
}

TEST(WechatTransaction, OfAServiceProviderGoesToTheSubMerchant) {
  fc::Json resource = vector("PartnerTransactionResource");
  resource.set("payer", fc::Json::object({{"sp_openid", "sp-payer"}, {"sub_openid", "sub-payer"}}));
  const Transaction as_sub = read_transaction(resource, "wxd678efh567hg6999");
  EXPECT_TRUE(as_sub.complete());
  EXPECT_EQ(as_sub.mchid, "1900000109");
  EXPECT_EQ(as_sub.appid, "wxd678efh567hg6999");
  EXPECT_EQ(as_sub.openid, "sub-payer");
  const Transaction as_provider = read_transaction(resource, "wx8888888888888888");
  EXPECT_EQ(as_provider.mchid, "1900000109");
  EXPECT_EQ(as_provider.appid, "wx8888888888888888");
  EXPECT_EQ(as_provider.openid, "sp-payer") << "an openid goes with its own appid";
}

TEST(WechatRefund, ReadsARefund) {
  const Refund read = read_refund(vector("RefundResource"));
  EXPECT_TRUE(read.complete());
  EXPECT_EQ(read.mchid, "1900000100");
  EXPECT_EQ(read.refund_id, "50200207182018070300011301001");
  EXPECT_EQ(read.out_refund_no, "7752501201407033233368018");
  EXPECT_EQ(read.transaction_id, "1008450740201411110005820873");
  EXPECT_EQ(read.status, "SUCCESS");
  EXPECT_EQ(read.amount_fen, 999);
}

TEST(WechatRefund, IsIncompleteInAnUnknownState) {
  fc::Json resource = vector("RefundResource");
  resource.set("refund_status", "PROCESSING");
  EXPECT_FALSE(read_refund(resource).complete());
}

}  // namespace
}  // namespace payments::wechat
