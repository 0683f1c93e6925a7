#include "faults/support/bystanders.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>

#include "e2e/support/scene.hpp"

namespace faults {

using e2e::Answer;
using e2e::HttpClient;
using std::chrono::duration_cast;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

e2e::HostProcess::Options with_bystanders() {
  e2e::HostProcess::Options options;
  options.plugins = {"hello", "coupons"};
  options.mode = "in-process";
  options.modes["coupons"] = "isolated";
  options.environment["FORECOURT_LOG_LEVEL"] = "off";
  return options;
}

Bystanders::Bystanders(const e2e::HostProcess& host) : host_(host) {
  HttpClient client = host.client();
  const Answer made = client.post(
      "/v1/coupons/batches",
      R"({"name":"Welcome","kind":"NORMAL","threshold_fen":5000,"amount_fen":1000,"total":10,)"
      R"("per_member":1,"valid_from":"2020-01-01T00:00:00Z","valid_days":30,"stores":[]})");
  EXPECT_EQ(made.status, 201) << made.body;
  const std::string path = "/v1/coupons/batches/" + e2e::text_of(made, "id");
  const std::string batch = client.get(path).body;
  add(
      "coupons", [path](int64_t) { return path; }, [batch](int64_t) { return batch; });
  add(
      "hello", [](int64_t n) { return "/v1/hello?name=n" + std::to_string(n); },
      [](int64_t n) { return R"({"hello":"n)" + std::to_string(n) + R"("})"; });
}

Bystanders::~Bystanders() { stop(); }

void Bystanders::add(std::string id, std::function<std::string(int64_t)> target,
                     std::function<std::string(int64_t)> expected) {
  auto one = std::make_unique<One>();
  one->id = std::move(id);
  one->target = std::move(target);
  one->expected = std::move(expected);
  all_.push_back(std::move(one));
}

void Bystanders::ask(One& one) {
  HttpClient client = host_.client();
  for (int64_t n = 0; !done_; ++n) {
    const auto begun = steady_clock::now();
    const Answer answer = client.get(one.target(n));
    one.served.took_us.push_back(duration_cast<microseconds>(steady_clock::now() - begun).count());
    const bool right = answer.status == 200 && answer.body == one.expected(n);
    ++(right ? one.served.answered : one.served.failed);
    if (!right && one.served.first_failure.empty())
      one.served.first_failure = std::to_string(answer.status) + " " + answer.body;
    ++one.asked;
    std::this_thread::sleep_until(begun + milliseconds(2));
  }
}

void Bystanders::start() {
  done_ = false;
  for (auto& one : all_) {
    one->served = {};
    one->thread = std::thread([this, &one = *one] { ask(one); });
  }
}

std::map<std::string, Bystanders::Served> Bystanders::stop() {
  done_ = true;
  std::map<std::string, Served> all;
  for (auto& one : all_) {
    if (one->thread.joinable()) one->thread.join();
    all[one->id] = one->served;
  }
  return all;
}

bool Bystanders::are_served_on() {
  return std::ranges::all_of(all_, [](const auto& one) {
    const int64_t until = one->asked + 3;
    return e2e::eventually([&] { return one->asked >= until; }, 30);
  });
}

int64_t p99(std::vector<int64_t> values) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  return values[values.size() * 99 / 100];
}

}  // namespace faults
