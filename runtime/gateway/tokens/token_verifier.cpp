#include "gateway/tokens/token_verifier.hpp"

#include <sys/stat.h>

#include <cstring>
#include <utility>

#include "org/keys.hpp"

namespace forecourt::gateway {
namespace {

/// Of each of the two halves of what is remembered: when the recent one is full it becomes the
/// older one, and what was not used since is forgotten.
constexpr size_t k_known_max = 4096;

std::string stamp_of(const std::string& path) {
  struct stat found {};
  if (::stat(path.c_str(), &found) != 0) return "none";
  return std::to_string(found.st_mtim.tv_sec) + '.' + std::to_string(found.st_mtim.tv_nsec) + ' ' +
         std::to_string(found.st_size) + ' ' + std::to_string(found.st_ino);
}

}  // namespace

size_t TokenVerifier::DigestHash::operator()(const org::Digest& digest) const {
  size_t hash;
  std::memcpy(&hash, digest.data(), sizeof hash);
  return hash;
}

Result<std::unique_ptr<TokenVerifier>> TokenVerifier::open(std::string path) {
  std::unique_ptr<TokenVerifier> verifier(new TokenVerifier(std::move(path)));
  if (auto loaded = verifier->reload(); !loaded) return loaded.error();
  return verifier;
}

Result<void> TokenVerifier::reload() {
  std::lock_guard loading(loading_);
  return load();
}

Result<bool> TokenVerifier::reload_if_changed() {
  std::lock_guard loading(loading_);
  if (stamps() == stamps_) return false;
  if (auto loaded = load(); !loaded) return loaded.error();
  return true;
}

TokenVerifier::Stamps TokenVerifier::stamps() const {
  Stamps stamps{stamp_of(path_)};
  for (const std::string& file : files_) stamps.push_back(stamp_of(file));
  return stamps;
}

Result<void> TokenVerifier::load() {
  // Before reading: a file that changes meanwhile is read once more. Kept when reading fails, so
  // that a broken file is told once.
  stamps_ = stamps();
  auto read = read_issuers(path_);
  if (!read) return read.error();
  std::vector<std::string> files;
  for (const Issuer& issuer : *read) files.push_back(issuer.keys_file);
  if (files != files_) {
    // Stamps first, then contents: once more, now that all files are known.
    files_ = std::move(files);
    return load();
  }
  auto issuers = std::make_shared<const std::vector<Issuer>>(std::move(*read));
  std::lock_guard lock(mutex_);
  issuers_ = std::move(issuers);
  recent_.clear();
  older_.clear();
  version_.fetch_add(1, std::memory_order_release);
  return {};
}

TokenVerifier::Outcome TokenVerifier::verify(std::string_view token, int64_t now_ms) {
  const org::Digest digest = org::digest_of(token);
  std::shared_ptr<const std::vector<Issuer>> issuers;
  {
    std::lock_guard lock(mutex_);
    if (auto known = find_known(digest)) {
      if (!org::has_ended(*known, now_ms)) return {std::move(known), nullptr};
      return {nullptr, "the token has expired"};
    }
    issuers = issuers_;
  }
  Bearer bearer = read_token(token, *issuers, now_ms);
  if (bearer.refusal) return {nullptr, bearer.refusal};
  auto key = std::make_shared<const org::Key>(std::move(bearer.key));
  std::lock_guard lock(mutex_);
  // Not what a reload has overtaken.
  if (issuers == issuers_) remember(digest, key);
  return {std::move(key), nullptr};
}

std::shared_ptr<const org::Key> TokenVerifier::find_known(const org::Digest& digest) {
  if (const auto found = recent_.find(digest); found != recent_.end()) return found->second;
  const auto found = older_.find(digest);
  if (found == older_.end()) return nullptr;
  auto key = found->second;
  remember(digest, key);
  return key;
}

void TokenVerifier::remember(const org::Digest& digest, std::shared_ptr<const org::Key> key) {
  if (recent_.size() >= k_known_max) {
    older_ = std::move(recent_);
    recent_.clear();
  }
  recent_.insert_or_assign(digest, std::move(key));
}

}  // namespace forecourt::gateway
