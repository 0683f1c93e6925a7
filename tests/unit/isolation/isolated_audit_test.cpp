// Audited operations of a plugin whose process nobody trusts: the host records them itself.

#include <gtest/gtest.h>

#include <atomic>
#include <future>

#include "directory_fixture.hpp"
#include "isolation/isolated_plugin.hpp"
#include "support.hpp"

namespace forecourt::isolation {
namespace {

using plugin::test::FakeExchange;
using plugin::test::TempFolder;

constexpr const char* k_request = "4bf92f3577b34da6a3ce929d0e0e4736";

class IsolatedAudit : public org::DirectoryTest {
 protected:
  void SetUp() override {
    org::DirectoryTest::SetUp();
    audit_ = std::make_unique<CallAudit>([this](const org::HostDirectory::Work& work) {
      if (writes_left_ == 0) return Result<void>(Error{Code::read_only, "the disk is full"});
      --writes_left_;
      return directory_->write(work);
    });
    ASSERT_TRUE(audit_->recover());
  }
  void TearDown() override {
    if (plugin_) plugin_->close();
    workers_.stop();
    plugin_.reset();
    audit_.reset();
  }

  void start(const std::string& lie) {
    Isolator::Parts parts;
    parts.program = FORECOURT_BINARY_DIR "/tests/unit/isolation/isolation_liar";
    parts.clock = &system_clock_;
    parts.workers = &workers_;
    parts.directory = &tree_;
    parts.secrets_keys = &keys_;
    parts.sandboxed = false;
    parts.call_audit = audit_.get();
    plugin::Candidate candidate;
    candidate.manifest.plugin = lie;
    candidate.manifest.limits.crashes_max = 1;
    candidate.bundle.descriptor.id = lie;
    plugin::Operation operation;
    operation.id = "run";
    operation.access = plugin::Access::write;
    operation.audited = true;
    candidate.bundle.operations.push_back(operation);
    plugin_ = std::make_shared<IsolatedPlugin>(
        parts, plugin::Isolation::Order{candidate, "/nowhere.so", folder_.path + "/own", 1});
    ASSERT_TRUE(plugin_->start());
  }
  http::Response call() {
    auto exchange = std::make_shared<FakeExchange>();
    http::Request& request = exchange->request_;
    request.operation_id = "run";
    request.caller = "key_1";
    request.org = "store-12";
    request.trace_id = k_request;
    request.admitted_ms = 1'700'000'000'000;
    request.deadline_monotonic_ns = system_clock_.monotonic_ns() + 20'000'000'000;
    request.parameters = {{http::In::path, "id", "thing_1"}};
    plugin_->handle(exchange);
    return exchange->wait();
  }
  std::vector<org::AuditEntry> chained() {
    std::vector<org::AuditEntry> entries;
    EXPECT_TRUE(store_->lane().run_now([&](storage::Session& session) -> Result<void> {
      auto found = org::list_audit(session, 0, 100);
      if (!found) return found.error();
      for (org::ChainedEntry& one : *found) entries.push_back(std::move(one.entry));
      return {};
    }));
    return entries;
  }
  static std::string with(const std::string& outcome) {
    return "{" + outcome + ",\"request\":\"" + k_request + "\"}";
  }

