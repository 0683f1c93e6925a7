#pragma once

#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/json.hpp"
#include "gateway/admin/admin.hpp"
#include "gateway/admin/backups.hpp"
#include "org/bootstrap.hpp"
#include "storage/store.hpp"
#include "unit/app/temp_folder.hpp"
#include "webhooks/sealer.hpp"

namespace forecourt::admin {

constexpr std::string_view k_admin_credential = "the admin's credential";

/// A request as the gateway hands it over, and the way back.
class TestExchange final : public http::Exchange {
 public:
  const http::Request& request() const override { return request_; }
  void answer(http::Response response) override { answered_.set_value(std::move(response)); }
  bool abandoned() const override { return false; }
  http::Response wait() { return answered_.get_future().get(); }

  http::Request request_;
  std::string body_;
  std::string caller_;
  std::string org_;
  std::string key_;
  std::vector<std::pair<std::string, std::string>> parameters_;

 private:
  std::promise<http::Response> answered_;
};

/// The admin API over an in-memory host store and a registry without plugins.
class AdminTest : public testing::Test {
 protected:
  void SetUp() override {
    storage::StoreOptions options;
    options.clock = &clock_;
    auto store = storage::Store::open(std::move(options));
    ASSERT_TRUE(store.ok()) << store.error().message;
    store_ = std::move(*store);
    auto directory = org::HostDirectory::open(*store_, clock_);
    ASSERT_TRUE(directory.ok()) << directory.error().message;
    directory_ = std::move(*directory);
    ASSERT_TRUE(org::ensure_admin_key(*directory_, k_admin_credential, folder_ / "admin.key").ok());
    workers_ = std::make_unique<WorkerPool>(2, 64);
    dispatcher_ = std::make_unique<events::Dispatcher>(clock_, *workers_);
    scheduler_ = std::make_unique<jobs::Scheduler>(clock_, *workers_);
    plugin::RegistryParts parts;
    parts.data_folder = folder_ / "data";
    parts.clock = &clock_;
    parts.workers = workers_.get();
    parts.directory = directory_.get();
    parts.dispatcher = dispatcher_.get();
    parts.scheduler = scheduler_.get();
    registry_ = std::make_unique<plugin::Registry>(std::move(parts));
    std::filesystem::create_directories(folder_ / "manifests");
    site_ = std::make_unique<Site>(*directory_, *registry_, folder_ / "manifests");
    webhooks::Webhooks::Parts outside;
    outside.clock = &clock_;
    outside.directory = directory_.get();
    outside.dispatcher = dispatcher_.get();
    outside.sealer = webhooks::make_sealer(secrets::Keyring(secrets::Key{1, 2, 3}));
    auto webhooks = webhooks::Webhooks::open(std::move(outside));
    ASSERT_TRUE(webhooks.ok()) << webhooks.error().message;
    webhooks_ = std::move(*webhooks);
    ASSERT_TRUE(webhooks_->start().ok());
    backups_ = std::make_unique<Backups>(*site_, *registry_, *directory_, webhooks_->store(),
                                         secrets::KeySource{folder_ / "data", "", ""}, "test");
    admin_ = std::make_unique<Admin>(Parts{*directory_, *registry_, *site_, *dispatcher_,
                                           *scheduler_, *workers_, *webhooks_, *backups_});
  }
  void TearDown() override {
    workers_->stop();
    dispatcher_->stop();
    webhooks_->stop();
    backups_->stop();
    registry_->stop();
  }

  struct Ask {
    std::string operation;
    std::vector<std::pair<std::string, std::string>> parameters = {};
    std::string body = {};
    std::string credential = std::string(k_admin_credential);
    std::string idempotency_key = {};
  };
  http::Response ask(const Ask& what) {
    auto exchange = std::make_shared<TestExchange>();
    const auto snapshot = directory_->snapshot();
    const org::Key* key = snapshot->authenticate(what.credential);
    EXPECT_NE(key, nullptr) << "no such credential: " << what.credential;
    if (!key) return {};
    exchange->body_ = what.body;
    exchange->caller_ = key->id;
    exchange->org_ = key->org;
    exchange->key_ = what.idempotency_key;
    exchange->parameters_ = what.parameters;
    operation_ = what.operation;
    http::Request& request = exchange->request_;
    request.operation_id = operation_;
    for (const auto& [name, value] : exchange->parameters_) {
      request.parameters.push_back({http::In::query, name, value});
    }
    request.body = exchange->body_;
    request.caller = exchange->caller_;
    request.org = exchange->org_;
    request.idempotency_key = exchange->key_;
    request.fingerprint = org::digest_of(what.operation + what.body);
    request.admitted_ms = clock_.now_ms();
    request.deadline_monotonic_ns = clock_.monotonic_ns() + 60'000'000'000;
    admin_->handle(exchange);
    return exchange->wait();
  }
  json::Document body_of(const http::Response& response) {
    auto document = json::parse(response.body);
    EXPECT_TRUE(document.ok()) << response.body;
    return document ? std::move(*document) : json::Document();
  }
  std::string text_of(const http::Response& response, const char* name) {
    return std::string(json::text(body_of(response), name));
  }
  std::vector<std::string> ids_of(const http::Response& response) {
    const json::Document page = body_of(response);
    std::vector<std::string> ids;
    if (const json::Value* items = json::find(page, "items")) {
      for (const json::Value& item : items->GetArray()) ids.emplace_back(json::text(item, "id"));
    }
    return ids;
  }
  void make_org(const std::string& id, const std::string& parent, const std::string& kind) {
    const http::Response made =
        ask({.operation = "create_org",
             .body = R"({"id":")" + id + R"(","parent":")" + parent + R"(","kind":")" + kind +
                     R"(","name":")" + id + R"("})"});
    ASSERT_EQ(made.status, 201) << made.body;
  }
  /// The credential of a new key.
  std::string make_key(const std::string& org, const std::string& scopes) {
    const http::Response made =
        ask({.operation = "create_key",
             .body = R"({"org":")" + org + R"(","name":"a key","scopes":)" + scopes + "}"});
    EXPECT_EQ(made.status, 201) << made.body;
    return text_of(made, "key");
  }

  TempFolder folder_;
  ManualClock clock_;
  std::string operation_;
  std::unique_ptr<storage::Store> store_;
  std::unique_ptr<org::HostDirectory> directory_;
  std::unique_ptr<WorkerPool> workers_;
  std::unique_ptr<events::Dispatcher> dispatcher_;
  std::unique_ptr<jobs::Scheduler> scheduler_;
  std::unique_ptr<webhooks::Webhooks> webhooks_;
  std::unique_ptr<plugin::Registry> registry_;
  std::unique_ptr<Site> site_;
  std::unique_ptr<Backups> backups_;
  std::unique_ptr<Admin> admin_;
};

}  // namespace forecourt::admin
