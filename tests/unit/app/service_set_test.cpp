#include "app/service_set.hpp"

#include <gtest/gtest.h>

namespace forecourt::app {
namespace {

class Gateway final : public http::Services {
 public:
  Result<void> publish(std::vector<http::Service> services) override {
    if (refuse) return invalid("refused");
    prefixes.clear();
    for (const http::Service& service : services) prefixes.push_back(service.prefix);
    return {};
  }
  std::vector<std::string> prefixes;
  bool refuse = false;
};

http::Service service(const std::string& prefix) {
  http::Service made;
  made.id = prefix;
  made.prefix = prefix;
  return made;
}

TEST(ServiceSet, WhatTheGatewayRefusesIsNotPublishedLater) {
  Gateway gateway;
  ServiceSet services(gateway);
  ASSERT_TRUE(services.publish({service("/v1/hello")}).ok());
  gateway.refuse = true;
  EXPECT_FALSE(services.publish({service("/v1/bad")}).ok());
  gateway.refuse = false;
  ASSERT_TRUE(services.refresh().ok());
  EXPECT_EQ(gateway.prefixes, (std::vector<std::string>{"/v1/hello"}));
}

TEST(ServiceSet, APluginWinsOverWhatIsAdded) {
  Gateway gateway;
  ServiceSet services(gateway);
  services.add([] { return std::vector{service("/v1/hello"), service("/admin/v1")}; });
  ASSERT_TRUE(services.publish({service("/v1/hello")}).ok());
  EXPECT_EQ(gateway.prefixes, (std::vector<std::string>{"/v1/hello", "/admin/v1"}));
}

}  // namespace
}  // namespace forecourt::app
