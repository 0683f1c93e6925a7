#include <cstring>

#include "org/directory.hpp"
#include "org/scope.hpp"

namespace forecourt::org {

bool Key::allows(std::string_view plugin, std::string_view verb) const {
  for (const std::string& scope : scopes) {
    if (scope_allows(scope, plugin, verb)) return true;
  }
  return false;
}

const Org* Snapshot::find(std::string_view org) const {
  const auto found = orgs_.find(org);
  return found == orgs_.end() ? nullptr : &found->second;
}

bool Snapshot::within(std::string_view org, std::string_view ancestor) const {
  for (const Org* at = find(org); at; at = find(at->parent)) {
    if (at->id == ancestor) return true;
  }
  return false;
}

const Org* Snapshot::at_level(std::string_view org, std::string_view kind) const {
  for (const Org* at = find(org); at; at = find(at->parent)) {
    if (at->kind == kind) return at;
  }
  return nullptr;
}

const Key* Snapshot::authenticate(std::string_view credential) const {
  const auto found = by_digest_.find(digest_of(credential));
  return found == by_digest_.end() ? nullptr : found->second;
}

size_t Snapshot::DigestHash::operator()(const Digest& digest) const {
  // A digest is already uniform.
  size_t hash;
  std::memcpy(&hash, digest.data(), sizeof hash);
  return hash;
}

}  // namespace forecourt::org
