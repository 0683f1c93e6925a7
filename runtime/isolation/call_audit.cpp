#include "isolation/call_audit.hpp"

#include <string>
#include <utility>

#include "base/log.hpp"
#include "org/open_calls.hpp"

namespace forecourt::isolation {
namespace {

constexpr size_t k_queue_max = 4'096;

}  // namespace

CallAudit::CallAudit(Write write) : write_(std::move(write)), thread_([this] { run(); }) {}

CallAudit::~CallAudit() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

Result<void> CallAudit::recover() {
  int64_t left = 0;
  auto done = write_([&left](storage::Session& session, const org::Snapshot&) -> Result<void> {
    auto closed = org::close_open_calls(session);
    if (!closed) return closed.error();
    left = *closed;
    return {};
  });
  if (done && left > 0)
    log::warn("isolation", "the host before ended during audited calls: their outcome is unknown",
              {{"calls", std::to_string(left)}});
  return done;
}

void CallAudit::begin(org::AuditEntry unknown, Done done) {
  {
    std::lock_guard lock(mutex_);
    if (queue_.size() < k_queue_max) {
      queue_.push_back({Step::begin, ++number_, std::move(unknown), std::move(done)});
      done = nullptr;
    }
  }
  wake_.notify_one();
  if (done) done(0, Error{Code::unavailable, "too many calls wait for the audit log"});
}

void CallAudit::withdraw(int64_t number) { put({Step::withdraw, number, {}, nullptr}); }

void CallAudit::end(int64_t number, org::AuditEntry entry, Done done) {
  put({Step::end, number, std::move(entry), std::move(done)});
}

void CallAudit::put(Item item) {
  {
    std::lock_guard lock(mutex_);
    queue_.push_back(std::move(item));
  }
  wake_.notify_one();
}

Result<void> CallAudit::write_item(storage::Session& session, const Item& item) {
  if (item.step == Step::begin) return org::note_open_call(session, item.number, item.entry);
  if (item.step == Step::end) {
    if (auto chained = org::append_audit(session, item.entry); !chained) return chained;
  }
  return org::forget_open_call(session, item.number);
}

void CallAudit::run() {
  for (;;) {
    std::vector<Item> items;
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
      if (queue_.empty()) return;
      items.swap(queue_);
    }
    const auto written = write_([&](storage::Session& session, const org::Snapshot&) {
      Result<void> all;
      for (const Item& item : items)
        if (all = write_item(session, item); !all) break;
      return all;
    });
    if (!written)
      log::error("isolation", "the audit log takes no calls",
                 {{"calls", std::to_string(items.size())}, {"reason", written.error().message}});
    for (const Item& item : items)
      if (item.done) item.done(item.number, written);
  }
}

}  // namespace forecourt::isolation
