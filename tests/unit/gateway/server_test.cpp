#include "gateway/server.hpp"

#include "unit/gateway/fixture.hpp"
#include "unit/gateway/raw_client.hpp"

namespace forecourt::gateway::testing {
namespace {

class ServerTest : public ServerFixture {};

const std::string k_key = "Authorization: Bearer secret-admin\r\n";

TEST_F(ServerTest, RefusesAListenAddressWithoutAPort) {
  options_.listen = "127.0.0.1";
  Server server(options_);
  const auto started = server.start();
  ASSERT_FALSE(started);
  EXPECT_NE(started.error().message.find("must be host:port"), std::string::npos);
}

TEST_F(ServerTest, RefusesAPortInUse) {
  start();
  options_.listen = "127.0.0.1:" + std::to_string(server_->port());
  Server second(options_);
  EXPECT_FALSE(second.start());
}

TEST_F(ServerTest, ServesAnInlineOperation) {
  start();
  RawClient client(server_->port());
  client.send("GET /v1/demo?name=Ada HTTP/1.1\r\nHost: x\r\n" + k_key + "\r\n");
  const RawResponse response = client.read();
  EXPECT_EQ(response.status, 200) << response.body;
  EXPECT_NE(response.body.find("\"name\":\"Ada\""), std::string::npos) << response.body;
  EXPECT_EQ(response.headers.at("content-type"), "application/json");
  EXPECT_EQ(response.headers.at("x-content-type-options"), "nosniff");
  EXPECT_EQ(response.headers.at("cache-control"), "no-store");
}

}  // namespace
}  // namespace forecourt::gateway::testing
