#include "webhooks/webhooks.hpp"

#include <charconv>

#include "base/ids.hpp"
#include "base/rfc3339.hpp"
#include "gateway/admin/admin.hpp"
#include "gateway/admin/answers.hpp"
#include "webhooks/signature.hpp"

namespace forecourt::admin {
namespace {

using Access = Endpoint::Access;
using webhooks::Webhook;

constexpr int64_t k_overlap_default_s = 24 * 3600;

std::string types_json(const std::vector<std::string>& types) {
  json::Document list(rapidjson::kArrayType);
  for (const std::string& type : types)
    list.PushBack(json::Value(type, list.GetAllocator()), list.GetAllocator());
  return json::to_text(list);
}

std::string webhook_json(const Webhook& webhook) {
  return std::move(ObjectText()
                       .add("id", webhook.id)
                       .add("org", webhook.org)
                       .add("url", webhook.url)
                       .add_json("types", types_json(webhook.types))
                       .add("description", webhook.description)
                       .add_json("enabled", webhook.enabled ? "true" : "false")
                       .add_or_null("reason", webhook.reason)
                       .add_time("created_at", webhook.created_ms)
                       .add_time("former_secret_until", webhook.former_until_ms))
      .text();
}

std::string delivery_json(const webhooks::Delivery& delivery) {
  const bool open = delivery.settled_ms == 0;
  ObjectText object;
  object.add("id", delivery.event)
      .add("type", delivery.type)
      .add("subject", delivery.subject)
      .add("org", delivery.org)
      .add("state", delivery.state)
      .add("attempts", int64_t{delivery.attempts})
      .add_time("created_at", delivery.created_ms)
      .add_time("settled_at", delivery.settled_ms)
      .add_time("next_attempt_at", open && delivery.state == "pending" ? delivery.due_ms : 0);
  if (delivery.last_status == 0) {
    object.add_json("last_status", "null");
  } else {
    object.add("last_status", int64_t{delivery.last_status});
  }
  return std::move(object.add_or_null("last_reason", delivery.last_reason)).text();
}

/// The webhook the path names, if the key that asks may see it; else as if there were none.
Result<Webhook> named(Parts& parts, const Call& call) {
  const std::string id(call.parameter("id").value_or(""));
  auto found = parts.webhooks.find(id);
  if (found && !call.sees(found->org)) return not_found("there is no webhook \"" + id + "\"");
  return found;
}

/// What a body says of a webhook, over what it is.
void take_members(Webhook& webhook, const json::Value& body) {
  if (const json::Value* url = json::find(body, "url"); url && url->IsString())
    webhook.url = json::view(*url);
  if (const json::Value* text = json::find(body, "description"); text && text->IsString())
    webhook.description = json::view(*text);
  if (const json::Value* types = json::find(body, "types"); types && types->IsArray()) {
    webhook.types.clear();
    for (const json::Value& type : types->GetArray()) {
      if (type.IsString()) webhook.types.emplace_back(json::view(type));
    }
  }
  if (const json::Value* enabled = json::find(body, "enabled"); enabled && enabled->IsBool()) {
    webhook.enabled = enabled->GetBool();
    webhook.reason = webhook.enabled ? "" : "an admin disabled it";
  }
}

Result<void> check(const Parts& parts, const Webhook& webhook) {
  if (auto sound = webhooks::check_webhook(webhook); !sound) return sound;
  return webhooks::check_url(parts.webhooks.reach(), webhook.url);
}

std::string detail_of(const Webhook& webhook) {
  return std::move(ObjectText()
                       .add("org", webhook.org)
                       .add("url", webhook.url)
                       .add_json("types", types_json(webhook.types))
                       .add_json("enabled", webhook.enabled ? "true" : "false"))
      .text();
}

Result<http::Response> create(Parts& parts, Call& call) {
  call.answer_is_secret();
  Webhook webhook;
  webhook.org = json::text(call.body(), "org");
  if (auto seen = call.need_org(webhook.org, "org"); !seen) return seen.error();
  take_members(webhook, call.body());
  if (auto checked = check(parts, webhook); !checked) return checked.error();

  webhook.created_ms = call.request().admitted_ms;
  webhook.id = new_id("whk", webhook.created_ms);
  const std::string secret = webhooks::new_secret();
  webhook.secret = parts.webhooks.sealer().seal(webhook.id, secret);
  auto answer = call.commit(
      {"webhook.create", webhook.id, detail_of(webhook)},
      [&](storage::Session& session, const org::Snapshot&) -> Result<http::Response> {
        if (auto inserted = webhooks::insert_webhook(session, webhook); !inserted)
          return inserted.error();
        return json_answer(
            201, std::move(ObjectText().add("id", webhook.id).add("secret", secret)).text());
      });
  // What is published after the answer is delivered.
  if (answer) parts.webhooks.changed();
  return answer;
}

Result<http::Response> list(Parts& parts, Call& call) {
  auto all = parts.webhooks.list();
  if (!all) return all.error();
  std::vector<std::string> items;
  std::string next;
  for (const Webhook& webhook : *all) {
    if (webhook.id <= call.cursor() || !call.sees(webhook.org)) continue;
    if (static_cast<int64_t>(items.size()) == call.limit()) return page_answer(items, next);
    items.push_back(webhook_json(webhook));
    next = webhook.id;
  }
  return page_answer(items, {});
}

Result<http::Response> get(Parts& parts, Call& call) {
  auto webhook = named(parts, call);
  if (!webhook) return webhook.error();
  return json_answer(200, webhook_json(*webhook));
}

Result<http::Response> update(Parts& parts, Call& call) {
  auto webhook = named(parts, call);
  if (!webhook) return webhook.error();
  take_members(*webhook, call.body());
  if (auto checked = check(parts, *webhook); !checked) return checked.error();
  auto answer =
      call.commit({"webhook.update", webhook->id, detail_of(*webhook)},
                  [&](storage::Session& session, const org::Snapshot&) -> Result<http::Response> {
                    if (auto updated = webhooks::update_webhook(session, *webhook); !updated)
                      return updated.error();
                    return json_answer(200, webhook_json(*webhook));
                  });
  if (answer) parts.webhooks.changed();
  return answer;
}

Result<http::Response> remove(Parts& parts, Call& call) {
  auto webhook = named(parts, call);
  if (!webhook) return webhook.error();
  auto answer =
      call.commit({"webhook.delete", webhook->id, {}},
                  [&](storage::Session& session, const org::Snapshot&) -> Result<http::Response> {
                    if (auto deleted = webhooks::delete_webhook(session, webhook->id); !deleted)
                      return deleted.error();
                    return no_content();
                  });
  if (answer) parts.webhooks.changed();
  return answer;
}

Result<http::Response> rotate(Parts& parts, Call& call) {
  call.answer_is_secret();
  auto webhook = named(parts, call);
  if (!webhook) return webhook.error();
  const json::Value* wished = json::find(call.body(), "overlap_s");
  const int64_t overlap_s = wished && wished->IsInt64() ? wished->GetInt64() : k_overlap_default_s;
  const std::string secret = webhooks::new_secret();
  webhook->former = overlap_s > 0 ? std::exchange(webhook->secret, {}) : std::string();
  webhook->former_until_ms =
      overlap_s > 0 ? call.request().admitted_ms + overlap_s * 1000 : int64_t{0};
  webhook->secret = parts.webhooks.sealer().seal(webhook->id, secret);
  auto answer = call.commit(
      {"webhook.rotate", webhook->id,
       std::move(ObjectText().add_time("former_secret_until", webhook->former_until_ms)).text()},
      [&](storage::Session& session, const org::Snapshot&) -> Result<http::Response> {
        if (auto updated = webhooks::update_webhook(session, *webhook); !updated)
          return updated.error();
        return json_answer(200,
                           std::move(ObjectText()
                                         .add("secret", secret)
                                         .add_time("former_secret_until", webhook->former_until_ms))
                               .text());
      });
  if (answer) parts.webhooks.changed();
  return answer;
}

Result<http::Response> list_deliveries(Parts& parts, Call& call) {
  auto webhook = named(parts, call);
  if (!webhook) return webhook.error();
  webhooks::DeliveryQuery query{webhook->id, std::string(call.parameter("state").value_or("")), 0,
                                call.limit() + 1};
  std::from_chars(call.cursor().data(), call.cursor().data() + call.cursor().size(), query.before);
  std::vector<webhooks::Delivery> found;
  auto read = parts.webhooks.store().read(call.request().deadline_monotonic_ns,
                                          [&](storage::Session& session) -> Result<void> {
                                            auto all = webhooks::list_deliveries(session, query);
                                            if (!all) return all.error();
                                            found = *std::move(all);
                                            return {};
                                          });
  if (!read) return read.error();
  std::vector<std::string> items;
  for (const webhooks::Delivery& delivery : found) {
    if (static_cast<int64_t>(items.size()) == call.limit()) break;
    items.push_back(delivery_json(delivery));
  }
  const bool more = found.size() > items.size();
  return page_answer(items, more ? std::to_string(found[items.size() - 1].number) : std::string());
}

Result<http::Response> replay_one(Parts& parts, Call& call) {
  auto webhook = named(parts, call);
  if (!webhook) return webhook.error();
  const std::string event(call.parameter("delivery").value_or(""));
  const int64_t now_ms = call.request().admitted_ms;
  auto done = parts.webhooks.store().lane().run_now([&](storage::Session& session) {
    return webhooks::replay_delivery(session, webhook->id, event, now_ms);
  });
  if (!done) return done.error();
  parts.webhooks.wake();
  return call.commit(
      {"webhook.replay", webhook->id, std::move(ObjectText().add("delivery", event)).text()},
      [](storage::Session&, const org::Snapshot&) -> Result<http::Response> {
        return no_content();
      });
}

Result<http::Response> replay_all(Parts& parts, Call& call) {
  auto webhook = named(parts, call);
  if (!webhook) return webhook.error();
  const std::string_view text = json::text(call.body(), "since");
  const auto since = parse_rfc3339(text);
  if (!since) return invalid("since: must be an RFC 3339 time such as 2030-01-31T00:00:00Z");
  const int64_t now_ms = call.request().admitted_ms;
  int64_t count = 0;
  auto done = parts.webhooks.store().lane().run_now([&](storage::Session& session) -> Result<void> {
    auto reopened = webhooks::replay_since(session, webhook->id, *since, now_ms);
    if (!reopened) return reopened.error();
    count = *reopened;
    return {};
  });
  if (!done) return done.error();
  parts.webhooks.wake();
  return call.commit(
      {"webhook.replay", webhook->id,
       std::move(ObjectText().add_time("since", *since).add("deliveries", count)).text()},
      [&](storage::Session&, const org::Snapshot&) -> Result<http::Response> {
        return json_answer(200, std::move(ObjectText().add("deliveries", count)).text());
      });
}

}  // namespace

std::vector<Endpoint> webhook_endpoints(Parts& parts) {
  const auto bound = [&parts](Result<http::Response> (*run)(Parts&, Call&)) {
    return [&parts, run](Call& call) { return run(parts, call); };
  };
  return {
      {"create_webhook", Access::write, bound(create)},
      {"list_webhooks", Access::read, bound(list)},
      {"get_webhook", Access::read, bound(get)},
      {"update_webhook", Access::write, bound(update)},
      {"delete_webhook", Access::write, bound(remove)},
      {"rotate_webhook_secret", Access::write, bound(rotate)},
      {"list_webhook_deliveries", Access::read, bound(list_deliveries)},
      {"replay_webhook_delivery", Access::write, bound(replay_one)},
      {"replay_webhook", Access::write, bound(replay_all)},
  };
}

}  // namespace forecourt::admin
