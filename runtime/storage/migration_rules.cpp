#include "storage/migration_rules.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "storage/sql_text.hpp"

namespace forecourt::storage {
namespace {

using Tokens = std::vector<Token>;

/// Words that start a column constraint: the type ends before them.
constexpr std::array<std::string_view, 10> k_constraints = {
    "CONSTRAINT", "PRIMARY", "NOT",     "NULL",       "UNIQUE",
    "CHECK",      "DEFAULT", "COLLATE", "REFERENCES", "GENERATED"};
constexpr std::array<std::string_view, 5> k_table_constraints = {"CONSTRAINT", "PRIMARY", "UNIQUE",
                                                                 "CHECK", "FOREIGN"};

/// Words no migration may hold anywhere, and why.
constexpr struct {
  std::string_view word;
  const char* why;
} k_refused[] = {
    {"ROLLBACK", "no ROLLBACK clause: it would undo the whole group's transaction"},
    {"DEFERRABLE", "no deferred constraint: it would fail the whole group's commit"},
    {"DEFERRED", "no deferred constraint: it would fail the whole group's commit"},
    {"AUTOINCREMENT", "AUTOINCREMENT is not portable; ids come from the host"},
    {"CURRENT_TIMESTAMP", "time comes from the host: pass it as a parameter"},
    {"CURRENT_DATE", "time comes from the host: pass it as a parameter"},
    {"CURRENT_TIME", "time comes from the host: pass it as a parameter"},
    {"VIRTUAL", "no virtual tables"},
    {"TEMP", "no temporary tables, views or triggers"},
    {"TEMPORARY", "no temporary tables, views or triggers"},
    {"DROP", "migrations only ever add: an older generation may still run; no DROP"},
    {"RENAME", "migrations only ever add: an older generation may still run; no RENAME"},
};

template <size_t n>
bool is_one_of(const Token& token, const std::array<std::string_view, n>& words) {
  return std::any_of(words.begin(), words.end(), [&](auto word) { return token.is(word); });
}

/// A replacement of a piece of the statement's text.
struct Edit {
  const char* from;
  const char* to;
  std::string_view text;
};

/// Reads one statement; collects the edits that make it SQLite's.
class Reader {
 public:
  explicit Reader(std::string_view sql) : sql_(sql), tokens_(tokenize(sql)) {}

  Result<MigrationStatement> read() {
    if (auto refused = refuse_words(); !refused.empty()) return fail(refused);
    const Token& first = at(0);
    bool changes_schema = true;
    std::string refused;
    if (first.is("CREATE")) {
      refused = read_create();
    } else if (first.is("ALTER")) {
      refused = read_alter();
    } else if (first.is("INSERT") || first.is("UPDATE") || first.is("DELETE") || first.is("WITH")) {
      changes_schema = false;
    } else {
      refused =
          "only CREATE TABLE, INDEX, VIEW, TRIGGER, ALTER TABLE ADD COLUMN, INSERT, UPDATE and "
          "DELETE may stand in a migration";
    }
    if (!refused.empty()) return fail(refused);
    return MigrationStatement{edited(), changes_schema};
  }

 private:
  const Token& at(size_t i) const {
    static const Token k_end;
    return i < tokens_.size() ? tokens_[i] : k_end;
  }

  Error fail(const std::string& why) const {
    return Error{Code::denied, why + ", in: " + std::string(sql_.substr(0, 120))};
  }

  std::string refuse_words() const {
    for (const Token& token : tokens_) {
      for (const auto& refused : k_refused) {
        if (token.is(refused.word)) return refused.why;
      }
      if (token.kind == Token::parameter) return "a migration has no parameters";
      if (!token.is_name()) continue;
      if (starts_ignoring_case(token.name(), "fc_") ||
          starts_ignoring_case(token.name(), "sqlite_")) {
        return "names starting with fc_ and sqlite_ are the host's: " + std::string(token.name());
      }
    }
    return {};
  }

  std::string read_create() {
    if (at(1).is("TABLE")) return read_create_table();
    const bool index = at(1).is("INDEX") || (at(1).is("UNIQUE") && at(2).is("INDEX"));
    if (index || at(1).is("VIEW") || at(1).is("TRIGGER")) return {};
    return "only CREATE TABLE, INDEX, VIEW and TRIGGER may stand in a migration";
  }

  std::string read_create_table() {
    size_t i = 2;
    if (at(i).is("IF")) i += 3;
    if (!at(i).is_name()) return "a table needs a name";
    ++i;
    if (!at(i).is_punctuation('(')) return "CREATE TABLE needs a list of columns (not AS SELECT)";
    ++i;
    while (true) {
      if (!is_one_of(at(i), k_table_constraints)) {
        if (auto refused = read_column(i); !refused.empty()) return refused;
      }
      i = skip_definition(i);
      if (!at(i).is_punctuation(',')) break;
      ++i;
    }
    if (!at(i).is_punctuation(')')) return "CREATE TABLE: a parenthesis is not closed";
    return read_table_options(i + 1);
  }

