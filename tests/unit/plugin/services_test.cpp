// Each service as a plugin meets it; what it refuses first.
#include <gtest/gtest.h>

#include <array>
#include <limits>
#include <thread>

#include "plugin/call.hpp"
#include "plugin/metrics.hpp"
#include "plugin/registry.hpp"
#include "support.hpp"

namespace forecourt::plugin::test {
namespace {

constexpr uint32_t only(Service service) { return 1u << static_cast<uint32_t>(service); }
const fc_view k_null_view{nullptr, 5};

/// Runs `work` as the handler of an operation.
http::Response run(Bench& bench, const char* operation, std::function<void(fc_handle)> work) {
  bench.script.handle[operation] = [&](fc_handle call, void*) {
    work(call);
    return FC_OK;
  };
  return bench.call(operation);
}

TEST(Services, WhatIsNotGrantedIsNotHandedOutAndDoesNotWorkEither) {
  Bench full;
  Bench bench({}, only(Service::http));
  EXPECT_EQ(bench.script.sql, nullptr);
  EXPECT_NE(bench.script.http, nullptr);
  EXPECT_EQ(bench.script.host->query(bench.script.host, "fc.sql/2", 0), nullptr);
  EXPECT_EQ(bench.script.host->query(bench.script.host, nullptr, 0), nullptr);
  EXPECT_EQ(bench.script.host->query(bench.script.host, FC_SERVICE_HTTP, sizeof(fc_http_1) + 1),
            nullptr);
  // A table that came from somewhere else.
  bench.script.sql = full.script.sql;
  run(bench, "change",
      [&](fc_handle call) { EXPECT_EQ(bench.script.execute(call, "SELECT 1"), FC_E_DENIED); });
  EXPECT_EQ(bench.denied, std::vector<std::string>{"the service fc.sql/1"});
}

TEST(Services, AHandleWorksOnlyOnTheThreadThatRunsTheCall) {
  Bench bench;
  fc_handle kept = 0;
  run(bench, "look", [&](fc_handle call) {
    kept = call;
    std::thread([&] {
      EXPECT_EQ(bench.script.reply(call, 200, "x"), FC_E_STATE);
      EXPECT_EQ(bench.script.execute(call, "SELECT 1"), FC_E_STATE);
      EXPECT_EQ(bench.script.host->cancelled(call), 0);
    }).join();
  });
  // The call's own end follows its answer.
  ASSERT_TRUE(bench.generation->drain(5'000));
  EXPECT_EQ(bench.script.host->cancelled(kept), 1);
  EXPECT_EQ(bench.script.host->deadline_ms(kept), 0);
  EXPECT_EQ(bench.script.clock->now_ms(kept), 0);
  EXPECT_EQ(bench.script.reply(kept, 200, "x"), FC_E_STALE);
}

TEST(Services, ViewsThatCannotBeAreInvalid) {
  Bench bench;
  run(bench, "change", [&](fc_handle call) {
    const fc_view good = view("x");
    const fc_view huge{reinterpret_cast<const uint8_t*>("x"), UINT64_MAX};
    fc_view out{};
    EXPECT_EQ(bench.script.http->parameter(call, FC_IN_PATH, nullptr, &out), FC_E_INVALID);
    EXPECT_EQ(bench.script.http->parameter(call, FC_IN_PATH, &k_null_view, &out), FC_E_INVALID);
    EXPECT_EQ(bench.script.http->parameter(call, FC_IN_PATH, &huge, &out), FC_E_INVALID);
    EXPECT_EQ(bench.script.http->parameter(call, 0, &good, &out), FC_E_INVALID);
    EXPECT_EQ(bench.script.http->parameter(call, FC_IN_PATH, &good, nullptr), FC_E_INVALID);
    EXPECT_EQ(bench.script.http->reply(call, 200, nullptr, nullptr), FC_E_INVALID);
    EXPECT_EQ(bench.script.http->body_read(call, 0, nullptr, 5, nullptr), FC_E_INVALID);
    EXPECT_EQ(bench.script.sql->execute(call, &k_null_view, nullptr, 0, nullptr), FC_E_INVALID);
    EXPECT_EQ(bench.script.sql->query(call, &good, nullptr, 0, nullptr), FC_E_INVALID);
    EXPECT_EQ(bench.script.ids->random(call, nullptr, 4), FC_E_INVALID);
    EXPECT_EQ(bench.script.org->describe(call, &good, 99, &out), FC_E_NOT_FOUND);
    bench.script.host->fail(call, nullptr);
    bench.script.host->fail(call, &k_null_view);
  });
}

TEST(HttpService, RefusesWhatHttpDoesNotAllow) {
  Bench bench;
  run(bench, "compute", [&](fc_handle call) {
    const fc_view body = view("b");
    const fc_view none = view("");
    for (const int status : {0, 100, 199, 600, -1}) {
      EXPECT_EQ(bench.script.http->reply(call, status, &none, &body), FC_E_INVALID) << status;
    }
    EXPECT_EQ(bench.script.http->reply(call, 204, &none, &body), FC_E_INVALID);
    for (const char* type : {"text", "text/", "/plain", "text/plain\r\nX: y", "te xt/plain"}) {
      const fc_view media = view(type);
      EXPECT_EQ(bench.script.http->reply(call, 200, &media, &body), FC_E_INVALID) << type;
    }
    const std::pair<const char*, const char*> headers[] = {
        {"Content-Length", "1"}, {"transfer-encoding", "x"},
        {"Bad Name", "x"},       {"", "x"},
        {"X-A", "a\r\nX-B: c"},  {"X-A", "\x01"}};
    for (const auto& [name, value] : headers) {
      const fc_view n = view(name);
      const fc_view v = view(value);
      EXPECT_EQ(bench.script.http->reply_header(call, &n, &v), FC_E_INVALID) << name;
    }
    const fc_view name = view("X-Much");
    const fc_view value = view("v");
    for (int i = 0; i < 32; ++i)
      EXPECT_EQ(bench.script.http->reply_header(call, &name, &value), FC_OK);
    EXPECT_EQ(bench.script.http->reply_header(call, &name, &value), FC_E_LIMIT);
  });
}

TEST(HttpService, ShowsTheRequest) {
  Bench bench;
  bench.script.handle["compute"] = [&](fc_handle call, void*) {
    fc_view value{};
    const fc_view id = view("id");
    const fc_view header = view("x-TRACE");
    EXPECT_EQ(bench.script.http->parameter(call, FC_IN_PATH, &id, &value), FC_OK);
    EXPECT_EQ(text(value), "42");
    EXPECT_EQ(bench.script.http->parameter(call, FC_IN_QUERY, &id, &value), FC_E_NOT_FOUND);
    EXPECT_EQ(bench.script.http->parameter(call, FC_IN_HEADER, &header, &value), FC_OK);
    EXPECT_EQ(text(value), "t");
    EXPECT_EQ(bench.script.http->body(call, &value), FC_OK);
    EXPECT_EQ(text(value), "payload");
    uint64_t size = 0;
    EXPECT_EQ(bench.script.http->body_size(call, &size), FC_OK);
    EXPECT_EQ(size, 7u);
    uint8_t buffer[4];
    uint64_t got = 0;
    EXPECT_EQ(bench.script.http->body_read(call, 4, buffer, 4, &got), FC_OK);
    EXPECT_EQ(std::string(buffer, buffer + got), "oad");
    EXPECT_EQ(bench.script.http->body_read(call, 99, buffer, 4, &got), FC_OK);
    EXPECT_EQ(got, 0u);
    return FC_OK;
  };
  auto exchange = bench.exchange("compute");
  exchange->request_.parameters = {{http::In::path, "id", "42"},
                                   {http::In::header, "X-Trace", "t"}};
  exchange->request_.body = "payload";
  bench.bridge->handle(exchange);
  EXPECT_EQ(exchange->wait().status, 204);
}

TEST(SqlService, RefusesBadParametersAndStatements) {
  Bench bench;
  run(bench, "change", [&](fc_handle call) {
    fc_sql_value bad{};
    bad.type = 9;
    EXPECT_EQ(bench.script.execute(call, "INSERT INTO thing(id) VALUES($1)", {bad}), FC_E_INVALID);
    bad.type = FC_SQL_TEXT;
    bad.bytes = view("\xFF");
    EXPECT_EQ(bench.script.execute(call, "INSERT INTO thing(id) VALUES($1)", {bad}), FC_E_INVALID);
    EXPECT_EQ(bench.script.execute(call, "DELETE FROM fc_outbox"), FC_E_DENIED);
    EXPECT_EQ(bench.script.execute(call, "INSERT INTO thing(id) VALUES('a')"), FC_OK);
    EXPECT_EQ(bench.script.execute(call, "INSERT INTO thing(id) VALUES('a')"), FC_E_CONSTRAINT);
  });
  EXPECT_EQ(bench.count("SELECT count(*) FROM thing"), 1);
}

TEST(SqlService, AQueryEndsWithItsCloseOrItsFunction) {
  Bench bench;
  fc_handle kept = 0;
  run(bench, "look", [&](fc_handle call) {
    const fc_view statement = view("SELECT 1 UNION SELECT 2");
    const fc_sql_value* values = nullptr;
    uint32_t count = 0;
    fc_handle rows = 0;
    ASSERT_EQ(bench.script.sql->query(call, &statement, nullptr, 0, &rows), FC_OK);
    EXPECT_EQ(bench.script.sql->next(rows, &values, &count), FC_ROW);
    EXPECT_EQ(values[0].integer, 1);
    EXPECT_EQ(bench.script.sql->close(rows), FC_OK);
    EXPECT_EQ(bench.script.sql->close(rows), FC_E_STALE);
    EXPECT_EQ(bench.script.sql->next(rows, &values, &count), FC_E_STALE);
    ASSERT_EQ(bench.script.sql->query(call, &statement, nullptr, 0, &kept), FC_OK);
  });
  run(bench, "look", [&](fc_handle) {
    const fc_sql_value* values = nullptr;
    uint32_t count = 0;
    EXPECT_EQ(bench.script.sql->next(kept, &values, &count), FC_E_STALE);
  });
}

TEST(EventsService, PublishesOnlyInAWritesHandleOnlyWhatIsDeclaredAndOnlyJson) {
  Bench bench;
  const auto publish = [&](fc_handle call, std::string_view type, std::string_view data) {
    const fc_view t = view(type);
    const fc_view s = view("a");
    const fc_view d = view(data);
    return bench.script.events->publish(call, &t, &s, &d);
  };
  run(bench, "look",
      [&](fc_handle call) { EXPECT_EQ(publish(call, "bench.thing.made", "{}"), FC_E_STATE); });
  bench.script.prepare["prepared"] = [&](fc_handle call, void**) {
    EXPECT_EQ(publish(call, "bench.thing.made", "{}"), FC_E_STATE);
    return FC_OK;
  };
  bench.call("prepared");
  const std::string deep = std::string(33, '[') + std::string(33, ']');
  const std::string long_data = "\"" + std::string(256 << 10, 'x') + "\"";
  run(bench, "change", [&](fc_handle call) {
    EXPECT_EQ(publish(call, "bench.thing.lost", "{}"), FC_E_DENIED);
    EXPECT_EQ(publish(call, "other.thing.made", "{}"), FC_E_DENIED);
    for (const std::string& bad :
         {std::string("{"), std::string(""), std::string("{} {}"), deep, std::string("\"\xFF\"")}) {
      EXPECT_EQ(publish(call, "bench.thing.made", bad), FC_E_INVALID) << bad;
    }
    EXPECT_EQ(publish(call, "bench.thing.made", long_data), FC_E_LIMIT);
    fc_view value{};
    EXPECT_EQ(bench.script.events->received(call, FC_EVENT_ID, &value), FC_E_STATE);
  });
  EXPECT_EQ(bench.count("SELECT count(*) FROM fc_outbox"), 0);
  run(bench, "change",
      [&](fc_handle call) { EXPECT_EQ(publish(call, "bench.thing.made", R"({"n":1})"), FC_OK); });
  EXPECT_EQ(bench.count("SELECT count(*) FROM fc_outbox"), 1);
}

TEST(JobsService, PlansOnlyListedKindsInAWritesHandle) {
  Bench bench;
  const auto schedule = [&](fc_handle call, std::string_view kind) {
    const fc_view k = view(kind);
    const fc_view key = view("k");
    const fc_view payload = view("p");
    return bench.script.jobs->schedule(call, &k, &key, 1, &payload);
  };
  run(bench, "look", [&](fc_handle call) { EXPECT_EQ(schedule(call, "work"), FC_E_STATE); });
  run(bench, "change", [&](fc_handle call) {
    EXPECT_EQ(schedule(call, "play"), FC_E_DENIED);
    const fc_view kind = view("work");
    const fc_view key = view("k");
    EXPECT_EQ(bench.script.jobs->cancel(call, &kind, &key), FC_E_NOT_FOUND);
    EXPECT_EQ(schedule(call, "work"), FC_OK);
    EXPECT_EQ(bench.script.jobs->cancel(call, &kind, &key), FC_OK);
  });
}

TEST(OrgService, AKeyedCallActsForItsOrgOnly) {
  Bench bench;
  run(bench, "change", [&](fc_handle call) {
    fc_view value{};
    EXPECT_EQ(bench.script.org->caller(call, &value), FC_OK);
    EXPECT_EQ(text(value), "key_1");
    EXPECT_EQ(bench.script.org->current(call, &value), FC_OK);
    EXPECT_EQ(text(value), "store-12");
    const fc_view brand = view("brand");
    EXPECT_EQ(bench.script.org->adopt(call, &brand), FC_E_DENIED);
  });
}

TEST(OrgService, APublicCallAdoptsOnceForEachFunction) {
  Bench bench;
  const auto adopt = [&](fc_handle call, std::string_view org) {
    const fc_view id = view(org);
    return bench.script.org->adopt(call, &id);
  };
  bench.script.prepare["prepared"] = [&](fc_handle call, void**) {
    EXPECT_EQ(adopt(call, "store-13"), FC_OK);
    return FC_OK;
  };
  bench.script.handle["prepared"] = [&](fc_handle call, void*) {
    fc_view value{};
    EXPECT_EQ(bench.script.org->current(call, &value), FC_E_STATE);
    EXPECT_EQ(bench.script.number(call, "SELECT count(*) FROM thing WHERE id = $fc_org"), -2);
    EXPECT_EQ(adopt(call, "nowhere"), FC_E_NOT_FOUND);
    EXPECT_EQ(adopt(call, "brand"), FC_OK);
    EXPECT_EQ(adopt(call, "brand"), FC_E_CONFLICT);
    EXPECT_EQ(bench.script.org->current(call, &value), FC_OK);
    EXPECT_EQ(text(value), "brand");
    EXPECT_EQ(bench.script.number(call, "SELECT count(*) FROM fc_org WHERE ancestor = $fc_org"), 3);
    return FC_OK;
  };
  auto exchange = bench.exchange("prepared");
  exchange->request_.caller = "public";
  exchange->request_.org = "";
  bench.bridge->handle(exchange);
  EXPECT_EQ(exchange->wait().status, 204);
}

TEST(OrgService, KnowsTheTree) {
  Bench bench;
  run(bench, "compute", [&](fc_handle call) {
    const fc_view store = view("store-12");
    const fc_view brand = view("brand");
    const fc_view kind = view("brand");
    const fc_view nowhere = view("nowhere");
    const fc_view region = view("region");
    fc_view value{};
    EXPECT_EQ(bench.script.org->describe(call, &nowhere, FC_ORG_KIND, &value), FC_E_NOT_FOUND);
    EXPECT_EQ(bench.script.org->within(call, &nowhere, &brand), FC_E_NOT_FOUND);
    EXPECT_EQ(bench.script.org->at_level(call, &store, &region, &value), FC_E_NOT_FOUND);
    EXPECT_EQ(bench.script.org->describe(call, &store, FC_ORG_TIMEZONE, &value), FC_OK);
    EXPECT_EQ(text(value), "Asia/Urumqi");
    EXPECT_EQ(bench.script.org->within(call, &store, &brand), FC_YES);
    EXPECT_EQ(bench.script.org->within(call, &brand, &store), FC_OK);
    EXPECT_EQ(bench.script.org->at_level(call, &store, &kind, &value), FC_OK);
    EXPECT_EQ(text(value), "brand");
  });
}

TEST(ConfigService, ACallSeesOneState) {
  Bench bench(
      {}, Bench::k_all,
      R"({"type":"object","properties":{"rate":{"type":"integer","default":1},"name":{"type":"string"}}})");
  const auto get = [&](fc_handle call, std::string_view org, std::string_view key) {
    const fc_view o = view(org);
    const fc_view k = view(key);
    fc_view json{};
    const fc_status status = bench.script.config->get(call, &o, &k, &json);
    return status == FC_OK ? text(json) : std::to_string(status);
  };
  const auto set = [&](std::string_view values) {
    bench.config->set(
        *config::ConfigValues::parse(*json::parse(values), *bench.config_schema, "config"));
  };
  run(bench, "change", [&](fc_handle call) {
    EXPECT_EQ(get(call, "", "name"), std::to_string(FC_E_NOT_FOUND));
    EXPECT_EQ(get(call, "nowhere", "rate"), std::to_string(FC_E_NOT_FOUND));
    EXPECT_EQ(get(call, "", "rate"), "1");
    set(R"({"brand":{"rate":7}})");
    EXPECT_EQ(get(call, "", "rate"), "1");
  });
  run(bench, "change", [&](fc_handle call) {
    EXPECT_EQ(get(call, "", "rate"), "7");
    EXPECT_EQ(get(call, "group", "rate"), "1");
  });
}

TEST(SecretsService, OpensOnlyWhatThisPluginSealedUnderThisContext) {
  Bench bench;
  std::string sealed;
  run(bench, "change", [&](fc_handle call) {
    const fc_view context = view("row 1");
    const fc_view other = view("row 2");
    const fc_view plain = view("the api key");
    fc_view box{};
    fc_view opened{};
    ASSERT_EQ(bench.script.secrets->seal(call, &context, &plain, &box), FC_OK);
    sealed = text(box);
    EXPECT_EQ(sealed.find("the api key"), std::string::npos);
    EXPECT_EQ(bench.script.secrets->open(call, &other, &box, &opened), FC_E_INVALID);
    std::string bent = sealed;
    bent.back() ^= 1;
    const fc_view bent_view = view(bent);
    EXPECT_EQ(bench.script.secrets->open(call, &context, &bent_view, &opened), FC_E_INVALID);
    const fc_view short_view = view("x");
    EXPECT_EQ(bench.script.secrets->open(call, &context, &short_view, &opened), FC_E_INVALID);
    ASSERT_EQ(bench.script.secrets->open(call, &context, &box, &opened), FC_OK);
    EXPECT_EQ(text(opened), "the api key");
    fc_view again{};
    ASSERT_EQ(bench.script.secrets->seal(call, &context, &plain, &again), FC_OK);
    EXPECT_NE(text(again), sealed);
  });
  const secrets::SecretBox stranger(secrets::Keyring(secrets::Key{7}), "another plugin");
  std::string plain(secrets::SecretBox::plain_size(sealed).value(), '\0');
  EXPECT_FALSE(stranger.open("row 1", sealed, reinterpret_cast<uint8_t*>(plain.data())));
}

TEST(IdsService, RefusesBadPrefixesAndTooMuch) {
  Bench bench;
  run(bench, "compute", [&](fc_handle call) {
    fc_view id{};
    for (const char* bad : {"", "A", "a_b", "aaaaaaaaaaaaaaaaa", "ä"}) {
      const fc_view prefix = view(bad);
      EXPECT_EQ(bench.script.ids->make(call, &prefix, &id), FC_E_INVALID) << bad;
    }
    std::vector<uint8_t> buffer(4097);
    EXPECT_EQ(bench.script.ids->random(call, buffer.data(), 4097), FC_E_LIMIT);
    EXPECT_EQ(bench.script.ids->random(call, buffer.data(), 4096), FC_OK);
  });
}

TEST(IdsService, ASecondRunOfACallIsTheSameRunAndAnotherCallIsAnother) {
  Bench bench;
  auto exchange = bench.exchange("change");
  Call call(bench.generation->scope(), "change", {exchange.get(), nullptr, nullptr},
            1'700'000'000'000, 0);
  Call other(bench.generation->scope(), "change", {exchange.get(), nullptr, nullptr},
             1'700'000'000'000, 0);
  const auto ids = [&](Call& one, Phase phase) {
    CallRun run(one, phase, nullptr);
    std::vector<std::string> made;
    const fc_view prefix = view("cpn");
    for (int i = 0; i < 3; ++i) {
      fc_view id{};
      EXPECT_EQ(bench.script.ids->make(one.handle, &prefix, &id), FC_OK);
      made.push_back(text(id));
    }
    std::array<uint8_t, 100> random;
    EXPECT_EQ(bench.script.ids->random(one.handle, random.data(), random.size()), FC_OK);
    made.emplace_back(random.begin(), random.end());
    return made;
  };
  const auto first = ids(call, Phase::handle);
  EXPECT_EQ(ids(call, Phase::handle), first);
  EXPECT_NE(ids(call, Phase::prepare), first);
  EXPECT_NE(ids(other, Phase::handle), first);
  EXPECT_LT(first[0], first[1]);
  EXPECT_LT(first[1], first[2]);
  EXPECT_EQ(first[0].size(), 4u + 26u);
  EXPECT_EQ(first[0].substr(0, 4), "cpn_");
}

TEST(ClockService, IsTheTimeOfAdmission) {
  Bench bench;
  const int64_t admitted = bench.clock.now_ms();
  run(bench, "compute", [&](fc_handle call) {
    bench.clock.advance_ms(1'000);
    EXPECT_EQ(bench.script.clock->now_ms(call), admitted);
  });
}

TEST(LogService, RefusesWhatIsNoObjectAndUnknownLevels) {
  Bench bench;
  run(bench, "compute", [&](fc_handle call) {
    const fc_view message = view("hello");
    const fc_view none = view("");
    EXPECT_EQ(bench.script.log->write(call, 9, &message, &none), FC_E_INVALID);
    EXPECT_EQ(bench.script.log->write(call, FC_LOG_INFO, &k_null_view, &none), FC_E_INVALID);
    EXPECT_EQ(bench.script.log->write(call, FC_LOG_INFO, &message, &none), FC_OK);
  });
  const fc_view message = view("from outside a call");
  EXPECT_EQ(bench.script.log->write(bench.script.host->self, FC_LOG_INFO, &message, nullptr),
            FC_OK);
  EXPECT_EQ(bench.script.log->write(12345, FC_LOG_INFO, &message, nullptr), FC_E_STALE);
}

TEST(MetricsService, BoundsNamesAndLabels) {
  Bench bench;
  const fc_handle self = bench.script.host->self;
  const auto count = [&](std::string_view name, std::string_view label, double delta) {
    const fc_view n = view(name);
    const fc_view l = view(label);
    return bench.script.metrics->count(self, &n, &l, delta);
  };
  EXPECT_EQ(count("Bad", "", 1), FC_E_INVALID);
  EXPECT_EQ(count("1st", "", 1), FC_E_INVALID);
  EXPECT_EQ(count("services_test", "", -1), FC_E_INVALID);
  EXPECT_EQ(count("services_test", "", std::numeric_limits<double>::quiet_NaN()), FC_E_INVALID);
  for (int i = 0; i < 100; ++i)
    EXPECT_EQ(count("services_test", "l" + std::to_string(i), 1), FC_OK);
  EXPECT_EQ(count("services_test", "one more", 1), FC_E_LIMIT);
  EXPECT_EQ(count("services_test", "l7", 1), FC_OK);
  const fc_view name = view("services_test");
  const fc_view label = view("l1");
  EXPECT_EQ(bench.script.metrics->observe(self, &name, &label, 1), FC_E_CONFLICT);

  const fc_view seconds = view("services_wait_seconds");
  const fc_view quote = view("a\"b\\\n");
  EXPECT_EQ(bench.script.metrics->observe(self, &seconds, &quote, 0.003), FC_OK);
  const std::string rendered = render_plugin_metrics();
  EXPECT_NE(rendered.find("forecourt_plugin_services_test{plugin=\"bench\",kind=\"l7\"} 2\n"),
            std::string::npos);
  EXPECT_NE(rendered.find("forecourt_plugin_services_wait_seconds_count{plugin=\"bench\",kind="
                          "\"a\\\"b\\\\\\n\"} 1\n"),
            std::string::npos)
      << rendered;
  EXPECT_NE(rendered.find("le=\"0.0025\"} 0\n"), std::string::npos);
  EXPECT_NE(rendered.find("le=\"0.005\"} 1\n"), std::string::npos);
}

TEST(AuditService, IsPartOfTheTransaction) {
  Bench bench;
  const auto record = [&](fc_handle call, std::string_view action, std::string_view detail) {
    const fc_view a = view(action);
    const fc_view s = view("cpn_1");
    const fc_view d = view(detail);
    return bench.script.audit->record(call, &a, &s, &d);
  };
  run(bench, "look",
      [&](fc_handle call) { EXPECT_EQ(record(call, "coupon.redeem", ""), FC_E_STATE); });
  bench.script.handle["change"] = [&](fc_handle call, void*) {
    EXPECT_EQ(record(call, "redeem", ""), FC_E_INVALID);
    EXPECT_EQ(record(call, "coupon.redeem", "[]"), FC_E_INVALID);
    EXPECT_EQ(record(call, "coupon.redeem", "{\"n\":1}"), FC_OK);
    return FC_E_CONFLICT;
  };
  EXPECT_EQ(bench.call("change").status, 409);
  EXPECT_EQ(bench.count("SELECT count(*) FROM fc_audit_outbox"), 0);
  run(bench, "change",
      [&](fc_handle call) { EXPECT_EQ(record(call, "coupon.redeem", "{\"n\":1}"), FC_OK); });
  ASSERT_TRUE(bench.store_do([](storage::Session& session) -> Result<void> {
    auto entries = read_audit_outbox(session, 0, 10);
    if (!entries) return entries.error();
    EXPECT_EQ(entries->size(), 1u);
    EXPECT_EQ(entries->at(0).entry.actor, "key_1");
    EXPECT_EQ(entries->at(0).entry.org, "store-12");
    EXPECT_EQ(entries->at(0).entry.detail, "{\"n\":1}");
    return prune_audit_outbox(session, entries->at(0).number);
  }));
  EXPECT_EQ(bench.count("SELECT count(*) FROM fc_audit_outbox"), 0);
}

}  // namespace
}  // namespace forecourt::plugin::test
