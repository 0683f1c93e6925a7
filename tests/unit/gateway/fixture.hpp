#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "gateway/server.hpp"
#include "http/handler.hpp"
#include "org/snapshot_builder.hpp"

namespace forecourt::gateway::testing {

/// Orgs group > north > store-1 and group > south; keys named after what they may do.
class FixedDirectory final : public org::Directory {
 public:
  explicit FixedDirectory(int64_t now_ms) {
    org::SnapshotBuilder builder;
    builder.add({"group", "", "group", "Group", "Asia/Shanghai"});
    builder.add({"north", "group", "dealer", "North", ""});
    builder.add({"south", "group", "dealer", "South", ""});
    builder.add({"store-1", "north", "store", "Store 1", ""});
    add(builder, "admin", "group", {"*"}, 0);
    add(builder, "north", "north", {"demo:*"}, 0);
    add(builder, "reader", "group", {"demo:read"}, 0);
    add(builder, "other", "group", {"other:*"}, 0);
    add(builder, "expired", "group", {"*"}, now_ms - 1);
    snapshot_ = builder.build(1);
  }
  std::shared_ptr<const org::Snapshot> snapshot() const override { return snapshot_; }

 private:
  static void add(org::SnapshotBuilder& builder, const std::string& name, const std::string& org,
                  std::vector<std::string> scopes, int64_t expires_at_ms) {
    org::Key key;
    key.id = "key_" + name;
    key.org = org;
    key.name = name;
    key.scopes = std::move(scopes);
    key.expires_at_ms = expires_at_ms;
    builder.add(std::move(key), org::digest_of("secret-" + name));
  }
  std::shared_ptr<const org::Snapshot> snapshot_;
};

/// Answers by a function; keeps exchanges when there is none, for the test to answer.
class TestHandler final : public http::Handler {
 public:
  using Answer = std::function<void(std::shared_ptr<http::Exchange>)>;
  explicit TestHandler(Answer answer) : answer_(std::move(answer)) {}
  void handle(std::shared_ptr<http::Exchange> exchange) override { answer_(std::move(exchange)); }

 private:
  const Answer answer_;
};

inline http::Response text(int status, std::string body,
                           std::string media_type = "application/json") {
  http::Response response;
  response.status = status;
  response.media_type = std::move(media_type);
  response.body = std::move(body);
  return response;
}

/// {"operation", "body", "parameters", "org", "caller", …}: what the handler saw.
std::string describe(const http::Request& request);
/// A handler that answers with what it saw.
std::shared_ptr<TestHandler> echo_handler();
/// The OpenAPI document of the service "demo" under /v1/demo.
std::string demo_openapi();
http::Service demo_service(std::shared_ptr<http::Handler> handler = echo_handler());

/// A running server on a free port with the service "demo".
class ServerFixture : public ::testing::Test {
 protected:
  ServerFixture();
  ~ServerFixture() override;
  void start(std::shared_ptr<http::Handler> handler = echo_handler());

  ManualClock clock_;
  FixedDirectory directory_{clock_.now_ms()};
  ServerOptions options_;
  std::unique_ptr<Server> server_;
  std::filesystem::path folder_;
};

/// Waits for a condition another thread makes true; false after ten seconds.
bool eventually(const std::function<bool()>& condition);

}  // namespace forecourt::gateway::testing
