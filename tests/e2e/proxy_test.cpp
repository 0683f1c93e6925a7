// Whom the access log names as the client.

#include <gtest/gtest.h>

#include <string>

#include "e2e/support/host_process.hpp"

namespace e2e {
namespace {

/// What the host logs as the client of requests with these headers, in their order.
std::string clients_logged(const std::string& proxies, const std::vector<Headers>& requests) {
  HostProcess host({.plugins = {"hello"}, .environment = {{"FORECOURT_TRUSTED_PROXIES", proxies}}});
  host.start();
  HttpClient client = host.client();
  for (const Headers& headers : requests) EXPECT_EQ(client.get("/v1/hello", headers).status, 200);
  EXPECT_EQ(host.terminate(), 0);
  const std::string output = host.output();
  std::string clients;
  const std::string member = "\"client\":\"";
  for (size_t at = output.find(member); at != output.npos; at = output.find(member, at)) {
    at += member.size();
    clients += output.substr(at, output.find('"', at) - at) + " ";
  }
  return clients;
}

TEST(TrustedProxies, NobodyIsTrustedByDefault) {
  EXPECT_EQ(clients_logged("", {{{"X-Forwarded-For", "203.0.113.9"}},
                                {{"Forwarded", "for=203.0.113.9"}, {"X-Real-IP", "203.0.113.9"}}}),
            "127.0.0.1 127.0.0.1 ");
}

TEST(TrustedProxies, OthersThanTheNamedAreNotTrusted) {
  EXPECT_EQ(clients_logged("10.0.0.0/8", {{{"X-Forwarded-For", "203.0.113.9"}}}), "127.0.0.1 ");
}

TEST(TrustedProxies, ATrustedOneSaysWhoTheClientIsOfEachRequestOfItsConnection) {
  EXPECT_EQ(clients_logged("127.0.0.0/8", {{{"X-Forwarded-For", "203.0.113.9"}},
                                           {},
                                           {{"Forwarded", "for=198.51.100.7;proto=https"}},
                                           {{"X-Forwarded-For", "not an address"}}}),
            "203.0.113.9 127.0.0.1 198.51.100.7 127.0.0.1 ");
}

}  // namespace
}  // namespace e2e
