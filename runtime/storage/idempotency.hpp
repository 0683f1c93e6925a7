#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "storage/session.hpp"

namespace forecourt::storage {

/// What makes two requests "the same request again": (org, caller, key) names it, the fingerprint
/// proves it.
struct IdempotencyKey {
  std::string_view org;
  std::string_view caller;
  std::string_view key;
  std::array<uint8_t, 32> fingerprint;
};

struct StoredAnswer {
  int status;
  std::string media_type;
  std::string body;
  bool same_request;  ///< false: the key was used for another request (422)
};

/// The answer stored under the key, if any. Runs in the lane, before the handler, in its
/// transaction.
Result<std::optional<StoredAnswer>> find_answer(Session& session, const IdempotencyKey& key);

/// Stores an answer in the handler's transaction. Answers are kept 48 hours, pruned in slices by
/// the store.
Result<void> store_answer(Session& session, const IdempotencyKey& key, int64_t now_ms, int status,
                          std::string_view media_type, std::string_view body);

}  // namespace forecourt::storage
