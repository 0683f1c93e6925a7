#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "storage/session.hpp"
#include "storage/value.hpp"

struct sqlite3_stmt;

namespace forecourt::storage {

/// A prepared statement with what is known of it. Belongs to one connection.
class CachedStatement {
 public:
  CachedStatement(sqlite3_stmt* handle, Session::Who owner, std::string_view sql)
      : stmt(handle), who(owner), text(sql) {}
  ~CachedStatement();
  CachedStatement(const CachedStatement&) = delete;
  CachedStatement& operator=(const CachedStatement&) = delete;

  sqlite3_stmt* const stmt;
  const Session::Who who;
  const std::string text;
  bool read_only = false;
  bool changes_rows = false;   ///< INSERT, UPDATE or DELETE, so that sqlite3_changes is about it
  std::string unscoped_table;  ///< org-scoped table it touches without $fc_org: needs the grant
  std::vector<int> positions;  ///< SQLite's number of $1, $2 ...; 0 where one is not used
  int org_position = 0;        ///< SQLite's number of $fc_org; 0: not used
  bool busy = false;           ///< a Rows steps it
  bool cached = false;         ///< owned by the cache, else by who uses it
  uint64_t used_at = 0;

  std::vector<Value> row;       ///< the present row's columns
  std::string parameter_bytes;  ///< copies of text and blob parameters that must outlive the call
};

/// Prepared statements by owner and text, so that the hot path never compiles SQL. Holds at most
/// `k_statements_max`; the least recently used goes. One thread.
class StatementCache {
 public:
  static constexpr size_t k_statements_max = 256;

  /// A cached statement, busy or not; nullptr when there is none.
  CachedStatement* find(Session::Who who, std::string_view sql);
  /// Takes it over, making room.
  CachedStatement* insert(std::unique_ptr<CachedStatement> statement);
  /// Forgets all but the busy ones (those are freed by their Rows). After a change of the schema.
  void clear();
  size_t size() const { return statements_.size(); }

 private:
  struct Key {
    Session::Who who;
    std::string_view sql;
    bool operator==(const Key&) const = default;
  };
  struct KeyHash {
    size_t operator()(const Key& key) const {
      return std::hash<std::string_view>()(key.sql) * 2 + static_cast<size_t>(key.who);
    }
  };

  CachedStatement*& slot(std::string_view sql);
  void make_room();
  void forget(CachedStatement* statement);

  /// Where the same literal was found last: its address and length pick the slot, its bytes prove
  /// it.
  std::array<CachedStatement*, 256> recent_{};
  std::unordered_map<Key, std::unique_ptr<CachedStatement>, KeyHash> statements_;
  uint64_t clock_ = 0;
};

}  // namespace forecourt::storage
