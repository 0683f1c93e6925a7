#pragma once

#include <memory>
#include <set>
#include <string>

#include "base/result.hpp"

struct sqlite3;

namespace forecourt::storage {

/// What the guard knows of a plugin's schema: which tables and views are its own, which are
/// org-scoped. Names are in lower case. Immutable once made; a migration makes a new one.
struct Catalog {
  std::set<std::string, std::less<>> own;
  std::set<std::string, std::less<>> scoped;
};

Result<std::shared_ptr<const Catalog>> read_catalog(sqlite3* database);

}  // namespace forecourt::storage
