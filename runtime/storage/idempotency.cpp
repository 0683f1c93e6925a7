#include "storage/idempotency.hpp"

#include <openssl/evp.h>

#include <cstring>
#include <new>

namespace forecourt::storage {
namespace {

/// (org, caller, key) as 32 bytes, and the first 8 of them as the number the index holds.
struct Name {
  std::array<uint8_t, 32> digest;
  int64_t hash = 0;

  explicit Name(const IdempotencyKey& key) {
    std::string text;
    text.reserve(key.org.size() + key.caller.size() + key.key.size() + 2);
    text.append(key.org).append(1, '\0').append(key.caller).append(1, '\0').append(key.key);
    // Only memory can be missing; what stood in `digest` then could be another key's name.
    if (EVP_Digest(text.data(), text.size(), digest.data(), nullptr, EVP_sha256(), nullptr) != 1)
      throw std::bad_alloc();
    std::memcpy(&hash, digest.data(), sizeof hash);
  }
  Value value() const {
    return Value::of_blob({reinterpret_cast<const char*>(digest.data()), digest.size()});
  }
};

std::string_view bytes_of(const std::array<uint8_t, 32>& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

}  // namespace

Result<std::optional<StoredAnswer>> find_answer(Session& session, const IdempotencyKey& key) {
  const Name name(key);
  auto rows = session.query(
      "SELECT status, media_type, body, fingerprint FROM fc_idempotency WHERE hash = $1 AND name = "
      "$2",
      {name.hash, name.value()});
  if (!rows) return rows.error();
  auto row = rows->next();
  if (!row) return row.error();
  if (row->empty()) return std::optional<StoredAnswer>();
  return std::optional<StoredAnswer>(
      StoredAnswer{static_cast<int>((*row)[0].as_integer), std::string((*row)[1].bytes()),
                   std::string((*row)[2].bytes()), (*row)[3].bytes() == bytes_of(key.fingerprint)});
}

Result<void> store_answer(Session& session, const IdempotencyKey& key, int64_t now_ms, int status,
                          std::string_view media_type, std::string_view body) {
  const Name name(key);
  auto stored = session.execute(
      "INSERT INTO fc_idempotency(hash, name, fingerprint, created_ms, status, media_type, body)"
      " VALUES ($1, $2, $3, $4, $5, $6, $7)",
      {name.hash, name.value(), Value::of_blob(bytes_of(key.fingerprint)), now_ms, status,
       media_type, Value::of_blob(body)});
  if (!stored) return stored.error();
  return {};
}

}  // namespace forecourt::storage
