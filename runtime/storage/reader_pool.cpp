#include "storage/reader_pool.hpp"

#include <algorithm>
#include <chrono>

namespace forecourt::storage {

ReaderPool::ReaderPool(ConnectionOptions options, size_t readers_max)
    : options_(std::move(options)), readers_max_(readers_max) {}

Result<void> ReaderPool::read(int64_t deadline_ns, const Work& work) {
  return use(deadline_ns, [&](Connection& connection) {
    Session session = connection.session(false);
    session.set_deadline(deadline_ns);
    return work(session);
  });
}

Result<void> ReaderPool::use(int64_t deadline_ns,
                             const std::function<Result<void>(Connection&)>& work) {
  auto connection = acquire(deadline_ns);
  if (!connection) return connection.error();
  Result<void> result = run(**connection, work);
  release(*connection);
  return result;
}

Result<void> ReaderPool::run(Connection& connection,
                             const std::function<Result<void>(Connection&)>& work) {
  Session host = connection.session(false);
  if (auto begun = host.execute("BEGIN"); !begun) return begun.error();
  Result<void> result = work(connection);
  connection.end_rows();
  if (!connection.in_transaction()) {
    // What was read after that was not of one snapshot.
    if (!result) return result;
    return Error{Code::unavailable, "store: a failure of the disk ended the read's snapshot"};
  }
  Result<int64_t> ended = 0;
  do {  // `interrupt` may come again in between; the snapshot must not outlive its read
    connection.accept();
    ended = host.execute("COMMIT");
  } while (!ended && ended.error().code == Code::cancelled && connection.in_transaction());
  if (result && !ended) return ended.error();
  return result;
}

Result<Connection*> ReaderPool::acquire(int64_t deadline_ns) {
  const Clock& clock = *options_.clock;
  std::unique_lock lock(mutex_);
  while (held_ || (free_.empty() && readers_.size() + opening_ >= readers_max_)) {
    if (deadline_ns != 0 && clock.monotonic_ns() > deadline_ns) {
      return Error{Code::cancelled, "store: no reader became free before the deadline"};
    }
    freed_.wait_for(lock, std::chrono::milliseconds(10));
  }
  if (free_.empty()) {
    ++opening_;
    lock.unlock();
    auto opened = Connection::open(options_);
    lock.lock();
    --opening_;
    if (!opened) return opened.error();
    readers_.push_back(std::move(*opened));
    free_.push_back(readers_.back().get());
  }
  Connection* connection = free_.back();
  free_.pop_back();
  connection->set_catalog(catalog_);
  connection->accept();
  return connection;
}

void ReaderPool::release(Connection* connection) {
  {
    std::lock_guard lock(mutex_);
    free_.push_back(connection);
  }
  freed_.notify_one();
}

void ReaderPool::set_catalog(std::shared_ptr<const Catalog> catalog) {
  std::lock_guard lock(mutex_);
  catalog_ = std::move(catalog);
}

void ReaderPool::hold(bool held) {
  {
    std::lock_guard lock(mutex_);
    if (held_ == held) return;
    held_ = held;
  }
  if (!held) freed_.notify_all();
}

void ReaderPool::interrupt() {
  std::lock_guard lock(mutex_);
  for (const auto& reader : readers_) {
    const bool free = std::find(free_.begin(), free_.end(), reader.get()) != free_.end();
    if (!free) reader->interrupt();
  }
}

size_t ReaderPool::active() const {
  std::lock_guard lock(mutex_);
  return readers_.size() + opening_ - free_.size();
}

void ReaderPool::close() {
  std::lock_guard lock(mutex_);
  free_.clear();
  readers_.clear();
}

}  // namespace forecourt::storage
