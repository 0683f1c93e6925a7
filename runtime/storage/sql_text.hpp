#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace forecourt::storage {

/// One lexical piece of SQL, as SQLite cuts it. Comments and white space are skipped.
struct Token {
  enum Kind {
    end,
    word,    ///< a bare keyword or name
    quoted,  ///< "name", `name` or [name], quotes included
    string,  ///< 'text', quotes included
    number,
    parameter,    ///< $1, $fc_org, ?1, :a, @a
    punctuation,  ///< one character
  };

  Kind kind = end;
  std::string_view text;

  /// A bare word, whatever its case; `keyword` is in upper case.
  bool is(std::string_view keyword) const;
  bool is_punctuation(char c) const { return kind == punctuation && text[0] == c; }
  bool is_name() const { return kind == word || kind == quoted; }
  /// The name without its quotes.
  std::string_view name() const;
};

std::vector<Token> tokenize(std::string_view sql);

/// Cuts a script into statements, without their semicolons; the body of a trigger stays in one
/// piece.
std::vector<std::string_view> split_statements(std::string_view script);

/// "or ROLLBACK": where SQL says ROLLBACK as a bare word, in any clause.
bool contains_word(std::string_view sql, std::string_view keyword);

/// Whether the text starts with the comment `-- unscoped` or `/* unscoped */`.
bool starts_unscoped(std::string_view sql);

/// Whether nothing but white space, comments and semicolons is left.
bool is_blank(std::string_view sql);

bool equal_ignoring_case(std::string_view a, std::string_view b);
bool starts_ignoring_case(std::string_view text, std::string_view prefix);

}  // namespace forecourt::storage
