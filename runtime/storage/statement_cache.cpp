#include "storage/statement_cache.hpp"

#include <sqlite3.h>

#include <algorithm>

namespace forecourt::storage {

CachedStatement::~CachedStatement() { sqlite3_finalize(stmt); }

CachedStatement*& StatementCache::slot(std::string_view sql) {
  const auto address = reinterpret_cast<uintptr_t>(sql.data());
  return recent_[((address >> 3) ^ (address >> 11) ^ sql.size()) % recent_.size()];
}

CachedStatement* StatementCache::find(Session::Who who, std::string_view sql) {
  CachedStatement*& recent = slot(sql);
  if (recent == nullptr || recent->who != who || recent->text != sql) {
    const auto found = statements_.find(Key{who, sql});
    if (found == statements_.end()) return nullptr;
    recent = found->second.get();
  }
  recent->used_at = ++clock_;
  return recent;
}

CachedStatement* StatementCache::insert(std::unique_ptr<CachedStatement> statement) {
  make_room();
  CachedStatement* inserted = statement.get();
  inserted->cached = true;
  inserted->used_at = ++clock_;
  statements_.insert_or_assign(Key{inserted->who, inserted->text}, std::move(statement));
  return inserted;
}

void StatementCache::make_room() {
  if (statements_.size() < k_statements_max) return;
  auto oldest = statements_.end();
  for (auto i = statements_.begin(); i != statements_.end(); ++i) {
    if (i->second->busy) continue;
    if (oldest == statements_.end() || i->second->used_at < oldest->second->used_at) oldest = i;
  }
  if (oldest == statements_.end()) return;
  forget(oldest->second.get());
  statements_.erase(oldest);
}

void StatementCache::forget(CachedStatement* statement) {
  std::replace(recent_.begin(), recent_.end(), statement, static_cast<CachedStatement*>(nullptr));
}

void StatementCache::clear() {
  recent_.fill(nullptr);
  for (auto i = statements_.begin(); i != statements_.end();) {
    if (i->second->busy) {
      i->second.release()->cached = false;
    }
    i = statements_.erase(i);
  }
}

}  // namespace forecourt::storage
