// The merged OpenAPI document, judged by a linter that is not ours.

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "e2e/support/host_process.hpp"
#include "e2e/support/scene.hpp"

namespace e2e {
namespace {

std::string output_of(const std::string& command) {
  FILE* pipe = ::popen(command.c_str(), "r");
  std::string said;
  char chunk[1024];
  size_t n;
  while ((n = std::fread(chunk, 1, sizeof chunk, pipe)) > 0) said.append(chunk, n);
  ::pclose(pipe);
  return said;
}

TEST(OpenApi, TheMergedDocumentLintsClean) {
  const std::string redocly =
      std::string(FORECOURT_BINARY_DIR) + "/tools/node_modules/.bin/redocly";
  ASSERT_TRUE(std::filesystem::exists(redocly)) << "./dev test installs it";
  if (std::atoi(output_of("node --version").substr(1).c_str()) < 20) {
    GTEST_SKIP() << "the linter needs node 20; Debian 12's own is 18";
  }
  HostProcess host;
  host.start();
  const TempFolder folder;
  std::ofstream(folder.path() / "openapi.json") << host.client("").get("/openapi.json").body;
  const std::string said =
      output_of("cd " + folder.path().string() + " && REDOCLY_TELEMETRY=off " + redocly +
                " lint --format=json openapi.json 2>/dev/null </dev/null");
  EXPECT_NE(said.find("\"errors\": 0"), std::string::npos) << said;
  EXPECT_NE(said.find("\"warnings\": 0"), std::string::npos) << said;
}

TEST(OpenApi, EveryOperationOfTheSurfaceIsInIt) {
  HostProcess host;
  host.start();
  const Document api = json_of(host.client("").get("/openapi.json"));
  const forecourt::json::Value* paths = forecourt::json::find(api, "paths");
  ASSERT_TRUE(paths);
  for (const char* path : {"/v1/hello",
                           "/admin/v1/orgs",
                           "/admin/v1/keys",
                           "/admin/v1/keys/{id}",
                           "/admin/v1/plugins",
                           "/admin/v1/plugins/{id}/config",
                           "/v1/payments/merchants",
                           "/v1/payments/orders",
                           "/v1/payments/orders/{out_trade_no}",
                           "/v1/payments/wechat/{merchant_id}/notify",
                           "/v1/membership/members",
                           "/v1/membership/members/{id}",
                           "/v1/membership/members/{id}/ledger",
                           "/v1/membership/members/{id}/adjustments",
                           "/v1/coupons/batches",
                           "/v1/coupons/batches/{id}/issue",
                           "/v1/coupons/coupons",
                           "/v1/coupons/coupons/{code}",
                           "/v1/coupons/coupons/{code}/redeem",
                           "/v1/coupons/coupons/{code}/return",
                           "/v1/community/corps",
                           "/v1/community/wecom/{id}/callback",
                           "/v1/community/groups",
                           "/v1/community/groups/{id}/members",
                           "/v1/community/groups/{id}/customer",
                           "/v1/community/groups/{id}/activity"}) {
    EXPECT_TRUE(forecourt::json::find(*paths, path)) << path;
  }
}

}  // namespace
}  // namespace e2e
