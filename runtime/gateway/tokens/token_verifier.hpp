#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "gateway/tokens/issuer.hpp"
#include "gateway/tokens/token.hpp"

namespace forecourt::gateway {

/// Takes JWTs of the configured issuers. What was checked once is remembered by the SHA-256 of the
/// token until the token ends, in bounded memory; reading the files anew forgets it. Thread-safe.
class TokenVerifier {
 public:
  /// Reads the file of issuers and their key sets.
  static Result<std::unique_ptr<TokenVerifier>> open(std::string path);

  struct Outcome {
    std::shared_ptr<const org::Key> key;  ///< null when refused
    const char* refusal = nullptr;
  };
  Outcome verify(std::string_view token, int64_t now_ms);

  /// Reads the files again. On an error what was read before stays in force.
  Result<void> reload();
  /// The same when one of the files is another than at the last try; true: it was done.
  Result<bool> reload_if_changed();
  /// Grows with each reload: what was verified under an earlier one must be verified again.
  uint64_t version() const { return version_.load(std::memory_order_acquire); }

 private:
  using Stamps = std::vector<std::string>;
  struct DigestHash {
    size_t operator()(const org::Digest& digest) const;
  };
  using Known = std::unordered_map<org::Digest, std::shared_ptr<const org::Key>, DigestHash>;

  explicit TokenVerifier(std::string path) : path_(std::move(path)) {}
  Stamps stamps() const;
  Result<void> load();
  std::shared_ptr<const org::Key> find_known(const org::Digest& digest);
  void remember(const org::Digest& digest, std::shared_ptr<const org::Key> key);

  const std::string path_;
  std::atomic<uint64_t> version_{0};
  std::mutex loading_;
  std::vector<std::string> files_;  // guarded by loading_: what the stamps are of
  Stamps stamps_;                   // guarded by loading_
  std::mutex mutex_;
  std::shared_ptr<const std::vector<Issuer>> issuers_;  // guarded by mutex_
  Known recent_;                                        // guarded by mutex_
  Known older_;                                         // guarded by mutex_
};

}  // namespace forecourt::gateway
