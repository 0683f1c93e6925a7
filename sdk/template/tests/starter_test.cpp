#include <forecourt/testkit/testkit.hpp>

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

namespace {

using fc::testkit::CallOptions;

class Starter : public testing::Test {
 protected:
  Starter() {
    host_.add_org("dealer-1", "dealer");
    host_.add_org("store-1", "store", "dealer-1");
    host_.add_org("store-2", "store", "dealer-1");
  }
  std::string write(const std::string& org, const std::string& text) {
    const std::string body = fc::Json::object({{"text", text}}).dump();
    return host_.call("POST", "/v1/starter/notes", body, {.org = org}).json()["id"].text();
  }
  size_t count(const std::string& org) {
    return host_.call("GET", "/v1/starter/notes", "", {.org = org}).json()["items"].items().size();
  }

  fc::testkit::Host host_{{.bundle = BUNDLE}};
};

TEST_F(Starter, AnEmptyNoteIsRefusedAndNothingHappens) {
  const auto refused = host_.call("POST", "/v1/starter/notes", R"({"text":""})");
  EXPECT_EQ(refused.status, 400);
  EXPECT_EQ(refused.json()["code"].text(), "invalid-body");
  EXPECT_TRUE(host_.query("SELECT id FROM notes").empty());
  EXPECT_TRUE(host_.events().empty());
}

TEST_F(Starter, AKeyThatMayReadMayNotWrite) {
  const CallOptions reader{.org = "store-1", .scopes = {"starter:read"}};
  EXPECT_EQ(host_.call("POST", "/v1/starter/notes", R"({"text":"hi"})", reader).status, 403);
  EXPECT_EQ(host_.call("GET", "/v1/starter/notes", "", reader).status, 200);
}

TEST_F(Starter, AnotherStoresNoteDoesNotExist) {
  const std::string id = write("store-1", "call Ada");
  EXPECT_EQ(host_.call("GET", "/v1/starter/notes/" + id, "", {.org = "store-2"}).status, 404);
  EXPECT_EQ(host_.call("GET", "/v1/starter/notes/" + id, "", {.org = "store-1"}).status, 200);
  EXPECT_EQ(count("store-2"), 0u);
  EXPECT_EQ(count("dealer-1"), 1u);
}

TEST_F(Starter, ANoteIsToldAsAnEvent) {
  const std::string id = write("store-1", "call Ada");
  const auto events = host_.events();
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].type, "starter.note.written");
  EXPECT_EQ(events[0].subject, id);
  EXPECT_EQ(events[0].org, "store-1");
  EXPECT_EQ(events[0].json()["text"].text(), "call Ada");
}

TEST_F(Starter, ARepeatedRequestIsOneNote) {
  const CallOptions once{.org = "store-1", .headers = {{"Idempotency-Key", "\"note-1\""}}};
  const auto first = host_.call("POST", "/v1/starter/notes", R"({"text":"hi"})", once);
  const auto again = host_.call("POST", "/v1/starter/notes", R"({"text":"hi"})", once);
  EXPECT_EQ(again.body, first.body);
  EXPECT_EQ(count("store-1"), 1u);
}

TEST_F(Starter, PagesWalkTheWholeList) {
  for (int i = 0; i < 5; ++i) write("store-1", "note " + std::to_string(i));
  size_t seen = 0;
  std::string next = "/v1/starter/notes?limit=2";
  while (!next.empty()) {
    const fc::Json page = host_.call("GET", next, "", {.org = "store-1"}).json();
    seen += page["items"].items().size();
    const fc::Json& cursor = page["next_cursor"];
    next = cursor.is_null() ? "" : "/v1/starter/notes?limit=2&cursor=" + cursor.text();
  }
  EXPECT_EQ(seen, 5u);
}

TEST_F(Starter, ANewMemberIsNotedAtTheStoreWhereItHappened) {
  host_.publish_event("membership.member.enrolled", R"({"id":"mbr_1"})", "store-2", "mbr_1");
  const auto rows = host_.query("SELECT org, text FROM notes");
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0][0].text(), "store-2");
  EXPECT_EQ(rows[0][1].text(), "Say hello to the new member mbr_1");
}

TEST_F(Starter, ANoteIsForgottenAfterTheDaysOfTheNearestOrg) {
  constexpr int64_t k_day_ms = 24 * 60 * 60 * 1000;
  host_.set_config("dealer-1", R"({"keep_days":3})");
  write("store-1", "soon forgotten");
  host_.clock().advance_ms(3 * k_day_ms - 1);
  host_.run_due_jobs();
  EXPECT_EQ(count("store-1"), 1u);
  host_.clock().advance_ms(1);
  host_.run_due_jobs();
  EXPECT_EQ(count("store-1"), 0u);
  EXPECT_TRUE(host_.parked().empty());
}

}  // namespace
