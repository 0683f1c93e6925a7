#include "storage/catalog.hpp"

#include <sqlite3.h>

namespace forecourt::storage {
namespace {

Result<void> collect(sqlite3* database, const char* sql, std::set<std::string, std::less<>>& into) {
  sqlite3_stmt* statement = nullptr;
  int code = sqlite3_prepare_v2(database, sql, -1, &statement, nullptr);
  while (code == SQLITE_OK || code == SQLITE_ROW) {
    code = sqlite3_step(statement);
    if (code != SQLITE_ROW) break;
    into.insert(reinterpret_cast<const char*>(sqlite3_column_text(statement, 0)));
  }
  sqlite3_finalize(statement);
  if (code == SQLITE_DONE) return {};
  return internal(std::string("reading the schema: ") + sqlite3_errmsg(database));
}

}  // namespace

Result<std::shared_ptr<const Catalog>> read_catalog(sqlite3* database) {
  auto catalog = std::make_shared<Catalog>();
  auto own =
      collect(database,
              "SELECT lower(name) FROM sqlite_schema WHERE type IN ('table', 'view')"
              " AND name NOT LIKE 'fc\\_%' ESCAPE '\\' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'",
              catalog->own);
  if (!own) return own.error();
  auto scoped = collect(database, "SELECT name FROM fc_scoped", catalog->scoped);
  if (!scoped) return scoped.error();
  return std::shared_ptr<const Catalog>(std::move(catalog));
}

}  // namespace forecourt::storage
