#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "storage/session.hpp"

namespace forecourt::webhooks {

/// A subscription from outside: which events go where. Rows of the host store.
struct Webhook {
  std::string id;
  std::string org;  ///< it gets the events of this org and those below it
  std::string url;
  std::vector<std::string> types;
  std::string description;
  bool enabled = true;
  std::string reason;  ///< why it is not enabled
  int64_t created_ms = 0;
  std::string secret;           ///< sealed
  std::string former;           ///< sealed; signs too until `former_until_ms`; empty: none
  int64_t former_until_ms = 0;  ///< wall clock
};

inline constexpr size_t k_types_max = 64;

/// Whether it may be written: types that a plugin can publish, texts that fit.
Result<void> check_webhook(const Webhook& webhook);

Result<std::vector<Webhook>> load_webhooks(storage::Session& session);
Result<void> insert_webhook(storage::Session& session, const Webhook& webhook);
/// Code::not_found when there is none with its id.
Result<void> update_webhook(storage::Session& session, const Webhook& webhook);
Result<void> delete_webhook(storage::Session& session, std::string_view id);

/// How secrets rest: encrypted for a context, in which alone they open again.
struct Sealer {
  std::function<std::string(std::string_view context, std::string_view plain)> seal;
  std::function<std::optional<std::string>(std::string_view context, std::string_view sealed)> open;
  /// Whether it would be sealed otherwise today, such as under a newer key.
  std::function<bool(std::string_view sealed)> is_outdated;
};

}  // namespace forecourt::webhooks
