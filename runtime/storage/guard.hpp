#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "storage/catalog.hpp"

struct sqlite3;

namespace forecourt::storage {

/// The rules for SQL that is not the host's, as a SQLite authorizer: whatever is not allowed here
/// by name is refused when the statement is prepared. One per connection.
///
/// A plugin may read and change its own tables and read fc_org, with functions that are harmless
/// and give the same answer on every run: time and randomness are the host's. A migration may also
/// add to the schema.
class Guard {
 public:
  enum class Rules {
    host,    ///< trusted
    plugin,  ///< statements of a running plugin
    data,    ///< a migration's INSERT, UPDATE, DELETE: no org scope
    schema,  ///< a migration's CREATE and ALTER; migration_rules.hpp has read the text before
  };

  /// What a prepared statement touches.
  struct Touched {
    std::string scoped_table;  ///< the first org-scoped one; empty: none
  };

  /// Hooks the authorizer into the connection. The guard must outlive it.
  void install(sqlite3* database);

  void set_catalog(std::shared_ptr<const Catalog> catalog) { catalog_ = std::move(catalog); }

  /// Which rules hold from now on. SQLite may prepare a statement again when it runs, so this is
  /// set before each run too.
  void apply(Rules rules) { rules_ = rules; }
  /// Forgets what the last statement touched and why it was refused.
  void begin_statement();

  const Touched& touched() const { return touched_; }
  /// Why the last statement was refused: "table sqlite_schema is not the plugin's own".
  const std::string& reason() const { return reason_; }

 private:
  static int authorize(void* self, int action, const char* a, const char* b, const char* database,
                       const char* trigger);
  bool allows(int action, std::string_view a, std::string_view b, std::string_view database);
  bool allows_table(std::string_view table, bool writes);
  bool allows_function(std::string_view function);
  bool refuse(std::string reason);

  Rules rules_ = Rules::host;
  std::shared_ptr<const Catalog> catalog_;
  Touched touched_;
  std::string reason_;
};

/// The rules a text must keep before it is even prepared: one statement, no NUL, no ROLLBACK
/// clause. Empty: it keeps them.
std::string refuse_text(std::string_view sql);

}  // namespace forecourt::storage
