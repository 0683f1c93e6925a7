#include "storage/sql_text.hpp"

#include <algorithm>

namespace forecourt::storage {
namespace {

char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; }
bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_word(char c) {
  return is_digit(c) || c == '_' || c == '$' || (upper(c) >= 'A' && upper(c) <= 'Z') ||
         static_cast<unsigned char>(c) >= 0x80;
}

/// The offset behind white space and comments. An unclosed comment runs to the end, as in SQLite.
size_t skip_blank(std::string_view sql, size_t at) {
  while (at < sql.size()) {
    if (is_space(sql[at])) {
      ++at;
    } else if (sql.substr(at, 2) == "--") {
      at = std::min(sql.find('\n', at), sql.size());
    } else if (sql.substr(at, 2) == "/*") {
      const size_t close = sql.find("*/", at + 2);
      at = close == std::string_view::npos ? sql.size() : close + 2;
    } else {
      break;
    }
  }
  return at;
}

/// The offset behind a piece quoted with `close`, which doubled stands for itself.
size_t skip_quoted(std::string_view sql, size_t at, char close) {
  for (++at; at < sql.size(); ++at) {
    if (sql[at] != close) continue;
    if (close == ']' || at + 1 >= sql.size() || sql[at + 1] != close) return at + 1;
    ++at;
  }
  return at;
}

size_t skip_word(std::string_view sql, size_t at) {
  while (at < sql.size() && is_word(sql[at])) ++at;
  return at;
}

Token read_token(std::string_view sql, size_t at) {
  const char c = sql[at];
  Token::Kind kind = Token::punctuation;
  size_t stop = at + 1;
  if (c == '\'') {
    kind = Token::string;
    stop = skip_quoted(sql, at, '\'');
  } else if (c == '"' || c == '`' || c == '[') {
    kind = Token::quoted;
    stop = skip_quoted(sql, at, c == '[' ? ']' : c);
  } else if (c == '$' || c == '?' || c == ':' || c == '@') {
    kind = Token::parameter;
    stop = skip_word(sql, at + 1);
  } else if (is_digit(c) || (c == '.' && at + 1 < sql.size() && is_digit(sql[at + 1]))) {
    kind = Token::number;
    while (stop < sql.size() && (is_word(sql[stop]) || sql[stop] == '.')) ++stop;
  } else if (is_word(c)) {
    kind = Token::word;
    stop = skip_word(sql, at);
  }
  return {kind, sql.substr(at, stop - at)};
}

}  // namespace

bool Token::is(std::string_view keyword) const {
  return kind == word && equal_ignoring_case(text, keyword);
}

std::string_view Token::name() const {
  return kind == quoted && text.size() >= 2 ? text.substr(1, text.size() - 2) : text;
}

std::vector<Token> tokenize(std::string_view sql) {
  std::vector<Token> tokens;
  for (size_t at = skip_blank(sql, 0); at < sql.size(); at = skip_blank(sql, at)) {
    tokens.push_back(read_token(sql, at));
    at += tokens.back().text.size();
  }
  return tokens;
}

std::vector<std::string_view> split_statements(std::string_view script) {
  std::vector<std::string_view> statements;
  std::vector<Token> current;
  const auto is_trigger = [&current] {
    for (size_t i = 0; i < current.size() && i < 4; ++i) {
      if (current[i].is("TRIGGER")) return current[0].is("CREATE");
    }
    return false;
  };
  const auto cut = [&](const char* stop) {
    if (current.empty()) return;
    const char* start = current.front().text.data();
    statements.emplace_back(start, static_cast<size_t>(stop - start));
    current.clear();
  };
  for (const Token& token : tokenize(script)) {
    if (!token.is_punctuation(';')) {
      current.push_back(token);
      continue;
    }
    // A trigger ends at "; END ;": an END of its CASE expressions has no semicolon before it.
    const size_t n = current.size();
    const bool closed = n >= 2 && current[n - 1].is("END") && current[n - 2].is_punctuation(';');
    if (is_trigger() && !closed) {
      current.push_back(token);
      continue;
    }
    cut(token.text.data());
  }
  cut(script.data() + script.size());
  return statements;
}

bool contains_word(std::string_view sql, std::string_view keyword) {
  const auto tokens = tokenize(sql);
  return std::any_of(tokens.begin(), tokens.end(),
                     [&](const Token& token) { return token.is(keyword); });
}

bool starts_unscoped(std::string_view sql) {
  while (!sql.empty() && is_space(sql.front())) sql.remove_prefix(1);
  const bool line = sql.starts_with("--");
  if (!line && !sql.starts_with("/*")) return false;
  const size_t stop = line ? std::min(sql.find('\n'), sql.size()) : sql.find("*/", 2);
  if (stop == std::string_view::npos) return false;
  std::string_view comment = sql.substr(2, stop - 2);
  while (!comment.empty() && is_space(comment.front())) comment.remove_prefix(1);
  while (!comment.empty() && is_space(comment.back())) comment.remove_suffix(1);
  return comment == "unscoped";
}

bool is_blank(std::string_view sql) {
  const auto tokens = tokenize(sql);
  return std::all_of(tokens.begin(), tokens.end(),
                     [](const Token& token) { return token.is_punctuation(';'); });
}

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return a.size() == b.size() && starts_ignoring_case(a, b);
}

bool starts_ignoring_case(std::string_view text, std::string_view prefix) {
  return text.size() >= prefix.size() &&
         std::equal(prefix.begin(), prefix.end(), text.begin(),
                    [](char x, char y) { return upper(x) == upper(y); });
}

}  // namespace forecourt::storage
