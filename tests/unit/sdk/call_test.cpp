#include <gtest/gtest.h>

#include <string>

#include "fake_host.hpp"

namespace {

class Call : public testing::Test {
 protected:
  FakeHost host_;
  fc::Services services_ = host_.services();
  fc::Call call_{services_, FakeHost::k_call};
};

TEST_F(Call, APathParameterThatIsNotThereIsOurOwnMistake) {
  try {
    call_.path("id");
    FAIL();
  } catch (const fc::Error& error) {
    EXPECT_EQ(error.status(), FC_E_INTERNAL);
    EXPECT_STREQ(error.what(), "no parameter id: is it in openapi.json?");
  }
}

TEST_F(Call, PublishingOutsideAWriteThrowsTheHostsStatus) {
  host_.service_status = FC_E_STATE;
  try {
    call_.publish("a.b.c", "", fc::Json::object());
    FAIL();
  } catch (const fc::HostError& error) {
    EXPECT_EQ(error.status(), FC_E_STATE);
  }
}

TEST_F(Call, AMissingServiceIsNamed) {
  try {
    call_.id("note");
    FAIL();
  } catch (const fc::Error& error) {
    EXPECT_STREQ(error.what(), "fc.ids/1 is not granted to this plugin");
  }
}

TEST_F(Call, LoggingWithoutTheServiceIsSilent) {
  call_.log(FC_LOG_INFO, "nobody listens");
  call_.count("things");
}

TEST_F(Call, ABodyThatIsNoJsonIsInvalid) {
  host_.body = "{";
  EXPECT_THROW(call_.json(), fc::Error);
}

TEST_F(Call, ReadsParametersWhereTheyStand) {
  host_.parameters = {
      {{FC_IN_PATH, "id"}, "p"}, {{FC_IN_QUERY, "id"}, "q"}, {{FC_IN_HEADER, "id"}, "h"}};
  EXPECT_EQ(call_.path("id"), "p");
  EXPECT_EQ(call_.query_parameter("id"), "q");
  EXPECT_EQ(call_.header("id"), "h");
  EXPECT_EQ(call_.query_parameter("other"), std::nullopt);
}

TEST_F(Call, AnUnknownOrgIsAbsentRatherThanAnError) {
  host_.service_status = FC_E_NOT_FOUND;
  EXPECT_FALSE(call_.org_exists("store-9"));
  EXPECT_FALSE(call_.at_level("store-9", "group"));
  EXPECT_FALSE(call_.within("store-9", "group"));
  EXPECT_FALSE(call_.cancel_job("forget", "n1"));
}

TEST_F(Call, WithinIsYesOnlyWhenTheHostSaysYes) {
  host_.service_status = FC_OK;
  EXPECT_FALSE(call_.within("store-1", "store-2"));
  host_.service_status = FC_YES;
  EXPECT_TRUE(call_.within("store-1", "group"));
}

TEST_F(Call, ConfigIsJsonAndNullWhenNobodySetIt) {
  EXPECT_TRUE(call_.config("keep_days").is_null());
  host_.config_json = "365";
  EXPECT_EQ(call_.config("keep_days").integer(), 365);
}

TEST_F(Call, HandsOverWhatTheCommitReleases) {
  call_.publish("notes.note.written", "n1", fc::Json::object({{"id", "n1"}}));
  call_.schedule("forget", "n1", 42, "why");
  call_.cancel_job("forget", "n1");
  call_.audit("note.write", "n1");
  call_.adopt("store-1");
  EXPECT_EQ(host_.given, (std::vector<std::string>{R"(publish notes.note.written n1 {"id":"n1"})",
                                                   "schedule forget n1 42 why", "cancel forget n1",
                                                   "audit note.write n1 {}", "adopt store-1"}));
}

}  // namespace
