#include <gtest/gtest.h>

#include "support.hpp"

namespace forecourt::plugin::test {
namespace {

struct IdempotencyBench : Bench {
  int runs = 0;
  IdempotencyBench() {
    for (const char* operation : {"change", "secret"}) {
      script.handle[operation] = [this](fc_handle call, void*) {
        ++runs;
        const fc_view name = view("Location");
        const std::string place = "/v1/bench/" + std::to_string(runs);
        const fc_view value = view(place);
        EXPECT_EQ(script.http->reply_header(call, &name, &value), FC_OK);
        script.reply(call, 201, "run " + std::to_string(runs));
        return FC_OK;
      };
    }
  }
  http::Response send_with(std::string_view operation, std::string_view key, uint8_t fingerprint,
                           std::string_view caller = "key_1") {
    auto made = exchange(operation);
    made->request_.idempotency_key = key;
    made->request_.fingerprint = {fingerprint};
    made->request_.caller = caller;
    bridge->handle(made);
    return made->wait();
  }
};

TEST(Idempotency, AnotherRequestUnderTheSameKeyIs422) {
  IdempotencyBench bench;
  EXPECT_EQ(bench.send_with("change", "k", 1).status, 201);
  EXPECT_EQ(bench.send_with("change", "k", 2).status, 422);
  EXPECT_EQ(bench.runs, 1);
}

TEST(Idempotency, AnAnswerWithASecretIsNeverStored) {
  IdempotencyBench bench;
  EXPECT_EQ(bench.send_with("secret", "k", 1).body, "run 1");
  EXPECT_EQ(bench.send_with("secret", "k", 1).body, "run 2");
}

TEST(Idempotency, AFailureIsTriedAgain) {
  IdempotencyBench bench;
  bench.script.handle["change"] = [&](fc_handle, void*) -> fc_status {
    return ++bench.runs == 1 ? FC_E_UNAVAILABLE : FC_OK;
  };
  EXPECT_EQ(bench.send_with("change", "k", 1).status, 503);
  EXPECT_EQ(bench.send_with("change", "k", 1).status, 204);
}

TEST(Idempotency, KeysOfTwoCallersAreTwoKeys) {
  IdempotencyBench bench;
  EXPECT_EQ(bench.send_with("change", "k", 1, "key_1").body, "run 1");
  EXPECT_EQ(bench.send_with("change", "k", 1, "key_2").body, "run 2");
}

TEST(Idempotency, ARepeatGetsTheIdenticalAnswerHeadersIncluded) {
  IdempotencyBench bench;
  const http::Response first = bench.send_with("change", "k", 1);
  const http::Response again = bench.send_with("change", "k", 1);
  EXPECT_EQ(bench.runs, 1);
  EXPECT_EQ(again.status, first.status);
  EXPECT_EQ(again.media_type, first.media_type);
  EXPECT_EQ(again.body, first.body);
  EXPECT_EQ(again.headers, first.headers);
}

TEST(Idempotency, ARefusalThatRolledBackIsKeptToo) {
  IdempotencyBench bench;
  bench.script.handle["change"] = [&](fc_handle call, void*) {
    ++bench.runs;
    bench.script.execute(call, "INSERT INTO thing(id) VALUES('a')");
    bench.script.reply(call, 409, "run " + std::to_string(bench.runs));
    return FC_E_ROLLBACK;
  };
  EXPECT_EQ(bench.send_with("change", "k", 1).body, "run 1");
  EXPECT_EQ(bench.send_with("change", "k", 1).body, "run 1");
  EXPECT_EQ(bench.runs, 1);
  EXPECT_EQ(bench.count("SELECT count(*) FROM thing"), 0);
}

}  // namespace
}  // namespace forecourt::plugin::test
