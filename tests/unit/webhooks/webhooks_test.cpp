#include "webhooks/webhooks.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <thread>

#include "base/json.hpp"
#include "events/schema.hpp"
#include "org/tree.hpp"
#include "support/http_receiver.hpp"
#include "webhooks/schedule.hpp"
#include "webhooks/signature.hpp"

namespace forecourt::webhooks {
namespace {

using storage::Session;
using test::HttpReceiver;

constexpr int64_t k_patience_ms = 30'000;
constexpr const char* k_verified = "payments.payment.verified";

bool eventually(const std::function<bool()>& holds) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(k_patience_ms);
  while (!holds()) {
    if (std::chrono::steady_clock::now() > until) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return true;
}

/// A publisher, the tree group > brand > store-1, store-2, and webhooks to receivers on loopback.
class WebhooksTest : public testing::Test {
 protected:
  void SetUp() override {
    host_ = open({});
    payments_ = open(events::host_schema());
    auto directory = org::HostDirectory::open(*host_, clock_);
    ASSERT_TRUE(directory.ok()) << directory.error().message;
    directory_ = *std::move(directory);
    make_org("brand", "group", "brand");
    make_org("store-1", "brand", "store");
    make_org("store-2", "brand", "store");
    dispatcher_.attach_publisher("payments", payments_.get());
  }
  void TearDown() override {
    dispatcher_.stop();
    if (webhooks_) webhooks_->stop();
    webhooks_.reset();
    workers_.stop();
  }

  std::unique_ptr<storage::Store> open(std::vector<std::string> schema) {
    storage::StoreOptions options;
    options.clock = &clock_;
    options.host_schema = std::move(schema);
    auto store = storage::Store::open(std::move(options));
    EXPECT_TRUE(store.ok()) << store.error().message;
    return *std::move(store);
  }
  void make_org(const std::string& id, const std::string& parent, const std::string& kind) {
    auto made = directory_->write([&](Session& session, const org::Snapshot&) {
      return org::insert_org(session, {id, parent, kind, id, {}}, clock_.now_ms());
    });
    ASSERT_TRUE(made.ok()) << made.error().message;
  }
  /// `sealed`: what the secrets rest as; here they only change places.
  static Sealer sealer() {
    return {[](std::string_view context, std::string_view plain) {
              return std::string(context) + "|" + std::string(plain);
            },
            [](std::string_view context, std::string_view sealed) -> std::optional<std::string> {
              const std::string prefix = std::string(context) + "|";
              if (!sealed.starts_with(prefix)) return std::nullopt;
              return std::string(sealed.substr(prefix.size()));
            }};
  }
  void start(Reach reach = Reach::loopback) {
    Webhooks::Parts parts;
    parts.clock = &clock_;
    parts.directory = directory_.get();
    parts.dispatcher = &dispatcher_;
    parts.sealer = sealer();
    parts.terms.reach = reach;
    auto opened = Webhooks::open(std::move(parts));
    ASSERT_TRUE(opened.ok()) << opened.error().message;
    webhooks_ = *std::move(opened);
    ASSERT_TRUE(webhooks_->start().ok());
  }
  Webhook add(const std::string& id, const std::string& org, const std::string& url,
              std::vector<std::string> types = {k_verified}) {
    Webhook webhook;
    webhook.id = id;
    webhook.org = org;
    webhook.url = url;
    webhook.types = std::move(types);
    webhook.secret = sealer().seal(id, secret_);
    write([&](Session& session) { return insert_webhook(session, webhook); });
    return webhook;
  }
  void write(const std::function<Result<void>(Session&)>& work) {
    auto written = directory_->write(
        [&](Session& session, const org::Snapshot&) -> Result<void> { return work(session); });
    ASSERT_TRUE(written.ok()) << written.error().message;
    webhooks_->changed();
  }
  void publish(const std::string& id, const std::string& subject,
               const std::string& org = "store-1", const std::string& type = k_verified) {
    auto done = payments_->lane().run_now([&](Session& session) {
      events::Event event;
      event.id = id;
      event.type = type;
      event.source = "payments";
      event.subject = subject;
      event.org = org;
      event.time_ms = clock_.now_ms();
      event.data = R"({"amount_fen":100})";
      event.trace_id = "4bf92f3577b34da6a3ce929d0e0e4736";
      return events::publish(session, event);
    });
    ASSERT_TRUE(done.ok()) << done.error().message;
    dispatcher_.notify("payments");
  }
  std::map<std::string, Delivery> deliveries(const std::string& webhook) {
    std::map<std::string, Delivery> all;
    auto read = webhooks_->store().read(0, [&](Session& session) -> Result<void> {
      auto found = list_deliveries(session, {webhook, {}, 0, 1000});
      if (!found) return std::move(found).error();
      for (Delivery& delivery : *found) {
        const std::string id = delivery.event;
        all[id] = std::move(delivery);
      }
      return {};
    });
    EXPECT_TRUE(read.ok()) << read.error().message;
    return all;
  }
  bool becomes(const std::string& webhook, const std::string& event, const std::string& state,
               int attempts) {
    const bool reached = eventually([&] {
      const auto all = deliveries(webhook);
      const auto found = all.find(event);
      return found != all.end() && found->second.state == state &&
             found->second.attempts == attempts;
    });
    if (!reached) {
      for (const auto& [id, delivery] : deliveries(webhook))
        std::cerr << id << " " << delivery.state << " " << delivery.attempts << " "
                  << delivery.last_reason << "\n";
    }
    return reached;
  }
  void advance(int64_t ms) {
    clock_.advance_ms(ms);
    webhooks_->wake();
  }

