// What a hostile or broken client sends to operations that move money: always a clear 4xx, never a
// 5xx, and the host answers the next request.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "e2e/support/scene.hpp"

namespace e2e {
namespace {

namespace json = forecourt::json;
using namespace std::string_literals;  // literals with a NUL inside keep their length

std::string nested(int depth) {
  return std::string(static_cast<size_t>(depth), '[') +
         std::string(static_cast<size_t>(depth), ']');
}

TEST(HostileInput, IsAnsweredWithAClear4xx) {
  Scene scene;
  HttpClient admin = scene.host.client();
  const std::string code =
      scene.issue(admin, scene.make_batch(admin, 10, 10), "mem_hostile", "hostile");
  const std::string redeem = "/v1/coupons/coupons/" + code + "/redeem";
  const std::string orders = "/v1/payments/orders";

  struct Row {
    std::string what, path, body;
  };
  const std::vector<Row> rows = {
      {"10 MB", redeem, "{\"request_no\":\"" + std::string(10'000'000, 'a') + "\"}"},
      {"1,000 deep", redeem, nested(1000)},
      {"1,000 deep in a member", redeem, "{\"request_no\":" + nested(1000) + "}"},
      {"duplicate keys", redeem,
       R"({"request_no":"req-00001","request_no":"req-00002","store":"store-12","order_amount_fen":9000})"},
      {"invalid UTF-8", redeem,
       "{\"request_no\":\"req-\xff\xfe-1\",\"store\":\"store-12\",\"order_amount_fen\":9000}"},
      {"overlong UTF-8", redeem,
       "{\"request_no\":\"req-\xc0\xaf-1\",\"store\":\"store-12\",\"order_amount_fen\":9000}"},
      {"a surrogate", redeem,
       R"({"request_no":"req-\ud800-1","store":"store-12","order_amount_fen":9000})"},
      {"NUL byte", redeem,
       "{\"request_no\":\"req-\0-00001\",\"store\":\"store-12\",\"order_amount_fen\":9000}"s},
      {"escaped NUL", redeem,
       R"({"request_no":"req-\u0000-1","store":"store-12","order_amount_fen":9000})"},
      {"NUL after the value", redeem,
       "{\"request_no\":\"req-00001\",\"store\":\"store-12\",\"order_amount_fen\":9000}\0{}"s},
      {"2^63", redeem,
       R"({"request_no":"req-00001","store":"store-12","order_amount_fen":9223372036854775808})"},
      {"-2^63-1", redeem,
       R"({"request_no":"req-00001","store":"store-12","order_amount_fen":-9223372036854775809})"},
      {"negative money", redeem,
       R"({"request_no":"req-00001","store":"store-12","order_amount_fen":-1})"},
      {"fraction", redeem,
       R"({"request_no":"req-00001","store":"store-12","order_amount_fen":1.5})"},
      {"exponent", redeem,
       R"({"request_no":"req-00001","store":"store-12","order_amount_fen":1e400})"},
      {"text for money", redeem,
       R"({"request_no":"req-00001","store":"store-12","order_amount_fen":"9000"})"},
      {"unknown member", redeem,
       R"({"request_no":"req-00001","store":"store-12","order_amount_fen":9000,"admin":true})"},
      {"short request_no", redeem,
       R"({"request_no":"r","store":"store-12","order_amount_fen":9000})"},
      {"long request_no", redeem,
       "{\"request_no\":\"" + std::string(65, 'r') +
           "\",\"store\":\"store-12\",\"order_amount_fen\":9000}"},
      {"an array", redeem, "[]"},
      {"nothing", redeem, ""},
      {"not JSON", redeem, "request_no=1"},
      {"two values", redeem, "{}{}"},
      {"negative amount of an order", orders,
       "{\"merchant_id\":\"" + scene.merchant +
           "\",\"out_trade_no\":\"neg-order\",\"amount_fen\":-5}"},
      {"amount 0 of an order", orders,
       "{\"merchant_id\":\"" + scene.merchant +
           "\",\"out_trade_no\":\"zero-order\",\"amount_fen\":0}"},
      {"2^63 of an order", orders,
       "{\"merchant_id\":\"" + scene.merchant +
           "\",\"out_trade_no\":\"big-order\",\"amount_fen\":9223372036854775808}"},
  };
  for (const Row& row : rows) {
    HttpClient client = scene.host.client();
    const Answer answer = client.post(row.path, row.body);
    EXPECT_GE(answer.status, 400) << row.what << ": " << answer.body;
    EXPECT_LT(answer.status, 500) << row.what << ": " << answer.body;
    if (answer.status != 0) {
      const Document problem = json_of(answer);
      EXPECT_FALSE(json::text(problem, "code").empty()) << row.what << ": " << answer.body;
      EXPECT_FALSE(json::text(problem, "detail").empty()) << row.what << ": " << answer.body;
    }
  }
  const Answer still = admin.get("/v1/coupons/coupons/" + code);
  EXPECT_EQ(still.status, 200);
  EXPECT_EQ(text_of(still, "state"), "EFFECTIVE");
}

}  // namespace
}  // namespace e2e
