#include "org/keys.hpp"

#include <gtest/gtest.h>

#include <set>

#include "org/credential.hpp"
#include "unit/org/directory_fixture.hpp"

namespace forecourt::org {
namespace {

class Keys : public DirectoryTest {
 protected:
  Code refusal(const NewKey& wanted) {
    const auto checked = check_new_key(*directory_->snapshot(), wanted, clock_.now_ms());
    return checked ? Code{} : checked.error().code;
  }
};

TEST_F(Keys, RefusesAnUnknownOrg) {
  EXPECT_EQ(refusal({"nowhere", "till", {"*"}}), Code::not_found);
}

TEST_F(Keys, RefusesMalformedAndMissingScopes) {
  EXPECT_EQ(refusal({"group", "till", {}}), Code::invalid);
  EXPECT_EQ(refusal({"group", "till", {"coupons:redeem", "coupons"}}), Code::invalid);
}

TEST_F(Keys, RefusesAnExpiryInThePast) {
  EXPECT_EQ(refusal({"group", "till", {"*"}, clock_.now_ms()}), Code::invalid);
  EXPECT_EQ(refusal({"group", "till", {"*"}, clock_.now_ms() + 1}), Code{});
}

TEST_F(Keys, RefusesACredentialThatAnotherKeyHas) {
  ASSERT_TRUE(add_key({"group", "one", {"*"}}, "the same credential").ok());
  const auto second = add_key({"group", "two", {"*"}}, "the same credential");
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().code, Code::conflict);
}

TEST_F(Keys, AreForgottenOnceDeleted) {
  const auto id = add_key({"group", "till", {"*"}}, "a credential");
  ASSERT_TRUE(id.ok());
  auto deleted = directory_->write(
      [&](storage::Session& session, const Snapshot&) { return delete_key(session, *id); });
  ASSERT_TRUE(deleted.ok()) << deleted.error().message;
  EXPECT_EQ(directory_->snapshot()->authenticate("a credential"), nullptr);
}

TEST_F(Keys, DeletingAnUnknownOneSaysSo) {
  auto deleted = directory_->write(
      [&](storage::Session& session, const Snapshot&) { return delete_key(session, "key_0"); });
  ASSERT_FALSE(deleted.ok());
  EXPECT_EQ(deleted.error().code, Code::not_found);
}

TEST_F(Keys, SurviveARestart) {
  const auto id = add_key({"group", "till", {"coupons:redeem", "membership:*"}, 2'000'000'000'000},
                          "a credential");
  ASSERT_TRUE(id.ok());
  reopen();
  const auto snapshot = directory_->snapshot();
  const Key* key = snapshot->authenticate("a credential");
  ASSERT_NE(key, nullptr);
  EXPECT_EQ(key->id, *id);
  EXPECT_EQ(key->scopes, (std::vector<std::string>{"coupons:redeem", "membership:*"}));
  EXPECT_EQ(key->expires_at_ms, 2'000'000'000'000);
}

TEST_F(Keys, TheLastAdminIsKnown) {
  const auto admin = add_key({"group", "admin", {"*"}}, "first credential");
  const auto expired = add_key({"group", "old", {"*"}, clock_.now_ms() + 1}, "second credential");
  const auto till = add_key({"group", "till", {"coupons:*"}}, "third credential");
  clock_.advance_ms(10);
  const auto snapshot = directory_->snapshot();
  EXPECT_TRUE(is_last_admin(*snapshot, *admin, clock_.now_ms()));
  EXPECT_FALSE(is_last_admin(*snapshot, *expired, clock_.now_ms()));
  EXPECT_FALSE(is_last_admin(*snapshot, *till, clock_.now_ms()));
}

TEST(Credential, TheChosenOneMustBeLongAndPrintable) {
  EXPECT_FALSE(check_chosen_credential("fifteen bytes..").ok());
  EXPECT_FALSE(check_chosen_credential("has a\ttabulator in").ok());
  EXPECT_FALSE(check_chosen_credential("ends with a space ").ok());
  EXPECT_FALSE(check_chosen_credential("gr\xC3\xBC\xC3\x9F"
                                       "e aus dem Allg")
                   .ok());
  EXPECT_FALSE(check_chosen_credential(std::string(257, 'x')).ok());
  EXPECT_TRUE(check_chosen_credential("sixteen bytes, !").ok());
}

TEST(Credential, ANewOneIsLongAndNeverTheSame) {
  std::set<std::string> made;
  for (int i = 0; i < 100; ++i) {
    const std::string credential = new_credential();
    EXPECT_EQ(credential.size(), 47u);
    EXPECT_TRUE(credential.starts_with("fck_"));
    made.insert(credential);
  }
  EXPECT_EQ(made.size(), 100u);
}

TEST(Credential, Base64urlAsInTheStandard) {
  const auto encode = [](std::string_view text) {
    return base64url({reinterpret_cast<const uint8_t*>(text.data()), text.size()});
  };
  EXPECT_EQ(encode(""), "");
  EXPECT_EQ(encode("f"), "Zg");
  EXPECT_EQ(encode("fo"), "Zm8");
  EXPECT_EQ(encode("foobar"), "Zm9vYmFy");
  EXPECT_EQ(encode("\xFB\xFF\xFE"), "-__-");
}

}  // namespace
}  // namespace forecourt::org
