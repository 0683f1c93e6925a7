#include <forecourt/testkit/testkit.hpp>

#include <gtest/gtest.h>

#include <functional>
#include <stdexcept>
#include <string>

namespace {

using fc::testkit::Host;
using fc::testkit::Plugin;

std::string complaint(const std::function<void()>& work) {
  try {
    work();
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "nothing was thrown";
}

bool says(const std::string& text, const std::string& part) { return text.find(part) != text.npos; }

TEST(Testkit, ABundleThatIsNotThereIsNamed) {
  const std::string text = complaint([] { Host host({.bundle = "/nowhere"}); });
  EXPECT_TRUE(says(text, "/nowhere")) << text;
}

TEST(Testkit, AServiceThatIsNotGrantedIsNamed) {
  const std::string text =
      complaint([] { Host host({.bundle = STARTER, .grants = R"({"services":["fc.http/1"]})"}); });
  EXPECT_TRUE(says(text, "fc.sql/1")) << text;
}

TEST(Testkit, ASettingThatBreaksTheSchemaIsRefused) {
  const std::string text =
      complaint([] { Host host({.bundle = STARTER, .config = R"({"group":{"keep_days":0}})"}); });
  EXPECT_TRUE(says(text, "keep_days")) << text;
  Host host({.bundle = STARTER});
  EXPECT_TRUE(
      says(complaint([&] { host.set_config("group", R"({"keep_days":"3"})"); }), "keep_days"));
}

TEST(Testkit, AnOrgThatCannotBeIsRefused) {
  Host host({.bundle = STARTER});
  EXPECT_TRUE(says(complaint([&] { host.add_org("store-1", "shop"); }), "store-1"));
  EXPECT_TRUE(says(complaint([&] { host.add_org("store-1", "store", "nobody"); }), "nobody"));
  host.add_org("store-1", "store");
  EXPECT_TRUE(says(complaint([&] { host.add_org("store-1", "store"); }), "store-1"));
}

TEST(Testkit, AQueryThatDoesNotCompileIsRefused) {
  Host host({.bundle = STARTER});
  EXPECT_TRUE(says(complaint([&] { host.query("SELECT nothing FROM nowhere"); }), "nowhere"));
  EXPECT_TRUE(says(complaint([&] { host.query("SELECT 1", "nobody"); }), "nobody"));
}

TEST(Testkit, APluginAfterItsStandInIsRefused) {
  Host host({.bundle = HELLO});
  host.publish_event("starter.note.written", "{}");
  EXPECT_TRUE(says(complaint([&] { host.add({.bundle = STARTER}); }), "starter"));
}

TEST(Testkit, WithoutScopesNoCredentialIsSent) {
  Host host({.bundle = HELLO});
  EXPECT_EQ(host.call("GET", "/v1/hello", "", {.scopes = {}}).status, 401);
}

TEST(Testkit, MalformedTargetsAreRefusedAsOnTheWire) {
  Host host({.bundle = HELLO});
  EXPECT_EQ(host.call("GET", "/v1/hello?name=%zz").status, 400);
  EXPECT_EQ(host.call("GET", "v1/hello").status, 400);
}

TEST(Testkit, SeveralPluginsServeBesideEachOther) {
  Host host(std::vector<Plugin>{{.bundle = STARTER}, {.bundle = HELLO}});
  EXPECT_EQ(host.call("GET", "/v1/hello").status, 200);
  EXPECT_EQ(host.call("GET", "/v1/starter/notes").status, 200);
  const std::string merged = host.call("GET", "/openapi.json", "", {.scopes = {}}).body;
  EXPECT_TRUE(says(merged, "/v1/hello") && says(merged, "/v1/starter/notes"));
}

TEST(Testkit, HostsShareNothing) {
  Host one({.bundle = STARTER});
  Host other({.bundle = STARTER});
  EXPECT_EQ(one.call("POST", "/v1/starter/notes", R"({"text":"hi"})").status, 201);
  EXPECT_EQ(one.query("SELECT id FROM notes").size(), 1u);
  EXPECT_TRUE(other.query("SELECT id FROM notes").empty());
  EXPECT_TRUE(other.events().empty());
}

TEST(Testkit, TheClockStandsStillUntilItIsTurned) {
  Host host({.bundle = STARTER});
  const auto written_at = [&] {
    return host.call("POST", "/v1/starter/notes", R"({"text":"hi"})").json()["written_at"].text();
  };
  EXPECT_EQ(written_at(), "2023-11-14T22:13:20.000Z");
  EXPECT_EQ(written_at(), "2023-11-14T22:13:20.000Z");
  host.clock().advance_ms(1'000);
  EXPECT_EQ(written_at(), "2023-11-14T22:13:21.000Z");
}

TEST(Testkit, ARequestAndWhatItReleasedAreOverWhenItReturns) {
  Host host({.bundle = STARTER});
  for (int i = 0; i < 20; ++i) {
    host.publish_event("membership.member.enrolled", "{}", "group", "mbr_" + std::to_string(i));
    ASSERT_EQ(host.query("SELECT count(*) FROM notes")[0][0].integer(), i + 1);
    ASSERT_EQ(host.events().size(), static_cast<size_t>(2 * (i + 1)));
  }
}

}  // namespace
