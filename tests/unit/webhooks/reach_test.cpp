#include "webhooks/reach.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>

#include <cstring>

namespace forecourt::webhooks {
namespace {

bool reaches(Reach reach, const char* address, bool https = true) {
  sockaddr_storage storage{};
  sockaddr_in v4{};
  sockaddr_in6 v6{};
  if (inet_pton(AF_INET, address, &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
    std::memcpy(&storage, &v4, sizeof v4);
  } else {
    EXPECT_EQ(inet_pton(AF_INET6, address, &v6.sin6_addr), 1) << address;
    v6.sin6_family = AF_INET6;
    std::memcpy(&storage, &v6, sizeof v6);
  }
  return check_address(reach, reinterpret_cast<const sockaddr&>(storage), https).ok();
}

TEST(Reach, NothingInsideIsReachedFromTheInternetSetting) {
  for (const char* address : {"0.0.0.0",
                              "10.1.2.3",
                              "100.64.0.1",
                              "100.127.255.255",
                              "127.0.0.1",
                              "127.9.9.9",
                              "169.254.169.254",
                              "172.16.0.1",
                              "172.31.255.255",
                              "192.0.0.8",
                              "192.0.2.1",
                              "192.168.1.1",
                              "198.18.0.1",
                              "198.51.100.7",
                              "203.0.113.9",
                              "224.0.0.1",
                              "240.0.0.1",
                              "255.255.255.255",
                              "::",
                              "::1",
                              "::ffff:10.0.0.1",
                              "::ffff:127.0.0.1",
                              "fc00::1",
                              "fd12::1",
                              "fe80::1",
                              "fec0::1",
                              "ff02::1",
                              "64:ff9b::a00:1",
                              "2002:a00:1::1",
                              "2002:7f00:1::1",
                              "2001::1",
                              "2001:db8::1",
                              "::10.0.0.1",
                              "64:ff9b:1::a00:1"}) {
    EXPECT_FALSE(reaches(Reach::internet, address)) << address;
  }
}

TEST(Reach, PublicAddressesAreReachedWithHttpsAlone) {
  for (const char* address :
       {"1.1.1.1", "100.63.255.255", "100.128.0.1", "172.15.0.1", "172.32.0.1", "223.255.255.1",
        "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"}) {
    EXPECT_TRUE(reaches(Reach::internet, address)) << address;
    EXPECT_FALSE(reaches(Reach::internet, address, false)) << address;
    EXPECT_FALSE(reaches(Reach::loopback, address, false)) << address;
    EXPECT_TRUE(reaches(Reach::anywhere, address, false)) << address;
  }
}

TEST(Reach, LoopbackIsReachedByASettingAndPrivateNetworksAreNot) {
  EXPECT_TRUE(reaches(Reach::loopback, "127.0.0.1", false));
  EXPECT_TRUE(reaches(Reach::loopback, "::1", false));
  EXPECT_FALSE(reaches(Reach::loopback, "10.0.0.1"));
  EXPECT_FALSE(reaches(Reach::loopback, "169.254.169.254"));
  EXPECT_TRUE(reaches(Reach::anywhere, "10.0.0.1", false));
}

TEST(WebhookUrl, IsRefusedWhenItIsNoneOrLeadsInside) {
  for (const char* url :
       {"", "hook", "/hook", "ftp://example.com/", "file:///etc/passwd", "gopher://example.com/",
        "http://example.com/", "https://user:secret@example.com/", "https://example.com/#top",
        "https://127.0.0.1/", "https://[::1]/", "https://10.0.0.1/", "https://2130706433/",
        "https://0x7f.1/", "https://[::ffff:10.0.0.1]/", "https://exa mple.com/"}) {
    EXPECT_FALSE(check_url(Reach::internet, url).ok()) << url;
  }
}

TEST(WebhookUrl, OfAPublicNameIsTaken) {
  EXPECT_TRUE(check_url(Reach::internet, "https://example.com/hooks?a=b").ok());
  EXPECT_TRUE(check_url(Reach::internet, "https://1.1.1.1:8443/").ok());
  EXPECT_TRUE(check_url(Reach::loopback, "http://127.0.0.1:9/hook").ok());
  EXPECT_FALSE(check_url(Reach::loopback, "http://1.1.1.1/hook").ok());
}

}  // namespace
}  // namespace forecourt::webhooks
