// A child that has become somebody else: what it may say, and what ends it.

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <set>
#include <thread>

#include "isolation/isolated_plugin.hpp"
#include "support.hpp"

namespace forecourt::isolation {
namespace {

using plugin::test::FakeExchange;
using plugin::test::TempFolder;

class Lies : public testing::Test {
 protected:
  Lies() {
    parts_.program = FORECOURT_BINARY_DIR "/tests/unit/isolation/isolation_liar";
    parts_.clock = &clock_;
    parts_.workers = &workers_;
    parts_.directory = &tree_;
    parts_.dispatcher = &dispatcher_;
    parts_.secrets_keys = &keys_;
    parts_.sandboxed = false;
    parts_.denied = [this](const std::string& plugin, const std::string& what) {
      std::lock_guard lock(mutex_);
      denied_.insert(plugin + " " + what);
    };
  }
  ~Lies() override {
    if (plugin_) plugin_->close();
    workers_.stop();
  }

  Result<void> start(const std::string& lie) {
    plugin::Candidate candidate;
    candidate.manifest.plugin = lie;
    candidate.manifest.limits.crashes_max = 1;
    candidate.bundle.descriptor.id = lie;
    plugin::Operation operation;
    operation.id = "run";
    operation.access = plugin::Access::write;
    candidate.bundle.operations.push_back(operation);
    plugin_ = std::make_shared<IsolatedPlugin>(
        parts_, plugin::Isolation::Order{candidate, "/nowhere.so", folder_.path + "/own", 1});
    return plugin_->start();
  }
  std::shared_ptr<FakeExchange> call() {
    auto exchange = std::make_shared<FakeExchange>();
    exchange->request_.operation_id = "run";
    exchange->request_.deadline_monotonic_ns = clock_.monotonic_ns() + 20'000'000'000;
    plugin_->handle(exchange);
    return exchange;
  }
  static bool eventually(const std::function<bool()>& holds) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!holds()) {
      if (std::chrono::steady_clock::now() > until) return false;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return true;
  }
  std::string state_once_ended() {
    const bool ended = eventually([this] { return plugin_->standing().state == "quarantined"; });
    return ended ? plugin_->standing().reason : "it did not end";
  }
  std::set<std::string> denied() {
    std::lock_guard lock(mutex_);
    return denied_;
  }

  SystemClock clock_;
  TempFolder folder_;
  plugin::test::Tree tree_;
  WorkerPool workers_{2, 512};
  events::Dispatcher dispatcher_{clock_, workers_};
  secrets::Keyring keys_{secrets::Key{}};
  Isolator::Parts parts_;
  std::mutex mutex_;
  std::set<std::string> denied_;
  std::shared_ptr<IsolatedPlugin> plugin_;
};

TEST_F(Lies, TheTruthIsPassedOn) {
  ASSERT_TRUE(start("truth"));
  EXPECT_EQ(call()->wait().body, "true");
  EXPECT_EQ(plugin_->standing().state, "running");
}

TEST_F(Lies, WhatBreaksARuleEndsTheProcessAndFailsItsCalls) {
  const std::pair<const char*, const char*> lies[] = {
      {"answers-another", "no call that is open"},
      {"claims-a-gigabyte", "a frame of 1073741824 bytes"},
      {"counts-beyond-its-end", "a reply that breaks the rules"},
      {"splits-headers", "a reply that breaks the rules"},
      {"calls-the-host", "a frame that is not for a host"},
      {"answers-unasked", "an answer that nobody asked for"},
      {"speaks-nonsense", "a frame"},
      {"asks-without-end", "too many asks at once"},
  };
  for (const auto& [lie, why] : lies) {
    ASSERT_TRUE(start(lie)) << lie;
    const http::Response answer = call()->wait();
    EXPECT_EQ(answer.status, 503) << lie;
    EXPECT_NE(answer.body.find("outcome-unknown"), std::string::npos) << lie << answer.body;
    EXPECT_NE(state_once_ended().find(why), std::string::npos) << lie << plugin_->standing().reason;
    plugin_->close();
  }
}

TEST_F(Lies, ASecondAnswerEndsTheProcessAfterTheFirstWasGiven) {
  ASSERT_TRUE(start("answers-twice"));
  EXPECT_EQ(call()->wait().body, "true");
  EXPECT_NE(state_once_ended().find("no call that is open"), std::string::npos);
}

TEST_F(Lies, AForeignPluginsEventsAreDeniedAndNoted) {
  ASSERT_TRUE(start("wants-foreign-events"));
  EXPECT_EQ(call()->wait().status, 403);
  // It is noted on another thread than the one that answers.
  EXPECT_TRUE(eventually([this] { return !denied().empty(); }));
  EXPECT_EQ(denied(), std::set<std::string>{"wants-foreign-events events of \"payments\""});
}

TEST_F(Lies, AReportThatCannotBeReadIsNoStart) {
  const auto started = start("lies-of-its-sandbox");
  ASSERT_FALSE(started);
  EXPECT_NE(started.error().message.find("sandbox"), std::string::npos) << started.error().message;
}

TEST_F(Lies, PagesOfRowsAreHeldToTheirForm) {
  ASSERT_TRUE(start("tells-rows-as-it-likes"));
  const auto rows = plugin_->rows();
  ASSERT_TRUE(rows->begin({}));
  const auto page = rows->rows(0, {});
  ASSERT_FALSE(page);
  EXPECT_EQ(page.error().message, "a page of rows that breaks the rules");
  const auto changes = rows->changes();
  ASSERT_FALSE(changes);
  EXPECT_EQ(changes.error().message, "a page of changed rows that breaks the rules");
}

TEST_F(Lies, OneThatDoesNotStopIsKilled) {
  ASSERT_TRUE(start("does-not-stop"));
  EXPECT_TRUE(plugin_->drain(100));
  plugin_->close();
  EXPECT_EQ(plugin_->standing().process, 0);
}

}  // namespace
}  // namespace forecourt::isolation
