#include "gateway/route_table.hpp"

#include <gtest/gtest.h>

#include "unit/gateway/fixture.hpp"

namespace forecourt::gateway {
namespace {

using Kind = RouteMatch::Kind;

std::string document(const std::string& prefix,
                     const std::vector<std::pair<std::string, std::string>>& routes) {
  std::string paths;
  int n = 0;
  for (const auto& [method, path] : routes) {
    std::string parameters;
    for (size_t at = path.find('{'); at != std::string::npos; at = path.find('{', at + 1)) {
      const std::string name = path.substr(at + 1, path.find('}', at) - at - 1);
      parameters += std::string(parameters.empty() ? "" : ",") + "{\"name\":\"" + name +
                    "\",\"in\":\"path\",\"required\":true,\"schema\":{\"type\":\"string\"}}";
    }
    paths += std::string(paths.empty() ? "" : ",") + "\"" + prefix + path + "\":{\"" + method +
             "\":{\"operationId\":\"op" + std::to_string(n++) + "\",\"parameters\":[" + parameters +
             "],\"responses\":{\"200\":{\"description\":\"x\"}},\"x-forecourt\":{\"access\":"
             "\"none\",\"scope\":\"any\"}}}";
  }
  return "{\"openapi\":\"3.1.0\",\"info\":{\"title\":\"t\",\"version\":\"1\"},\"paths\":{" + paths +
         "}}";
}

http::Service service(const std::string& id,
                      const std::vector<std::pair<std::string, std::string>>& routes) {
  return {id, "/v1/" + id, document("/v1/" + id, routes), testing::echo_handler(), {}};
}

std::shared_ptr<const RouteTable> table(std::vector<http::Service> services) {
  auto built = RouteTable::build(std::move(services), std::make_shared<Stats>());
  EXPECT_TRUE(built) << built.error().message;
  return built ? *built : nullptr;
}

TEST(RouteTable, RefusesOverlappingPrefixes) {
  const auto overlapping = [](const std::string& a, const std::string& b) {
    std::vector<http::Service> services = {service("a", {{"get", ""}}),
                                           service("b", {{"get", ""}})};
    services[0].prefix = a;
    services[0].openapi.clear();
    services[1].prefix = b;
    services[1].openapi.clear();
    return !RouteTable::build(std::move(services), std::make_shared<Stats>());
  };
  EXPECT_TRUE(overlapping("/v1/a", "/v1/a"));
  EXPECT_TRUE(overlapping("/v1/a", "/v1/a/b"));
  EXPECT_TRUE(overlapping("/v1/a/b", "/v1/a"));
  EXPECT_FALSE(overlapping("/v1/a", "/v1/ab"));
}

TEST(RouteTable, FindsNothingOutsideItsRoutes) {
  const auto routes = table({service("a", {{"get", "/x/{id}"}})});
  for (const char* path : {"/", "/v1", "/v1/a", "/v1/a/x", "/v1/a/x/", "/v1/a/x/1/", "/v1/a/x/1/2",
                           "/v1/a//x/1", "/V1/a/x/1"}) {
    EXPECT_EQ(routes->match("GET", path).kind, Kind::not_found) << path;
  }
}

TEST(RouteTable, TellsWrongMethodsFromUnknownOnes) {
  const auto routes = table({service("a", {{"put", "/x"}})});
  EXPECT_EQ(routes->match("GET", "/v1/a/x").kind, Kind::wrong_method);
  EXPECT_EQ(routes->match("GET", "/v1/a/x").allow, "PUT, OPTIONS");
  EXPECT_EQ(routes->match("OPTIONS", "/v1/a/x").kind, Kind::options);
  for (const char* method : {"put", "TRACE", "CONNECT", "BREW"}) {
    EXPECT_EQ(routes->match(method, "/v1/a/x").kind, Kind::unknown_method) << method;
  }
}

TEST(RouteTable, PrefersALiteralOverAParameter) {
  const auto routes = table({service("a", {{"get", "/x/{id}"}, {"get", "/x/special"}})});
  EXPECT_EQ(routes->match("GET", "/v1/a/x/special").route->operation->id, "op1");
  EXPECT_EQ(routes->match("GET", "/v1/a/x/other").route->operation->id, "op0");
}

TEST(RouteTable, ComesBackFromALiteralThatLeadsNowhere) {
  const auto routes = table({service("a", {{"get", "/{kind}/items/{id}"}, {"get", "/cars/all"}})});
  const RouteMatch match = routes->match("GET", "/v1/a/cars/items/7");
  ASSERT_EQ(match.kind, Kind::found);
  EXPECT_EQ(match.parameters[0], "cars");
  EXPECT_EQ(match.parameters[1], "7");
}

TEST(RouteTable, ServesHeadWithGet) {
  const auto routes = table({service("a", {{"get", ""}})});
  EXPECT_EQ(routes->match("HEAD", "/v1/a").kind, Kind::found);
}

TEST(RouteTable, AnswersForAServiceOfWhichOnlyThePrefixIsKnown) {
  http::Service broken{"b", "/v1/b", "", nullptr, "does not load"};
  const auto routes = table({service("a", {{"get", ""}}), broken});
  const RouteMatch match = routes->match("POST", "/v1/b/what/ever");
  ASSERT_EQ(match.kind, Kind::unavailable);
  EXPECT_EQ(match.service->unavailable, "does not load");
  EXPECT_EQ(routes->match("GET", "/v1/bb").kind, Kind::not_found);
}

TEST(RouteTable, NamesTheDocumentThatIsWrong) {
  http::Service wrong = service("a", {{"get", ""}});
  wrong.openapi = "{\"openapi\":\"2.0\"}";
  const auto built = RouteTable::build({wrong}, std::make_shared<Stats>());
  ASSERT_FALSE(built);
  EXPECT_EQ(built.error().message, "a: openapi.json: openapi: must be \"3.1.0\"");
}

TEST(RouteTable, GivesEachDocumentAnEtagOfItsOwn) {
  const auto one = table({service("a", {{"get", ""}})});
  const auto same = table({service("a", {{"get", ""}})});
  const auto other = table({service("a", {{"get", "/x"}})});
  EXPECT_EQ(one->openapi_etag(), same->openapi_etag());
  EXPECT_NE(one->openapi_etag(), other->openapi_etag());
}

}  // namespace
}  // namespace forecourt::gateway
