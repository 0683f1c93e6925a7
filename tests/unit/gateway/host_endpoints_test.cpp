#include "gateway/host_endpoints.hpp"

#include <fstream>

#include "gateway/stats.hpp"
#include "unit/gateway/fixture.hpp"
#include "unit/gateway/raw_client.hpp"

namespace forecourt::gateway::testing {
namespace {

class HostEndpointsTest : public ServerFixture {
 protected:
  RawResponse get(const std::string& path, const std::string& headers = "") {
    RawClient client(server_->port());
    client.send("GET " + path + " HTTP/1.1\r\nHost: x\r\n" + headers + "Connection: close\r\n\r\n");
    return client.read();
  }
  void install_viewer() {
    options_.assets_folder = folder_ / "viewer";
    std::filesystem::create_directory(options_.assets_folder);
    std::ofstream(folder_ / "viewer" / "swagger-ui-bundle.js") << "var x = '\xE6\x94\xAF';\n";
    std::ofstream(folder_ / "viewer" / "swagger-ui.css") << "a{}\n";
    std::ofstream(folder_ / "viewer" / "package.json") << "{}\n";
  }
};

TEST_F(HostEndpointsTest, IsNotReadyForAReason) {
  options_.readiness = [] {
    return std::vector<Unready>{{"plugin coupons", "failed: no such table"}};
  };
  start();
  const RawResponse response = get("/readyz");
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(
      response.body,
      R"({"status":"unready","checks":[{"check":"plugin coupons","reason":"failed: no such table"}]})");
  EXPECT_EQ(get("/livez").status, 200);
}

TEST_F(HostEndpointsTest, ServesTheViewersFilesAndNoOthers) {
  install_viewer();
  start();
  const RawResponse page = get("/docs");
  EXPECT_EQ(page.status, 200);
  EXPECT_NE(page.headers.at("content-security-policy").find("default-src 'self'"),
            std::string::npos);
  const RawResponse script = get("/docs/swagger-ui-bundle.js");
  EXPECT_EQ(script.body, "var x = '\xE6\x94\xAF';\n");
  EXPECT_EQ(script.headers.at("content-type"), "text/javascript; charset=utf-8");
  EXPECT_EQ(get("/docs/start.js").status, 200);
  EXPECT_EQ(
      get("/docs/swagger-ui-bundle.js", "If-None-Match: " + script.headers.at("etag") + "\r\n")
          .status,
      304);
  EXPECT_EQ(get("/docs/package.json").status, 404);
  EXPECT_EQ(get("/docs/swagger-ui.css/").status, 404);
  EXPECT_EQ(get("/docs/../docs/start.js").status, 400);
}

TEST_F(HostEndpointsTest, PagesLoadNothingFromElsewhere) {
  install_viewer();
  start();
  for (const char* path : {"/docs", "/docs/start.js"}) {
    const std::string body = get(path).body;
    EXPECT_EQ(body.find("http:"), std::string::npos) << path;
    EXPECT_EQ(body.find("https:"), std::string::npos) << path;
    EXPECT_EQ(body.find("src=\"//"), std::string::npos) << path;
  }
}

TEST_F(HostEndpointsTest, MeasuresEachOperation) {
  options_.more_metrics = [] { return std::string("other_metric 1\n"); };
  start();
  RawClient client(server_->port());
  for (int i = 0; i < 3; ++i) {
    client.send("GET /v1/demo HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer secret-admin\r\n\r\n");
    EXPECT_EQ(client.read().status, 200);
  }
  client.send(
      "GET /v1/demo HTTP/1.1\r\nHost: x\r\n\r\nGET /v1/nothing HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(client.read().status, 401);
  EXPECT_EQ(client.read().status, 404);
  const std::string body = get("/metrics").body;
  for (const char* line :
       {"forecourt_http_requests_total{plugin=\"demo\",operation=\"hello\",status=\"200\"} 3",
        "forecourt_http_requests_total{plugin=\"demo\",operation=\"hello\",status=\"401\"} 1",
        "forecourt_http_requests_total{plugin=\"host\",operation=\"unrouted\",status=\"404\"} 1",
        "forecourt_http_request_duration_seconds_count{plugin=\"demo\",operation=\"hello\"} 4",
        "forecourt_http_request_duration_seconds_bucket{plugin=\"demo\",operation=\"hello\",le=\"+"
        "Inf\"} 4",
        "forecourt_http_connections 2", "other_metric 1"}) {
    EXPECT_NE(body.find(std::string(line)), std::string::npos) << line << "\n" << body;
  }
  EXPECT_EQ(body.find("operation=\"put_item\""), std::string::npos) << "never called";
}

TEST(Stats, SortsDurationsIntoBuckets) {
  Stats stats;
  OperationStats* operation = stats.operation("p", "o");
  EXPECT_EQ(operation, stats.operation("p", "o"));
  operation->record(200, 99'000);
  operation->record(200, 100'000);
  operation->record(200, 100'001);
  operation->record(418, 10'000'000'000);
  const std::string text = stats.render();
  for (const char* line : {"le=\"0.0001\"} 2", "le=\"0.00025\"} 3", "le=\"5\"} 3", "le=\"+Inf\"} 4",
                           "status=\"200\"} 3", "status=\"599\"} 1"}) {
    EXPECT_NE(text.find(line), std::string::npos) << line << "\n" << text;
  }
}

}  // namespace
}  // namespace forecourt::gateway::testing