  const std::string secret_ = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
  ManualClock clock_;
  WorkerPool workers_{2, 256};
  std::unique_ptr<storage::Store> host_;
  std::unique_ptr<storage::Store> payments_;
  std::unique_ptr<org::HostDirectory> directory_;
  events::Dispatcher dispatcher_{clock_, workers_};
  std::unique_ptr<Webhooks> webhooks_;
};

TEST_F(WebhooksTest, AnOrgSeesItsOwnEventsAndThoseBelowItOnly) {
  HttpReceiver receiver;
  start();
  add("whk_brand", "brand", receiver.url());
  add("whk_one", "store-1", receiver.url());
  publish("evt_1", "a", "store-1");
  publish("evt_2", "b", "store-2");
  publish("evt_3", "c", "group");
  publish("evt_4", "d", "store-1", "payments.payment.refused");
  ASSERT_TRUE(becomes("whk_one", "evt_1", "delivered", 1));
  ASSERT_TRUE(becomes("whk_brand", "evt_1", "delivered", 1));
  ASSERT_TRUE(becomes("whk_brand", "evt_2", "delivered", 1));
  ASSERT_TRUE(dispatcher_.drain(k_patience_ms));
  EXPECT_EQ(deliveries("whk_one").size(), 1u);
  EXPECT_EQ(deliveries("whk_brand").size(), 2u);
  EXPECT_EQ(receiver.requests().size(), 3u);
}

TEST_F(WebhooksTest, ADeliveryCarriesTheStandardsHeadersAndTheTrace) {
  HttpReceiver receiver;
  start();
  add("whk_1", "group", receiver.url("/hooks?a=b"));
  publish("evt_1", "a");
  ASSERT_TRUE(receiver.wait_for(1));
  HttpReceiver::Request request = receiver.requests()[0];
  EXPECT_EQ(request.target, "/hooks?a=b");
  EXPECT_EQ(request.headers["content-type"], "application/cloudevents+json");
  EXPECT_EQ(request.headers["webhook-id"], "evt_1");
  EXPECT_EQ(request.headers["webhook-timestamp"], std::to_string(clock_.now_ms() / 1000));
  EXPECT_EQ(request.headers["webhook-signature"],
            sign(*secret_bytes(secret_), "evt_1", clock_.now_ms() / 1000, request.body));
  EXPECT_EQ(request.headers["traceparent"].substr(0, 36), "00-4bf92f3577b34da6a3ce929d0e0e4736-");
  const auto body = json::parse(request.body);
  ASSERT_TRUE(body.ok()) << request.body;
  EXPECT_EQ(json::text(*body, "org"), "store-1");
  EXPECT_EQ(json::text(*body, "traceparent"), request.headers["traceparent"]);
}

TEST_F(WebhooksTest, FailuresFollowTheScheduleToTheDeadLettersAndAReplayOpensThemAgain) {
  std::atomic<int> status{500};
  HttpReceiver receiver([&](const auto&) { return HttpReceiver::Reply{status, ""}; });
  start();
  add("whk_1", "group", receiver.url());
  publish("evt_1", "a");
  for (int attempt = 1; attempt < k_attempts_max; ++attempt) {
    ASSERT_TRUE(becomes("whk_1", "evt_1", "pending", attempt)) << attempt;
    const Delivery waiting = deliveries("whk_1")["evt_1"];
    EXPECT_EQ(waiting.last_status, 500);
    const int64_t wait = waiting.due_ms - clock_.now_ms();
    EXPECT_EQ(wait, *wait_after(attempt, "evt_1", 0));
    EXPECT_EQ(receiver.requests().size(), static_cast<size_t>(attempt));
    advance(wait);
  }
  ASSERT_TRUE(becomes("whk_1", "evt_1", "dead", k_attempts_max));
  std::vector<HttpReceiver::Request> requests = receiver.requests();
  for (HttpReceiver::Request& request : requests) {
    EXPECT_EQ(request.body, requests[0].body) << "the same bytes at each attempt";
    EXPECT_EQ(request.headers["webhook-id"], "evt_1");
  }
  status = 204;
  auto replayed = webhooks_->store().lane().run_now([&](Session& session) {
    return replay_delivery(session, "whk_1", "evt_1", clock_.now_ms());
  });
  ASSERT_TRUE(replayed.ok()) << replayed.error().message;
  webhooks_->wake();
  EXPECT_TRUE(becomes("whk_1", "evt_1", "delivered", 1));
  EXPECT_EQ(receiver.requests().back().body, requests[0].body);
}

TEST_F(WebhooksTest, OneSubjectKeepsItsOrderAndHoldsUpNoOther) {
  std::atomic<bool> well{false};
  HttpReceiver receiver([&](const HttpReceiver::Request& request) {
    const bool held = request.body.find(R"("subject":"a")") != std::string::npos && !well;
    return HttpReceiver::Reply{held ? 500 : 200, ""};
  });
  start();
  add("whk_1", "group", receiver.url());
  publish("evt_1", "a");
  publish("evt_2", "a");
  publish("evt_3", "b");
  publish("evt_4", "a");
  ASSERT_TRUE(becomes("whk_1", "evt_3", "delivered", 1));
  ASSERT_TRUE(becomes("whk_1", "evt_1", "pending", 1));
  EXPECT_TRUE(becomes("whk_1", "evt_2", "behind", 0));
  EXPECT_TRUE(becomes("whk_1", "evt_4", "behind", 0));
  well = true;
  advance(6'000);
  ASSERT_TRUE(becomes("whk_1", "evt_4", "delivered", 1));
  std::vector<std::string> order;
  for (HttpReceiver::Request& request : receiver.requests()) {
    if (request.headers["webhook-id"] != "evt_3") order.push_back(request.headers["webhook-id"]);
  }
  EXPECT_EQ(order, (std::vector<std::string>{"evt_1", "evt_1", "evt_2", "evt_4"}));
}

TEST_F(WebhooksTest, GoneDisablesAndWhatWaitsGoesOnWhenItIsEnabled) {
  std::atomic<int> status{410};
  HttpReceiver receiver([&](const auto&) { return HttpReceiver::Reply{status, ""}; });
  start();
  Webhook webhook = add("whk_1", "group", receiver.url());
  publish("evt_1", "a");
  ASSERT_TRUE(eventually([&] { return !webhooks_->find("whk_1")->enabled; }));
  EXPECT_EQ(webhooks_->find("whk_1")->reason, "the endpoint answered 410 Gone");
  ASSERT_TRUE(becomes("whk_1", "evt_1", "pending", 1));
  publish("evt_2", "b");
  ASSERT_TRUE(dispatcher_.drain(k_patience_ms));
  advance(3'600'000);
  status = 200;
  write([&](Session& session) { return update_webhook(session, webhook); });
  ASSERT_TRUE(becomes("whk_1", "evt_1", "delivered", 2));
  EXPECT_EQ(deliveries("whk_1").size(), 1u) << "nothing is kept while it is disabled";
}

TEST_F(WebhooksTest, RetryAfterHoldsTheWholeEndpoint) {
  std::atomic<bool> busy{true};
  HttpReceiver receiver([&](const auto&) {
    return busy ? HttpReceiver::Reply{503, "Retry-After: 600\r\n"} : HttpReceiver::Reply{};
  });
  start();
  add("whk_1", "group", receiver.url());
  publish("evt_1", "a");
  ASSERT_TRUE(becomes("whk_1", "evt_1", "pending", 1));
  EXPECT_EQ(deliveries("whk_1")["evt_1"].due_ms, clock_.now_ms() + 600'000);
  busy = false;
  publish("evt_2", "b");
  ASSERT_TRUE(becomes("whk_1", "evt_2", "pending", 0));
  advance(300'000);
  EXPECT_EQ(receiver.requests().size(), 1u);
  advance(300'000);
  ASSERT_TRUE(becomes("whk_1", "evt_2", "delivered", 1));
  ASSERT_TRUE(becomes("whk_1", "evt_1", "delivered", 2));
}

TEST_F(WebhooksTest, RedirectsAreNotFollowedAndInsideAddressesNotConnectedTo) {
  HttpReceiver inner;
  HttpReceiver receiver([&](const auto&) {
    return HttpReceiver::Reply{302, "Location: " + inner.url() + "\r\n"};
  });
  start(Reach::internet);
  add("whk_1", "group", receiver.url());
  publish("evt_1", "a");
  ASSERT_TRUE(becomes("whk_1", "evt_1", "pending", 1));
  EXPECT_NE(deliveries("whk_1")["evt_1"].last_reason.find("127.0.0.1 is no public address"),
            std::string::npos)
      << deliveries("whk_1")["evt_1"].last_reason;
  EXPECT_TRUE(receiver.requests().empty());

  dispatcher_.detach(Webhooks::k_subscriber);
  webhooks_->stop();
  webhooks_.reset();
  start(Reach::loopback);
  publish("evt_2", "b");
  ASSERT_TRUE(becomes("whk_1", "evt_2", "pending", 1));
  EXPECT_EQ(deliveries("whk_1")["evt_2"].last_status, 302);
  EXPECT_TRUE(inner.requests().empty());
}

TEST_F(WebhooksTest, TwoSignaturesWhileASecretIsRotatedOut) {
  HttpReceiver receiver;
  start();
  Webhook webhook = add("whk_1", "group", receiver.url());
  const std::string fresh = new_secret();
  webhook.former = webhook.secret;
  webhook.former_until_ms = clock_.now_ms() + 60'000;
  webhook.secret = sealer().seal("whk_1", fresh);
  write([&](Session& session) { return update_webhook(session, webhook); });
  publish("evt_1", "a");
  ASSERT_TRUE(becomes("whk_1", "evt_1", "delivered", 1));
  const auto signed_by = [&](HttpReceiver::Request request, const std::string& secret) {
    return sign(*secret_bytes(secret), request.headers["webhook-id"],
                std::stoll(request.headers["webhook-timestamp"]), request.body);
  };
  HttpReceiver::Request both = receiver.requests()[0];
  EXPECT_EQ(both.headers["webhook-signature"],
            signed_by(both, fresh) + " " + signed_by(both, secret_));
  clock_.advance_ms(60'000);
  publish("evt_2", "b");
  ASSERT_TRUE(becomes("whk_1", "evt_2", "delivered", 1));
  HttpReceiver::Request one = receiver.requests()[1];
  EXPECT_EQ(one.headers["webhook-signature"], signed_by(one, fresh));
}

TEST_F(WebhooksTest, AnEventDeliveredTwiceIsQueuedOnce) {
  start();
  events::Event event;
  event.id = "evt_1";
  event.type = k_verified;
  event.source = "payments";
  auto done = webhooks_->store().lane().run_now([&](Session& session) -> Result<void> {
    for (int i = 0; i < 2; ++i) {
      if (auto added = add_delivery(session, "whk_1", event, 1); !added) return added;
    }
    return {};
  });
  ASSERT_TRUE(done.ok()) << done.error().message;
  EXPECT_EQ(deliveries("whk_1").size(), 1u);
}

TEST_F(WebhooksTest, ReplaySinceOpensEachSubjectsFirstAndTheOthersBehindIt) {
  HttpReceiver receiver;
  start();
  add("whk_1", "group", receiver.url());
  publish("evt_0", "a");
  ASSERT_TRUE(becomes("whk_1", "evt_0", "delivered", 1));
  clock_.advance_ms(1000);
  const int64_t since = clock_.now_ms();
  publish("evt_1", "a");
  publish("evt_2", "a");
  publish("evt_3", "b");
  ASSERT_TRUE(becomes("whk_1", "evt_2", "delivered", 1));
  ASSERT_TRUE(becomes("whk_1", "evt_3", "delivered", 1));
  int64_t count = 0;
  auto done = webhooks_->store().lane().run_now([&](Session& session) -> Result<void> {
    auto replayed = replay_since(session, "whk_1", since, clock_.now_ms());
    if (!replayed) return std::move(replayed).error();
    count = *replayed;
    return {};
  });
  ASSERT_TRUE(done.ok()) << done.error().message;
  EXPECT_EQ(count, 3);
  webhooks_->wake();
  ASSERT_TRUE(receiver.wait_for(7));
  ASSERT_TRUE(becomes("whk_1", "evt_2", "delivered", 1));
  EXPECT_EQ(receiver.requests().size(), 7u);
}

TEST_F(WebhooksTest, DeletedOnesAndOldDeliveriesArePruned) {
  start();
  auto done = webhooks_->store().lane().run_now([&](Session& session) -> Result<void> {
    events::Event event;
    event.type = k_verified;
    event.source = "payments";
    for (int i = 0; i < 30; ++i) {
      event.id = "evt_" + std::to_string(i);
      event.subject = event.id;
      for (const char* webhook : {"whk_kept", "whk_gone"}) {
        if (auto added = add_delivery(session, webhook, event, 1); !added) return added;
      }
    }
    auto parcels = due_parcels(session, "whk_kept", 10, 100);
    if (!parcels) return std::move(parcels).error();
    for (size_t i = 0; i < 25; ++i) {
      auto settled =
          settle(session, {(*parcels)[i].number, Settlement::End::delivered, 0, 200, ""}, 2);
      if (!settled) return settled;
    }
    auto more = prune_deliveries(session, {"whk_kept"}, 10);
    if (!more) return std::move(more).error();
    return {};
  });
  ASSERT_TRUE(done.ok()) << done.error().message;
  EXPECT_TRUE(deliveries("whk_gone").empty());
  const auto kept = deliveries("whk_kept");
  EXPECT_EQ(kept.size(), 15u) << "ten delivered, five open";
  EXPECT_TRUE(kept.contains("evt_24"));
  EXPECT_FALSE(kept.contains("evt_14"));
}

TEST_F(WebhooksTest, NobodyHoldsAnOutboxOnceTheLastWebhookIsGone) {
  HttpReceiver receiver;
  start();
  add("whk_1", "group", receiver.url());
  const auto readers = [&] {
    int64_t count = 0;
    EXPECT_TRUE(payments_
                    ->read(0,
                           [&](Session& session) -> Result<void> {
                             auto rows = session.query("SELECT COUNT(*) FROM fc_subscriber");
                             if (!rows) return std::move(rows).error();
                             auto row = rows->next();
                             if (!row) return std::move(row).error();
                             count = (*row)[0].as_integer;
                             return {};
                           })
                    .ok());
    return count;
  };
  EXPECT_EQ(readers(), 1);
  write([&](Session& session) { return delete_webhook(session, "whk_1"); });
  EXPECT_EQ(readers(), 0);
}

}  // namespace
}  // namespace forecourt::webhooks
