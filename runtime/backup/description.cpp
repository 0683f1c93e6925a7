#include "backup/description.hpp"

#include <algorithm>
#include <filesystem>

#include "base/json.hpp"
#include "base/rfc3339.hpp"

namespace forecourt::backup {
namespace {

bool is_name(std::string_view name) {
  if (name == k_host || name == k_webhooks) return true;
  if (name.empty() || name.size() > 63 || name.front() == '-' || name.front() == '_') return false;
  return std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

bool is_sha256(std::string_view text) {
  return text.size() == 64 && std::ranges::all_of(text, [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

int64_t number(const json::Value& object, std::string_view name) {
  const json::Value* found = json::find(object, name);
  return found && found->IsInt64() ? found->GetInt64() : -1;
}

Result<StoreCopy> read_store(const json::Value& item, const std::string& path) {
  if (!item.IsObject()) return invalid(path + ": stores: must hold objects");
  StoreCopy store{std::string(json::text(item, "name")), number(item, "bytes"),
                  std::string(json::text(item, "sha256")), std::string(json::text(item, "epoch")),
                  number(item, "outbox_head")};
  if (!is_name(store.name)) return invalid(path + ": stores: \"" + store.name + "\" is no store");
  if (store.bytes < 0 || store.outbox_head < 0 || store.epoch.empty() || !is_sha256(store.sha256))
    return invalid(path + ": stores: " + store.name + ": is not whole");
  return store;
}

}  // namespace

std::string folder_of(const std::string& store) {
  if (store == k_host) return "host";
  return store == k_webhooks ? "webhooks" : "plugins/" + store;
}

std::string to_json(const Description& description) {
  json::Document document(rapidjson::kObjectType);
  auto& memory = document.GetAllocator();
  const auto add = [&memory](json::Value& object, const char* name, auto value) {
    object.AddMember(json::Value(name, memory), json::Value(value), memory);
  };
  const auto add_text = [&memory](json::Value& object, const char* name, const std::string& text) {
    object.AddMember(json::Value(name, memory), json::Value(text, memory), memory);
  };
  add(document, "format", k_format);
  add_text(document, "id", description.id);
  add_text(document, "taken_at", format_rfc3339(description.taken_ms));
  add(document, "taken_ms", description.taken_ms);
  add_text(document, "version", description.version);
  add(document, "secrets_key", description.secrets_key);
  json::Value audit(rapidjson::kObjectType);
  add(audit, "seq", description.audit_seq);
  add_text(audit, "hash", description.audit_hash);
  document.AddMember("audit", audit, memory);
  json::Value stores(rapidjson::kArrayType);
  for (const StoreCopy& store : description.stores) {
    json::Value item(rapidjson::kObjectType);
    add_text(item, "name", store.name);
    add_text(item, "file", folder_of(store.name) + "/store.db");
    add(item, "bytes", store.bytes);
    add_text(item, "sha256", store.sha256);
    add_text(item, "epoch", store.epoch);
    add(item, "outbox_head", store.outbox_head);
    stores.PushBack(item, memory);
  }
  document.AddMember("stores", stores, memory);
  return json::to_pretty_text(document) + "\n";
}

Result<Description> read_description(const std::string& folder) {
  const std::string path = folder + "/" + k_description_file;
  if (!std::filesystem::exists(path)) {
    return not_found(path + ": is missing: the folder is no backup, or one that was not finished");
  }
  auto document = json::parse_file(path);
  if (!document) return document.error();
  if (!document->IsObject()) return invalid(path + ": must be a JSON object");
  const int64_t format = number(*document, "format");
  if (format > k_format) {
    return invalid(path + ": was written by a newer forecourt (format " + std::to_string(format) +
                   ", this one knows " + std::to_string(k_format) + "); use that one");
  }
  if (format != k_format) return invalid(path + ": format: must be " + std::to_string(k_format));
  Description description;
  description.id = json::text(*document, "id");
  description.taken_ms = number(*document, "taken_ms");
  description.version = json::text(*document, "version");
  const json::Value* key = json::find(*document, "secrets_key");
  description.secrets_key = key && key->IsTrue();
  if (const json::Value* audit = json::find(*document, "audit"); audit && audit->IsObject()) {
    description.audit_seq = number(*audit, "seq");
    description.audit_hash = json::text(*audit, "hash");
  }
  const json::Value* stores = json::find(*document, "stores");
  if (!stores || !stores->IsArray()) return invalid(path + ": stores: must be an array");
  for (const json::Value& item : stores->GetArray()) {
    auto store = read_store(item, path);
    if (!store) return store.error();
    const auto same = [&](const StoreCopy& other) { return other.name == store->name; };
    if (std::ranges::any_of(description.stores, same))
      return invalid(path + ": stores: " + store->name + " is there twice");
    description.stores.push_back(std::move(*store));
  }
  const auto is_host = [](const StoreCopy& store) { return store.name == k_host; };
  if (!std::ranges::any_of(description.stores, is_host))
    return invalid(path + ": stores: the host's store is missing");
  return description;
}

}  // namespace forecourt::backup
