#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace forecourt::storage {

/// One statement of a migration, as SQLite is to run it.
struct MigrationStatement {
  std::string sql;
  bool changes_schema = false;  ///< CREATE or ALTER; else INSERT, UPDATE or DELETE
};

/// Reads the text of a migration: refuses what no migration may hold and maps the portable column
/// types.
///
/// BIGINT becomes INT, DOUBLE PRECISION becomes REAL, and every table becomes STRICT. STRICT makes
/// SQLite refuse a text in a number's column as PostgreSQL does; it knows INT but not BIGINT. INT
/// rather than INTEGER, because INTEGER PRIMARY KEY would number rows by itself where PostgreSQL
/// refuses the missing key.
Result<std::vector<MigrationStatement>> read_migration(std::string_view text);

/// The tables of "-- org-scoped: members, member_orgs" lines, in lower case.
std::vector<std::string> scoped_tables(std::string_view text);

}  // namespace forecourt::storage
