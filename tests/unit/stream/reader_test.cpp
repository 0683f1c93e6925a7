#include "stream/reader.hpp"

#include <gtest/gtest.h>

#include "events/outbox.hpp"
#include "events/schema.hpp"
#include "org/snapshot_builder.hpp"

namespace forecourt::stream {
namespace {

using storage::Session;

/// One outbox, the tree group > store-1, store-2.
class ReaderTest : public testing::Test {
 protected:
  void SetUp() override {
    storage::StoreOptions options;
    options.clock = &clock_;
    options.host_schema = events::host_schema();
    auto store = storage::Store::open(std::move(options));
    ASSERT_TRUE(store.ok()) << store.error().message;
    store_ = *std::move(store);
    source_ = std::make_unique<events::StoreSource>(*store_);
    org::SnapshotBuilder builder;
    builder.add(org::Org{"group", "", "group", "group", "UTC"});
    builder.add(org::Org{"store-1", "group", "store", "store-1", ""});
    builder.add(org::Org{"store-2", "group", "store", "store-2", ""});
    tree_ = builder.build(1);
  }
  void write(const std::function<Result<void>(Session&)>& work) {
    auto written = store_->lane().run_now(work);
    ASSERT_TRUE(written.ok()) << written.error().message;
  }
  void publish(const std::string& id, const std::string& org = "store-1",
               const std::string& type = "payments.payment.verified",
               const std::string& data = "{}") {
    write([&](Session& session) {
      events::Event event;
      event.id = id;
      event.type = type;
      event.source = "payments";
      event.org = org;
      event.data = data;
      return events::publish(session, event);
    });
  }
  std::vector<Outbox> outboxes() {
    auto history = source_->history();
    EXPECT_TRUE(history.ok());
    std::vector<Outbox> all;
    all.push_back({"payments", source_.get(), *std::move(history)});
    return all;
  }
  /// What has come since the last time.
  std::string taken(Reader& reader) {
    std::string text;
    for (;;) {
      auto filled = reader.fill(outboxes(), *tree_);
      EXPECT_TRUE(filled.ok()) << filled.error().message;
      std::string piece;
      reader.take(piece);
      if (piece.empty()) return text;
      text += piece;
    }
  }
  static std::vector<std::string> ids(const std::string& text) {
    std::vector<std::string> found;
    const std::string mark = "\"id\":\"";
    for (size_t at = 0; (at = text.find(mark, at)) != std::string::npos;) {
      at += mark.size();
      found.push_back(text.substr(at, text.find('"', at) - at));
    }
    return found;
  }
  static std::string last_id(const std::string& text) {
    const size_t at = text.rfind("id: ") + 4;
    return text.substr(at, text.find('\n', at) - at);
  }
  Reader reader(const std::string& org, const std::string& after = {},
                std::set<std::string> types = {}) {
    Reader::Terms terms;
    terms.caller = "key_1";
    terms.org = org;
    terms.types = std::move(types);
    if (!after.empty()) terms.after = *from_token(after);
    return Reader(std::move(terms));
  }

  ManualClock clock_;
  std::unique_ptr<storage::Store> store_;
  std::unique_ptr<events::StoreSource> source_;
  std::shared_ptr<const org::Snapshot> tree_;
};

using Ids = std::vector<std::string>;

TEST_F(ReaderTest, SeesNoOtherOrgsEventsNoOthersTypesAndNoPast) {
  publish("evt_past");
  Reader one = reader("store-1");
  Reader all = reader("group", {}, {"payments.payment.verified"});
  one.locate(outboxes());
  all.locate(outboxes());
  publish("evt_1", "store-1");
  publish("evt_2", "store-2");
  publish("evt_3", "group");
  publish("evt_4", "store-1", "payments.payment.refused");
  EXPECT_EQ(ids(taken(one)), (Ids{"evt_1", "evt_4"}));
  EXPECT_EQ(ids(taken(all)), (Ids{"evt_1", "evt_2", "evt_3"}));
}

TEST_F(ReaderTest, GoesOnBehindTheLastIdWithoutGapOrDouble) {
  Reader first = reader("store-1");
  first.locate(outboxes());
  publish("evt_1");
  publish("evt_2", "store-2");
  publish("evt_3");
  const std::string text = taken(first);
  ASSERT_EQ(ids(text), (Ids{"evt_1", "evt_3"}));
  publish("evt_4");
  Reader again = reader("store-1", last_id(text));
  again.locate(outboxes());
  EXPECT_EQ(ids(taken(again)), Ids{"evt_4"});
  // From the middle, too.
  Reader middle = reader("store-1", last_id(text.substr(0, text.find("evt_1"))));
  middle.locate(outboxes());
  EXPECT_EQ(ids(taken(middle)), (Ids{"evt_3", "evt_4"}));
}

TEST_F(ReaderTest, SaysResetWhenEventsAreGoneAndGoesOnWithTheOldestKept) {
  Reader first = reader("store-1");
  first.locate(outboxes());
  std::string hello;
  first.take(hello);
  for (const char* id : {"evt_1", "evt_2", "evt_3"}) publish(id);
  write([](Session& session) -> Result<void> {
    auto pruned = session.execute("DELETE FROM fc_outbox WHERE number <= 2");
    if (!pruned) return std::move(pruned).error();
    return {};
  });
  Reader again = reader("store-1", last_id(hello));
  again.locate(outboxes());
  const std::string text = taken(again);
  EXPECT_NE(text.find("event: reset\n"), std::string::npos) << text;
  EXPECT_NE(text.find("\"publisher\":\"payments\""), std::string::npos) << text;
  EXPECT_EQ(ids(text), Ids{"evt_3"});
}

TEST_F(ReaderTest, AJsonWithLineEndsStaysOneEvent) {
  Reader one = reader("store-1");
  one.locate(outboxes());
  publish("evt_1", "store-1", "payments.payment.verified", "{\n\"a\":\r\n1}");
  const std::string text = taken(one);
  EXPECT_NE(text.find("\"data\":{ \"a\":  1}}\n\n"), std::string::npos) << text;
}

TEST_F(ReaderTest, BuffersNoMoreThanItsRoomAndLosesNothingForThat) {
  Reader one = reader("store-1");
  one.locate(outboxes());
  const std::string large = "{\"x\":\"" + std::string(20'000, 'x') + "\"}";
  for (int i = 0; i < 200; ++i)
    publish("evt_" + std::to_string(i), "store-1", "payments.payment.verified", large);
  while (*one.fill(outboxes(), *tree_)) {
  }
  std::string piece;
  one.take(piece);
  EXPECT_LT(piece.size(), Reader::k_room_bytes + 64 * 21'000);
  EXPECT_LT(ids(piece).size(), 200u);
  EXPECT_EQ(ids(piece + taken(one)).size(), 200u);
}

TEST_F(ReaderTest, EndsWithTheReason) {
  Reader one = reader("store-1");
  one.locate(outboxes());
  one.end("the API key was revoked");
  std::string piece;
  EXPECT_FALSE(one.take(piece));
  EXPECT_NE(piece.find("event: end\ndata: {\"reason\":\"the API key was revoked\"}\n\n"),
            std::string::npos);
  EXPECT_TRUE(one.is_closed());
}

}  // namespace
}  // namespace forecourt::stream
