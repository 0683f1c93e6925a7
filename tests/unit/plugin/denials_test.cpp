#include "plugin/denials.hpp"

#include <gtest/gtest.h>

#include <future>
#include <thread>
#include <vector>

namespace forecourt::plugin {
namespace {

class DenialsTest : public testing::Test {
 protected:
  std::vector<std::string> noted() {
    workers_.stop();
    return noted_;
  }
  WorkerPool workers_{1, 2};
  std::vector<std::string> noted_;  // by the one worker
  std::shared_ptr<Denials> denials_ = std::make_shared<Denials>(
      "hello", workers_, [this](const std::string& plugin, const std::string& what) {
        noted_.push_back(plugin + ": " + what);
      });
};

TEST_F(DenialsTest, EachTextIsNotedOnce) {
  for (int i = 0; i < 5; ++i) denials_->add("events of \"coupons\"");
  EXPECT_EQ(noted(), std::vector<std::string>{"hello: events of \"coupons\""});
}

TEST_F(DenialsTest, WhatIsNoTextOrTooLongIsNotedAllTheSame) {
  denials_->add("\xff\xfe");
  denials_->add(std::string(10'000, 'a'));
  const auto all = noted();
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0], "hello: (not UTF-8)");
  EXPECT_EQ(all[1].size(), sizeof("hello: ") - 1 + 512);
}

TEST_F(DenialsTest, WhatTheWorkersDidNotTakeIsNotedTheNextTime) {
  std::promise<void> go;
  auto gate = go.get_future().share();
  std::promise<void> busy;
  ASSERT_TRUE(workers_.submit([gate, &busy] {
    busy.set_value();
    gate.wait();
  }));
  busy.get_future().wait();
  while (workers_.submit([] {})) {
  }
  denials_->add("org: outside");
  go.set_value();
  while (workers_.queued() > 0) std::this_thread::yield();
  denials_->add("org: outside");
  EXPECT_EQ(noted(), std::vector<std::string>{"hello: org: outside"});
}

}  // namespace
}  // namespace forecourt::plugin
