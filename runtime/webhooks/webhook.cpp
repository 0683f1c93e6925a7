#include "webhooks/webhook.hpp"

#include <algorithm>
#include <set>

#include "base/json.hpp"
#include "events/rows.hpp"

namespace forecourt::webhooks {

using events::string;
using events::text;
using storage::Session;
using storage::Value;

namespace {

constexpr size_t k_url_bytes_max = 2048;
constexpr size_t k_description_bytes_max = 500;

bool is_name(std::string_view part) {
  return !part.empty() && std::ranges::all_of(part, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

/// "<plugin>.<thing>.<verb>": at least two names.
bool is_event_type(std::string_view type) {
  size_t names = 0;
  for (;; ++names) {
    const size_t dot = type.find('.');
    if (!is_name(type.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return names > 0;
    type.remove_prefix(dot + 1);
  }
}

std::string types_text(const std::vector<std::string>& types) {
  json::Document list(rapidjson::kArrayType);
  for (const std::string& type : types)
    list.PushBack(json::Value(type, list.GetAllocator()), list.GetAllocator());
  return json::to_text(list);
}

std::vector<std::string> types_of(std::string_view text) {
  std::vector<std::string> types;
  auto list = json::parse(text);
  if (!list || !list->IsArray()) return types;
  for (const json::Value& type : list->GetArray()) {
    if (type.IsString()) types.emplace_back(json::view(type));
  }
  return types;
}

Result<void> one_row(Result<int64_t> changed, std::string_view id) {
  if (!changed) return std::move(changed).error();
  if (*changed == 0) return not_found("there is no webhook \"" + std::string(id) + "\"");
  return {};
}

}  // namespace

Result<void> check_webhook(const Webhook& webhook) {
  if (webhook.url.size() > k_url_bytes_max) {
    return invalid("url: has more than " + std::to_string(k_url_bytes_max) + " bytes");
  }
  if (webhook.description.size() > k_description_bytes_max) {
    return invalid("description: has more than " + std::to_string(k_description_bytes_max) +
                   " bytes");
  }
  if (webhook.types.empty() || webhook.types.size() > k_types_max) {
    return invalid("types: must hold 1 to " + std::to_string(k_types_max) + " event types");
  }
  std::set<std::string_view> seen;
  for (size_t i = 0; i < webhook.types.size(); ++i) {
    const std::string at = "types[" + std::to_string(i) + "]: ";
    if (!is_event_type(webhook.types[i]))
      return invalid(at + "must be an event type such as coupons.coupon.redeemed");
    if (!seen.insert(webhook.types[i]).second) return invalid(at + "stands twice");
  }
  return {};
}

Result<std::vector<Webhook>> load_webhooks(Session& session) {
  auto rows = session.query(
      "SELECT id, org, url, types, description, enabled, reason, created_at, secret, "
      "former_secret, former_until FROM webhooks ORDER BY id");
  if (!rows) return std::move(rows).error();
  return events::collect<Webhook>(*rows, [](auto columns) {
    Webhook webhook;
    webhook.id = string(columns[0]);
    webhook.org = string(columns[1]);
    webhook.url = string(columns[2]);
    webhook.types = types_of(columns[3].bytes());
    webhook.description = string(columns[4]);
    webhook.enabled = columns[5].as_integer != 0;
    webhook.reason = string(columns[6]);
    webhook.created_ms = columns[7].as_integer;
    webhook.secret = string(columns[8]);
    webhook.former = string(columns[9]);
    webhook.former_until_ms = columns[10].as_integer;
    return webhook;
  });
}

Result<void> insert_webhook(Session& session, const Webhook& webhook) {
  const std::string types = types_text(webhook.types);
  auto written = session.execute(
      "INSERT INTO webhooks(id, org, url, types, description, enabled, reason, created_at, secret, "
      "former_secret, former_until) VALUES($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
      {text(webhook.id), text(webhook.org), text(webhook.url), text(types),
       text(webhook.description), int64_t{webhook.enabled}, text(webhook.reason),
       webhook.created_ms, Value::of_blob(webhook.secret), Value::of_blob(webhook.former),
       webhook.former_until_ms});
  if (!written) return std::move(written).error();
  return {};
}

Result<void> update_webhook(Session& session, const Webhook& webhook) {
  const std::string types = types_text(webhook.types);
  return one_row(
      session.execute(
          "UPDATE webhooks SET url = $1, types = $2, description = $3, enabled = $4, reason = $5, "
          "secret = $6, former_secret = $7, former_until = $8 WHERE id = $9",
          {text(webhook.url), text(types), text(webhook.description), int64_t{webhook.enabled},
           text(webhook.reason), Value::of_blob(webhook.secret), Value::of_blob(webhook.former),
           webhook.former_until_ms, text(webhook.id)}),
      webhook.id);
}

Result<void> delete_webhook(Session& session, std::string_view id) {
  return one_row(session.execute("DELETE FROM webhooks WHERE id = $1", {id}), id);
}

}  // namespace forecourt::webhooks
