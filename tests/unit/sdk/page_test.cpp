#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "fake_host.hpp"

namespace {

struct Item {
  int64_t id = 0;
};
FORECOURT_FIELDS(Item, id)

class Page : public testing::Test {
 protected:
  fc::Page<Item> with(std::optional<std::string> limit, std::optional<std::string> cursor) {
    host_.parameters.clear();
    if (limit) host_.parameters[{FC_IN_QUERY, "limit"}] = *limit;
    if (cursor) host_.parameters[{FC_IN_QUERY, "cursor"}] = *cursor;
    return fc::Page<Item>::of(fc::Call(services_, FakeHost::k_call));
  }
  /// A page over the ids above `after`, out of 1 to `last`.
  static fc::Page<Item> filled(fc::Page<Item> page, int64_t last) {
    for (int64_t id = page.after().empty() ? 1 : std::stoll(page.after()) + 1; id <= last; ++id) {
      if (!page.add({id}, std::to_string(id))) break;
    }
    return page;
  }

  FakeHost host_;
  fc::Services services_ = host_.services();
};

TEST_F(Page, RefusesALimitOutOfBounds) {
  for (const char* limit : {"0", "101", "-1", "", "ten", "5x", "99999999999999999999"}) {
    EXPECT_THROW(with(limit, std::nullopt), fc::Refusal) << limit;
  }
}

TEST_F(Page, RefusesACursorItDidNotMake) {
  for (const char* cursor : {"", "a", "!!!!", "bm90IG91cnM", "aw", "azF", "azE="}) {
    EXPECT_THROW(with(std::nullopt, cursor), fc::Refusal) << cursor;
  }
}

TEST_F(Page, WithoutALimitItIsFifty) { EXPECT_EQ(with(std::nullopt, std::nullopt).fetch(), 51); }

TEST_F(Page, TheLastPageHasNoCursor) {
  const auto page = filled(with("10", std::nullopt), 10);
  EXPECT_EQ(page.items.size(), 10u);
  EXPECT_FALSE(page.next_cursor);
}

TEST_F(Page, CursorsWalkTheListWithoutGapOrRepeat) {
  std::vector<int64_t> seen;
  std::optional<std::string> cursor;
  do {
    const auto page = filled(with("3", cursor), 10);
    for (const Item& item : page.items) seen.push_back(item.id);
    cursor = page.next_cursor;
  } while (cursor);
  EXPECT_EQ(seen, (std::vector<int64_t>{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}));
}

TEST_F(Page, KeysOfAnyBytesComeBack) {
  auto page = with("1", std::nullopt);
  const std::string key("\x00\xFF é\"", 6);
  page.add({1}, key);
  page.add({2}, "next");
  EXPECT_EQ(with("1", page.next_cursor).after(), key);
}

TEST_F(Page, IsWrittenAsItemsAndCursor) {
  EXPECT_EQ(fc::ok(filled(with("10", std::nullopt), 2)).body(),
            R"({"items":[{"id":1},{"id":2}],"next_cursor":null})");
  EXPECT_EQ(fc::to_json_text(filled(with("1", std::nullopt), 2)),
            R"({"items":[{"id":1}],"next_cursor":"azE"})");
}

}  // namespace