  SystemClock system_clock_;
  TempFolder folder_;
  plugin::test::Tree tree_;
  WorkerPool workers_{2, 512};
  secrets::Keyring keys_{secrets::Key{}};
  std::atomic<int> writes_left_{1'000};
  std::unique_ptr<CallAudit> audit_;
  std::shared_ptr<IsolatedPlugin> plugin_;
};

TEST_F(IsolatedAudit, ACallThatCannotBeNotedIsNotMade) {
  ASSERT_NO_FATAL_FAILURE(start("ends"));
  writes_left_ = 0;
  const http::Response refused = call();
  EXPECT_EQ(refused.status, 503);
  EXPECT_NE(refused.body.find("The audit log does not take the call: the disk is full"),
            std::string::npos)
      << refused.body;
  EXPECT_EQ(plugin_->standing().crashes, 0) << "it was called";
  writes_left_ = 1'000;
  EXPECT_TRUE(chained().empty());
}

TEST_F(IsolatedAudit, AnAnswerWhoseEntryIsNotWrittenIsAnUnknownOutcome) {
  ASSERT_NO_FATAL_FAILURE(start("truth"));
  writes_left_ = 1;
  const http::Response answer = call();
  EXPECT_EQ(answer.status, 503);
  EXPECT_NE(answer.body.find("outcome-unknown"), std::string::npos) << answer.body;
  // The next start of the host knows that the call was made.
  writes_left_ = 1'000;
  ASSERT_TRUE(audit_->recover());
  ASSERT_EQ(chained().size(), 1u);
  EXPECT_EQ(chained()[0].detail, with(R"("outcome":"unknown")"));
}

TEST_F(IsolatedAudit, TheHostRecordsWhoCalledWhatHoweverSilentTheProcessIs) {
  ASSERT_NO_FATAL_FAILURE(start("truth"));
  EXPECT_EQ(call().status, 200);
  const auto entries = chained();
  ASSERT_EQ(entries.size(), 1u);
  EXPECT_EQ(entries[0].at_ms, 1'700'000'000'000);
  EXPECT_EQ(entries[0].actor, "key_1");
  EXPECT_EQ(entries[0].org, "store-12");
  EXPECT_EQ(entries[0].action, "truth:operation.run");
  EXPECT_EQ(entries[0].subject, "thing_1");
  EXPECT_EQ(entries[0].detail, with(R"("status":200)"));
  ASSERT_TRUE(audit_->recover());
  EXPECT_EQ(chained().size(), 1u) << "an ended call is open no more";
}

TEST_F(IsolatedAudit, ACallDuringWhichTheProcessEndsHasAnUnknownOutcome) {
  ASSERT_NO_FATAL_FAILURE(start("ends"));
  EXPECT_EQ(call().status, 503);
  const auto entries = chained();
  ASSERT_EQ(entries.size(), 1u);
  EXPECT_EQ(entries[0].actor, "key_1");
  EXPECT_EQ(entries[0].detail, with(R"("outcome":"unknown")"));
}

TEST_F(IsolatedAudit, WhatAHostThatWasKilledDidNotSeeEndIsChainedAtTheNextStart) {
  std::promise<void> noted;
  org::AuditEntry unknown{1, "key_1", "store-12", "hello:operation.run", "thing_1", "{}"};
  audit_->begin(unknown, [&](int64_t, const Result<void>& written) {
    EXPECT_TRUE(written);
    noted.set_value();
  });
  noted.get_future().wait();
  EXPECT_TRUE(chained().empty());
  for (int start = 0; start < 2; ++start) {
    ASSERT_TRUE(audit_->recover());
    ASSERT_EQ(chained().size(), 1u);
  }
  EXPECT_EQ(chained()[0].action, "hello:operation.run");
}

TEST_F(IsolatedAudit, WhatAPluginClaimsOfWhoActedIsHeldAgainstItsCalls) {
  ASSERT_NO_FATAL_FAILURE(start("forges-entries"));
  EXPECT_EQ(call().status, 200);
  const auto audit = plugin_->audit(100);
  ASSERT_TRUE(audit) << audit.error().message;
  std::vector<std::string> said;
  for (const org::NumberedEntry& one : audit->entries)
    said.push_back(one.entry.actor + " " + one.entry.action);
  const std::vector<std::string> expected = {
      "key_1 thing.true",         "key_1 unverified.operation.run", "unverified thing.elsewhere",
      "unverified thing.earlier", "unverified thing.anothers",      "unverified thing.hosts",
      "event thing.of-an-event"};
  EXPECT_EQ(said, expected);
}

TEST_F(IsolatedAudit, ManyCallsAtOnceShareTransactions) {
  constexpr int k_calls = 200;
  std::atomic<int> left{k_calls};
  std::promise<void> all;
  {
    // The writer is busy with the first while the others come.
    std::promise<void> go;
    auto gate = go.get_future().share();
    audit_->begin({}, [gate](int64_t, const Result<void>&) { gate.wait(); });
    for (int i = 0; i < k_calls; ++i)
      audit_->begin({}, [&](int64_t, const Result<void>& written) {
        EXPECT_TRUE(written);
        if (--left == 0) all.set_value();
      });
    go.set_value();
  }
  all.get_future().wait();
  EXPECT_GE(writes_left_, 1'000 - 3) << "one for recover, one for the first, one for the others";
}

}  // namespace
}  // namespace forecourt::isolation
