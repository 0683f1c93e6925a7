#pragma once

#include <forecourt/testkit/testkit.hpp>

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

/// A dealer group: dealer-1 with store-11 and store-12, dealer-2 with store-21. The clock stands at
/// 2023-11-14T22:13:20Z.
class Scene : public testing::Test {
 protected:
  using Response = fc::testkit::Response;

  Scene() {
    host_.add_org("dealer-1", "dealer");
    host_.add_org("store-11", "store", "dealer-1");
    host_.add_org("store-12", "store", "dealer-1");
    host_.add_org("dealer-2", "dealer");
    host_.add_org("store-21", "store", "dealer-2");
  }

  /// 10 yuan off from 50 yuan on; `changes` replaces members, and leaves out those that are null.
  static std::string batch_body(const fc::Json& changes = fc::Json::object()) {
    fc::Json body = fc::Json::object({{"name", "Welcome"},
                                      {"kind", "NORMAL"},
                                      {"threshold_fen", 5000},
                                      {"amount_fen", 1000},
                                      {"total", 100},
                                      {"per_member", 10},
                                      {"valid_days", 30},
                                      {"stores", fc::Json::array()}});
    for (const auto& [name, value] : changes.members()) body.set(name, value);
    fc::Json written = fc::Json::object();
    for (const auto& [name, value] : body.members()) {
      if (!value.is_null()) written.set(name, value);
    }
    return written.dump();
  }

  Response post(const std::string& org, const std::string& target, const std::string& body) {
    return host_.call("POST", target, body, {.org = org});
  }
  Response get(const std::string& org, const std::string& target) {
    return host_.call("GET", target, "", {.org = org});
  }

  Response create(const std::string& org, const fc::Json& changes = fc::Json::object()) {
    return post(org, "/v1/coupons/batches", batch_body(changes));
  }
  std::string new_batch(const std::string& org, const fc::Json& changes = fc::Json::object()) {
    const Response made = create(org, changes);
    EXPECT_EQ(made.status, 201) << made.body;
    return made.json()["id"].text();
  }

  Response issue(const std::string& org, const std::string& batch, const std::string& member,
                 const std::string& source) {
    return post(org, "/v1/coupons/batches/" + batch + "/issue",
                fc::Json::object({{"member_id", member}, {"source_id", source}}).dump());
  }
  std::string new_coupon(const std::string& org, const std::string& batch,
                         const std::string& source = "source-1") {
    const Response made = issue(org, batch, "mem_1", source);
    EXPECT_EQ(made.status, 201) << made.body;
    return made.json()["code"].text();
  }

  Response redeem(const std::string& org, const std::string& code, const std::string& request_no,
                  const std::string& store, int64_t order_amount_fen = 6000) {
    return post(
        org, "/v1/coupons/coupons/" + code + "/redeem",
        fc::Json::object(
            {{"request_no", request_no}, {"store", store}, {"order_amount_fen", order_amount_fen}})
            .dump());
  }
  Response give_back(const std::string& org, const std::string& code,
                     const std::string& request_no) {
    return post(org, "/v1/coupons/coupons/" + code + "/return",
                fc::Json::object({{"request_no", request_no}}).dump());
  }

  fc::Json batch(const std::string& id) { return get("group", "/v1/coupons/batches/" + id).json(); }
  fc::Json coupon(const std::string& code) {
    return get("group", "/v1/coupons/coupons/" + code).json();
  }
  static std::string problem(const Response& response) {
    return response.status < 400 ? "" : response.json()["code"].text();
  }

  fc::testkit::Host host_{{.bundle = BUNDLE}};
};

/// Status and problem code, in one expectation.
#define EXPECT_REFUSED(response, expected_status, expected_code) \
  do {                                                           \
    const fc::testkit::Response refused = (response);            \
    EXPECT_EQ(refused.status, expected_status) << refused.body;  \
    EXPECT_EQ(problem(refused), expected_code) << refused.body;  \
  } while (false)
