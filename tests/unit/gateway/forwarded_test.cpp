#include "gateway/forwarded.hpp"

#include <gtest/gtest.h>

namespace forecourt::gateway {
namespace {

Networks networks(std::string_view text) {
  auto parsed = parse_networks(text);
  EXPECT_TRUE(parsed.ok()) << parsed.error().message;
  return parsed ? std::move(*parsed) : Networks{};
}

/// Who the client is behind the proxy 10.0.0.1, when 10.0.0.0/8 and ::1 are trusted.
std::string client(const std::vector<std::pair<std::string, std::string>>& headers) {
  static const Networks proxies = networks("10.0.0.0/8, ::1");
  RequestHead head;
  for (const auto& [name, value] : headers) head.add(name, value);
  return ip_text(forwarded_client(head, *parse_ip("10.0.0.1"), proxies));
}
std::string listed(const std::string& hops) { return client({{"X-Forwarded-For", hops}}); }
std::string described(const std::string& hops) { return client({{"Forwarded", hops}}); }

TEST(Networks, RefusesWhatIsNoneAndSaysWhich) {
  for (const char* bad :
       {"10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/", "10.0.0.0/8x", "10.0.0", "10.0.0.0.0",
        "010.0.0.1", "proxy", "::1/129", "fe80::1%eth0", "[::1]", "10.0.0.1:80",
        "10.0.0.1 10.0.0.2", "0x0a.0.0.1", "10.0.0.1,,10.0.0.2", "*", "10.0.0.1/8", "fd00::1/8"}) {
    const auto parsed = parse_networks(bad);
    EXPECT_FALSE(parsed.ok()) << bad;
  }
  EXPECT_NE(parse_networks("10.0.0.1, proxy").error().message.find("\"proxy\""), std::string::npos);
}

TEST(Networks, HoldWhatTheyCover) {
  EXPECT_TRUE(networks("").empty());
  const Networks some = networks("10.0.0.0/8,192.0.2.128/25, 127.0.0.1 ,fd00::/8, ::1");
  for (const char* in : {"10.0.0.0", "10.255.255.255", "192.0.2.128", "192.0.2.255", "127.0.0.1",
                         "fdff::1", "::1", "::ffff:10.1.2.3"})
    EXPECT_TRUE(contains(some, *parse_ip(in))) << in;
  for (const char* out :
       {"9.255.255.255", "11.0.0.0", "192.0.2.127", "127.0.0.2", "fe00::1", "::2", "::10.0.0.1"})
    EXPECT_FALSE(contains(some, *parse_ip(out))) << out;
  EXPECT_TRUE(contains(networks("0.0.0.0/0"), *parse_ip("203.0.113.9")));
  EXPECT_FALSE(contains(networks("0.0.0.0/0"), *parse_ip("2001:db8::1")));
  EXPECT_TRUE(contains(networks("::/0"), *parse_ip("2001:db8::1")));
}

TEST(ForwardedClient, IsThePeerWhenNothingIsSaidOrWhatIsSaidIsMalformed) {
  EXPECT_EQ(client({}), "10.0.0.1");
  for (const char* bad :
       {"", " ", "unknown", "203.0.113.9:80", "[2001:db8::1]", "203.0.113.9;", "\"203.0.113.9\"",
        "203.0.113.9, ", ",203.0.113.9,", "203.0.113.999", "203.0.113.9 198.51.100.2"})
    EXPECT_EQ(listed(bad), "10.0.0.1") << bad;
  for (const char* bad :
       {"", "for=", "for=unknown", "for=_hidden", "proto=https", "for=\"203.0.113.9", "for=[::1",
        "for=203.0.113.9:x", "for=203.0.113.9;for=203.0.113.9", "for=\"[203.0.113.9]\"",
        "for 203.0.113.9", "for=203.0.113.9,"})
    EXPECT_EQ(described(bad), "10.0.0.1") << bad;
}

TEST(ForwardedClient, IsTheRightMostHopThatIsNoProxy) {
  EXPECT_EQ(listed("203.0.113.9"), "203.0.113.9");
  EXPECT_EQ(listed("203.0.113.9, 10.0.0.2,\t10.0.0.3"), "203.0.113.9");
  EXPECT_EQ(listed("198.51.100.7, 203.0.113.9, 10.0.0.2"), "203.0.113.9")
      << "what stands left of it was written by the client itself";
  EXPECT_EQ(listed("10.0.0.9, 203.0.113.9"), "203.0.113.9");
  EXPECT_EQ(listed("10.0.0.5, 10.0.0.4"), "10.0.0.5") << "a client within the proxies' network";
  EXPECT_EQ(listed("203.0.113.9, rubbish, 10.0.0.2"), "10.0.0.2");
  EXPECT_EQ(client({{"x-forwarded-for", "203.0.113.9"}, {"X-FORWARDED-FOR", "10.0.0.2"}}),
            "203.0.113.9");
  EXPECT_EQ(listed("2001:db8::1, ::1"), "2001:db8::1");
}

TEST(ForwardedClient, ReadsTheStandardHeaderToo) {
  EXPECT_EQ(described("for=203.0.113.9"), "203.0.113.9");
  EXPECT_EQ(described("For=\"[2001:db8::1]:4711\";proto=https;by=10.0.0.1"), "2001:db8::1");
  EXPECT_EQ(described("for=198.51.100.7, for=203.0.113.9;proto=http, for=10.0.0.2"), "203.0.113.9");
  EXPECT_EQ(described("for=203.0.113.9;ext=\"a,for=198.51.100.7\""), "203.0.113.9")
      << "what is quoted is no hop";
}

TEST(ForwardedClient, TwoHeadersThatContradictEachOtherAreNotBelieved) {
  EXPECT_EQ(client({{"X-Forwarded-For", "203.0.113.9"}, {"Forwarded", "for=198.51.100.7"}}),
            "10.0.0.1");
  EXPECT_EQ(client({{"X-Forwarded-For", "203.0.113.9"}, {"Forwarded", "for=203.0.113.9"}}),
            "203.0.113.9");
}

TEST(ForwardedClient, ALongListIsWalkedForAWhileOnly) {
  std::string hops = "203.0.113.9";
  for (int i = 0; i < 1000; ++i) hops += ",10.0.0.2";
  EXPECT_EQ(listed(hops), "10.0.0.2");
}

}  // namespace
}  // namespace forecourt::gateway
