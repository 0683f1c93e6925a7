#include <gtest/gtest.h>

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "fake_host.hpp"

namespace {

fc_sql_value integer(int64_t value) { return fc::detail::sql_value(value); }
fc_sql_value text(std::string_view value) { return fc::detail::sql_value(value); }

class Sql : public testing::Test {
 protected:
  FakeHost host_;
  fc::Services services_ = host_.services();
  fc::Call call_{services_, FakeHost::k_call};
};

TEST_F(Sql, AColumnOfAnotherTypeIsOurOwnMistake) {
  host_.rows = {{text("a"), integer(1), fc_sql_value{}}};
  const auto row = call_.first("SELECT 1");
  ASSERT_TRUE(row);
  for (const auto& read : std::vector<std::function<void()>>{
           [&] { row->integer(0); }, [&] { row->real(0); }, [&] { row->text(1); },
           [&] { row->integer(2); }, [&] { row->text(3); }}) {
    try {
      read();
      ADD_FAILURE();
    } catch (const fc::Error& error) {
      EXPECT_EQ(error.status(), FC_E_INTERNAL);
    }
  }
}

TEST_F(Sql, AFailingStatementLeavesTheHostsText) {
  host_.query_status = FC_E_CONSTRAINT;
  EXPECT_THROW(call_.execute("INSERT"), fc::HostError);
  EXPECT_THROW(call_.query("SELECT"), fc::HostError);
}

TEST_F(Sql, AFailureBetweenRowsIsThrownAndTheQueryClosed) {
  host_.rows = {{integer(1)}};
  host_.next_status = FC_E_CANCELLED;
  EXPECT_THROW(
      {
        for (const fc::Row row : call_.query("SELECT 1")) EXPECT_EQ(row.integer(0), 1);
      },
      fc::HostError);
  EXPECT_EQ(host_.rows_open, 0);
}

TEST_F(Sql, ReadsRowsFromFrontToBack) {
  host_.rows = {{integer(1), text("a")}, {integer(2), fc_sql_value{}}};
  std::vector<std::optional<std::string>> seen;
  for (const fc::Row row : call_.query("SELECT id, name FROM t"))
    seen.push_back(row.optional_string(1));
  EXPECT_EQ(seen, (std::vector<std::optional<std::string>>{"a", std::nullopt}));
  EXPECT_EQ(host_.rows_open, 0);
}

TEST_F(Sql, LeavingEarlyClosesTheQuery) {
  host_.rows = {{integer(1)}, {integer(2)}};
  for (const fc::Row row : call_.query("SELECT 1")) {
    EXPECT_EQ(row.integer(0), 1);
    break;
  }
  EXPECT_EQ(host_.rows_open, 0);
}

TEST_F(Sql, FirstKeepsItsRowOpenAndNoLonger) {
  host_.rows = {{text("a")}};
  {
    const auto row = call_.first("SELECT name FROM t");
    ASSERT_TRUE(row);
    EXPECT_EQ(row->text(0), "a");
    EXPECT_EQ(host_.rows_open, 1);
  }
  EXPECT_EQ(host_.rows_open, 0);
  host_.rows.clear();
  EXPECT_FALSE(call_.first("SELECT name FROM t"));
}

TEST_F(Sql, PassesEachArgumentByItsType) {
  const std::string owned = "owned";
  EXPECT_EQ(call_.execute("UPDATE t", 1, int64_t{2}, true, 2.5, "literal", owned,
                          std::string_view("view"), fc::Blob{"\x01\x02"}, nullptr, std::nullopt,
                          std::optional<int64_t>(), std::optional<std::string>("some")),
            1);
  std::vector<uint32_t> types;
  for (const fc_sql_value& value : host_.sql_values) types.push_back(value.type);
  EXPECT_EQ(types,
            (std::vector<uint32_t>{FC_SQL_INTEGER, FC_SQL_INTEGER, FC_SQL_INTEGER, FC_SQL_DOUBLE,
                                   FC_SQL_TEXT, FC_SQL_TEXT, FC_SQL_TEXT, FC_SQL_BLOB, FC_SQL_NULL,
                                   FC_SQL_NULL, FC_SQL_NULL, FC_SQL_TEXT}));
  EXPECT_EQ(host_.sql_values[2].integer, 1);
  EXPECT_EQ(host_.sql_values[3].real, 2.5);
  EXPECT_EQ(host_.sql, "UPDATE t");
}

TEST_F(Sql, WithoutTheGrantItSaysSo) {
  host_.without = FC_SERVICE_SQL;
  const fc::Services services = host_.services();
  const fc::Call call(services, FakeHost::k_call);
  try {
    call.execute("SELECT 1");
    FAIL();
  } catch (const fc::Error& error) {
    EXPECT_EQ(error.status(), FC_E_DENIED);
    EXPECT_STREQ(error.what(), "fc.sql/1 is not granted to this plugin");
  }
}

}  // namespace
