#pragma once

#include <string>

#include "base/result.hpp"

namespace forecourt::storage {

// Stores that a plugin's own process writes. This process never opens such a file: what an
// untrusted process wrote can be made to make SQLite read it wrongly. The mark lies outside the
// plugin's folder, where that process cannot reach it.

bool is_foreign(const std::string& data_folder, const std::string& plugin);
/// Before the first such process is started. Durable.
Result<void> mark_foreign(const std::string& data_folder, const std::string& plugin);
/// Its files are gone.
void unmark_foreign(const std::string& data_folder, const std::string& plugin);

}  // namespace forecourt::storage