  /// After the columns: nothing, or WITHOUT ROWID (another engine's schema simply leaves it out).
  std::string read_table_options(size_t i) {
    const char* end = sql_.data() + sql_.size();
    if (i == tokens_.size()) {
      edits_.push_back({end, end, " STRICT"});
      return {};
    }
    if (at(i).is("WITHOUT") && at(i + 1).is("ROWID") && i + 2 == tokens_.size()) {
      edits_.push_back({end, end, ", STRICT"});
      return {};
    }
    return "after a table's columns only WITHOUT ROWID may stand";
  }

  std::string read_alter() {
    if (!at(1).is("TABLE") || !at(2).is_name() || !at(3).is("ADD")) {
      return "ALTER TABLE may only ADD COLUMN";
    }
    return read_column(at(4).is("COLUMN") ? 5 : 4);
  }

  /// `name type constraint...` from token `i` on.
  std::string read_column(size_t i) {
    if (!at(i).is_name()) return "a column needs a name";
    const std::string column(at(i).name());
    ++i;
    const Token& type = at(i);
    if (type.is("BIGINT")) {
      replace(type, type, "INT");
    } else if (type.is("DOUBLE") && at(i + 1).is("PRECISION")) {
      replace(type, at(++i), "REAL");
    } else if (!type.is("TEXT") && !type.is("BLOB")) {
      return "column " + column + ": the types are BIGINT, TEXT, BLOB and DOUBLE PRECISION";
    }
    ++i;
    const bool ends =
        at(i).kind == Token::end || at(i).is_punctuation(',') || at(i).is_punctuation(')');
    if (!ends && !is_one_of(at(i), k_constraints)) {
      return "column " + column + ": the types are BIGINT, TEXT, BLOB and DOUBLE PRECISION";
    }
    const size_t stop = skip_definition(i);
    for (; i < stop; ++i) {
      if (at(i).is("DEFAULT") && at(i + 1).is_punctuation('(')) {
        return "column " + column + ": a default is a plain value";
      }
    }
    return {};
  }

  /// The comma or parenthesis that ends the definition which holds token `i`.
  size_t skip_definition(size_t i) const {
    int depth = 0;
    for (; i < tokens_.size(); ++i) {
      if (at(i).is_punctuation('(')) ++depth;
      if (depth == 0 && (at(i).is_punctuation(',') || at(i).is_punctuation(')'))) break;
      if (at(i).is_punctuation(')')) --depth;
    }
    return i;
  }

  void replace(const Token& first, const Token& last, std::string_view text) {
    edits_.push_back({first.text.data(), last.text.data() + last.text.size(), text});
  }

  std::string edited() const {
    std::string result;
    const char* from = sql_.data();
    for (const Edit& edit : edits_) {
      result.append(from, edit.from).append(edit.text);
      from = edit.to;
    }
    return result.append(from, sql_.data() + sql_.size());
  }

  const std::string_view sql_;
  const Tokens tokens_;
  std::vector<Edit> edits_;
};

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\r')) {
    text.remove_suffix(1);
  }
  return text;
}

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return result;
}

}  // namespace

Result<std::vector<MigrationStatement>> read_migration(std::string_view text) {
  if (text.find('\0') != std::string_view::npos)
    return invalid("a migration must not contain a NUL");
  std::vector<MigrationStatement> statements;
  for (const std::string_view sql : split_statements(text)) {
    auto statement = Reader(sql).read();
    if (!statement) return statement.error();
    statements.push_back(std::move(*statement));
  }
  return statements;
}

std::vector<std::string> scoped_tables(std::string_view text) {
  constexpr std::string_view k_prefix = "org-scoped:";
  std::vector<std::string> tables;
  while (!text.empty()) {
    const size_t stop = std::min(text.find('\n'), text.size());
    std::string_view line = trim(text.substr(0, stop));
    text.remove_prefix(std::min(stop + 1, text.size()));
    if (!line.starts_with("--")) continue;
    line = trim(line.substr(2));
    if (!line.starts_with(k_prefix)) continue;
    line.remove_prefix(k_prefix.size());
    while (!line.empty()) {
      const size_t comma = std::min(line.find(','), line.size());
      const std::string_view name = trim(line.substr(0, comma));
      if (!name.empty()) tables.push_back(lower(name));
      line.remove_prefix(std::min(comma + 1, line.size()));
    }
  }
  return tables;
}

}  // namespace forecourt::storage
