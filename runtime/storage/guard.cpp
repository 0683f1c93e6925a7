#include "storage/guard.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <array>

#include "storage/sql_text.hpp"

namespace forecourt::storage {
namespace {

/// In order, for a binary search. Nothing here depends on time, chance, the connection or the file.
constexpr std::array<std::string_view, 53> k_functions = {
    "abs",          "acos",         "asin",     "atan",        "atan2",     "avg",
    "ceil",         "ceiling",      "coalesce", "cos",         "count",     "cume_dist",
    "degrees",      "dense_rank",   "exp",      "first_value", "floor",     "glob",
    "group_concat", "ifnull",       "iif",      "instr",       "lag",       "last_value",
    "lead",         "length",       "like",     "ln",          "log",       "lower",
    "ltrim",        "max",          "min",      "mod",         "nth_value", "ntile",
    "nullif",       "percent_rank", "pi",       "pow",         "power",     "radians",
    "rank",         "replace",      "round",    "row_number",  "rtrim",     "sign",
    "substr",       "substring",    "sum",      "trim",        "upper"};
static_assert(std::is_sorted(k_functions.begin(), k_functions.end()));

/// Some statements (VACUUM) are never shown to an authorizer, so the kinds are named here too.
constexpr std::string_view k_first_words[] = {"SELECT", "VALUES", "INSERT",
                                              "UPDATE", "DELETE", "WITH"};

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  return result;
}

std::string_view view(const char* text) { return text != nullptr ? text : std::string_view(); }

}  // namespace

void Guard::install(sqlite3* database) {
  sqlite3_set_authorizer(database, &Guard::authorize, this);
}

void Guard::begin_statement() {
  touched_.scoped_table.clear();
  reason_.clear();
}

int Guard::authorize(void* self, int action, const char* a, const char* b, const char* database,
                     const char*) {
  Guard& guard = *static_cast<Guard*>(self);
  if (guard.rules_ == Rules::host) return SQLITE_OK;
  return guard.allows(action, view(a), view(b), view(database)) ? SQLITE_OK : SQLITE_DENY;
}

bool Guard::refuse(std::string reason) {
  if (reason_.empty()) reason_ = std::move(reason);
  return false;
}

bool Guard::allows(int action, std::string_view a, std::string_view b, std::string_view database) {
  if (!database.empty() && database != "main")
    return refuse("only the plugin's own database may be used");
  switch (action) {
    case SQLITE_SELECT:
    case SQLITE_RECURSIVE: return true;
    case SQLITE_READ: return allows_table(a, false);
    case SQLITE_INSERT:
    case SQLITE_UPDATE:
    case SQLITE_DELETE: return allows_table(a, true);
    case SQLITE_FUNCTION: return allows_function(b);
    case SQLITE_CREATE_TABLE:
    case SQLITE_CREATE_INDEX:
    case SQLITE_CREATE_VIEW:
    case SQLITE_CREATE_TRIGGER:
    case SQLITE_ALTER_TABLE:
    case SQLITE_REINDEX:
      return rules_ == Rules::schema || refuse("the schema is changed by migrations only");
    case SQLITE_PRAGMA: return refuse("PRAGMA is the host's");
    case SQLITE_TRANSACTION:
    case SQLITE_SAVEPOINT:
      return refuse(
          "the transaction is the host's: no BEGIN, COMMIT, ROLLBACK, SAVEPOINT or RELEASE");
    case SQLITE_ATTACH:
    case SQLITE_DETACH:
      return refuse("only the plugin's own database may be used: no ATTACH or DETACH");
    default:
      return refuse(
          "this kind of statement is not allowed; the schema is changed by migrations only");
  }
}

bool Guard::allows_table(std::string_view table, bool writes) {
  if (rules_ == Rules::schema) return true;
  const std::string name = lower(table);
  if (name == "fc_org" && !writes) return true;
  if (name.starts_with("fc_") || name.starts_with("sqlite_")) {
    return refuse("table " + name + " is the host's" +
                  (name == "fc_org" ? ": it may only be read" : ""));
  }
  if (catalog_ == nullptr || !catalog_->own.contains(name)) {
    return refuse("table " + name + " is not one of the plugin's own");
  }
  if (touched_.scoped_table.empty() && catalog_->scoped.contains(name))
    touched_.scoped_table = name;
  return true;
}

bool Guard::allows_function(std::string_view function) {
  if (rules_ == Rules::schema) return true;
  const std::string name = lower(function);
  if (std::binary_search(k_functions.begin(), k_functions.end(), name)) return true;
  return refuse("function " + name +
                " is not allowed; time, ids and randomness come from the host's services");
}

std::string refuse_text(std::string_view sql) {
  if (sql.find('\0') != std::string_view::npos) return "SQL must not contain a NUL";
  const auto tokens = tokenize(sql);
  const bool known =
      !tokens.empty() && std::any_of(std::begin(k_first_words), std::end(k_first_words),
                                     [&](auto word) { return tokens[0].is(word); });
  if (!known) {
    return "only SELECT, VALUES, INSERT, UPDATE and DELETE may be run: the transaction and the "
           "connection "
           "are the host's, the schema is the migrations'";
  }
  bool ended = false;
  for (const Token& token : tokens) {
    if (token.is_punctuation(';')) {
      ended = true;
    } else if (ended) {
      return "SQL must be one statement";
    } else if (token.is("ROLLBACK")) {
      return "no ROLLBACK clause: it would undo the whole group's transaction; use ABORT or IGNORE";
    }
  }
  return {};
}

}  // namespace forecourt::storage
