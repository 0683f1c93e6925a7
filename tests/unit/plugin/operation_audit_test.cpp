// What the host records of an operation marked `"audit": true`; the bench's is "prepared".

#include <gtest/gtest.h>

#include "plugin/operations.hpp"
#include "support.hpp"

namespace forecourt::plugin::test {
namespace {

struct AuditBench : Bench {
  fc_status ends = FC_OK;
  int status = 201;
  AuditBench() {
    for (const char* operation : {"prepared", "change"}) {
      script.handle[operation] = [this](fc_handle call, void*) {
        script.execute(call, "INSERT INTO thing(id) VALUES('a')");
        script.reply(call, status, "done");
        return ends;
      };
    }
  }
  http::Response ask(std::string_view operation, std::string_view key = {}) {
    auto made = exchange(operation);
    made->request_.caller = "key_1";
    made->request_.trace_id = "4bf92f3577b34da6a3ce929d0e0e4736";
    made->request_.idempotency_key = key;
    made->request_.parameters = {{http::In::path, "batch", "bat_1"},
                                 {http::In::query, "why", "a secret"},
                                 {http::In::path, "id", "cpn_2"}};
    bridge->handle(made);
    return made->wait();
  }
  std::vector<org::AuditEntry> entries() {
    std::vector<org::AuditEntry> found;
    EXPECT_TRUE(store_do([&](storage::Session& session) -> Result<void> {
                  auto read = read_audit_outbox(session, 0, 100);
                  if (!read) return read.error();
                  for (auto& numbered : *read) found.push_back(std::move(numbered.entry));
                  return {};
                }).ok());
    return found;
  }
};

std::string document(const std::string& ours) {
  return R"({"paths":{"/v1/x":{"post":{"operationId":"change","x-forecourt":)" + ours + "}}}}";
}

TEST(OperationAudit, GoesWithWritesOnly) {
  for (const char* access : {"read", "none"}) {
    const auto refused = read_operations(
        document(std::string(R"({"access":")") + access + R"(","audit":true})"), "openapi.json");
    ASSERT_FALSE(refused.ok()) << access;
    EXPECT_NE(refused.error().message.find("x-forecourt.audit goes with access \"write\" only"),
              std::string::npos)
        << refused.error().message;
  }
  const auto taken = read_operations(document(R"({"access":"write","audit":true})"), "o");
  ASSERT_TRUE(taken.ok()) << taken.error().message;
  EXPECT_TRUE(taken->front().audited);
}

TEST(OperationAudit, AnOperationThatIsNotMarkedLeavesNone) {
  AuditBench bench;
  EXPECT_EQ(bench.ask("change").status, 201);
  EXPECT_TRUE(bench.entries().empty());
}

TEST(OperationAudit, ARefusedWriteIsRecordedWithoutWhatItWrote) {
  AuditBench bench;
  bench.ends = FC_E_ROLLBACK;
  bench.status = 409;
  EXPECT_EQ(bench.ask("prepared").status, 409);
  EXPECT_EQ(bench.count("SELECT count(*) FROM thing"), 0);
  const auto entries = bench.entries();
  ASSERT_EQ(entries.size(), 1u);
  EXPECT_NE(entries[0].detail.find("\"status\":409"), std::string::npos) << entries[0].detail;
}

TEST(OperationAudit, AFailureOfOursIsNotRecorded) {
  AuditBench bench;
  bench.ends = FC_E_INTERNAL;
  EXPECT_EQ(bench.ask("prepared").status, 500);
  EXPECT_TRUE(bench.entries().empty());
}

TEST(OperationAudit, ACommittedCallIsRecordedInItsTransaction) {
  AuditBench bench;
  EXPECT_EQ(bench.ask("prepared").status, 201);
  EXPECT_EQ(bench.count("SELECT count(*) FROM thing"), 1);
  const auto entries = bench.entries();
  ASSERT_EQ(entries.size(), 1u);
  EXPECT_EQ(entries[0].actor, "key_1");
  EXPECT_EQ(entries[0].org, "store-12");
  EXPECT_EQ(entries[0].action, "operation.prepared");
  EXPECT_EQ(entries[0].subject, "bat_1/cpn_2");
  EXPECT_EQ(entries[0].detail, R"({"status":201,"request":"4bf92f3577b34da6a3ce929d0e0e4736"})");
}

TEST(OperationAudit, ARepeatOfTheSameRequestIsNoSecondCall) {
  AuditBench bench;
  EXPECT_EQ(bench.ask("prepared", "k").status, 201);
  EXPECT_EQ(bench.ask("prepared", "k").status, 201);
  EXPECT_EQ(bench.entries().size(), 1u);
}

}  // namespace
}  // namespace forecourt::plugin::test
