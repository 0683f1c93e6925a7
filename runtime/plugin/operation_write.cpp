#include "plugin/operation_write.hpp"

#include <utility>

#include "base/log.hpp"
#include "plugin/answers.hpp"
#include "plugin/operation_audit.hpp"
#include "plugin/prepared.hpp"
#include "storage/idempotency.hpp"
#include "storage/lane.hpp"

namespace forecourt::plugin {
namespace {

using storage::Fate;
using storage::Verdict;

http::Response overloaded() {
  http::Response response =
      http::problem(503, "overloaded", "The plugin's queue is full, try again.");
  response.headers.emplace_back("Retry-After", "1");
  return response;
}

/// One write operation, from its prepare to its answer.
class OperationWrite final : public storage::WriteCall {
 public:
  OperationWrite(Flight flight, const Generation::Handler& handler,
                 std::shared_ptr<http::Exchange> exchange)
      : flight_(std::move(flight)),
        handler_(handler),
        exchange_(std::move(exchange)),
        call_(flight_.generation().scope(), handler.operation.id,
              {exchange_.get(), nullptr, nullptr}, exchange_->request().admitted_ms,
              exchange_->request().deadline_monotonic_ns) {}

  /// The lane has let go of the call: no handle runs any more, so what prepare left can be freed.
  ~OperationWrite() override {
    call_.end();
    prepared_.finish(handler_, flight_.generation().scope(), flight_.generation().instance());
  }

  Generation& generation() const { return flight_.generation(); }
  bool can_run() const { return call_.handle != 0; }
  void answer(http::Response response) { exchange_->answer(std::move(response)); }

  /// True: go on to the lane. False: it was answered.
  bool prepare() {
    if (exchange_->abandoned()) {
      answer(answer_of(Code::cancelled, {}));
      return false;
    }
    fc_status status = FC_E_INTERNAL;
    http::Response response;
    auto done = generation().store().read(
        call_.deadline_monotonic_ns, [&](storage::Session& session) -> Result<void> {
          status = prepared_.run(call_, handler_, generation().instance(), session);
          if (status != FC_OK) response = answer_of(call_, status);
          return {};
        });
    if (done && status == FC_OK) return true;
    answer(done ? std::move(response) : answer_of(done.error().code, done.error().message));
    return false;
  }

  Verdict run(storage::Session& session) override {
    // Until all is done: an exception must leave neither a success to tell nor one to keep.
    keep_ = false;
    response_ = {};
    if (auto replay = find_kept(session)) {
      response_ = std::move(*replay);
      return Verdict::commit;
    }
    fc_status status;
    {
      CallRun run(call_, Phase::handle, &session);
      status = invoke(
          [&] {
            return handler_.functions.handle(generation().instance(), call_.handle,
                                             prepared_.value());
          },
          call_.diagnostic);
    }
    http::Response response = answer_of(call_, status);
    const bool keeps = is_idempotent() && is_kept(response);
    if (status < FC_OK) {
      response_ = std::move(response);
      keep_ = keeps;
      return Verdict::roll_back;
    }
    if (handler_.operation.audited) {
      if (auto recorded = audit_operation(session, call_, response.status); !recorded) {
        response_ = answer_of(recorded.error().code, {});
        return Verdict::roll_back;
      }
    }
    if (keeps) {
      if (auto kept = keep(session, response); !kept) {
        response_ = answer_of(kept.error().code, {});
        return Verdict::roll_back;
      }
    }
    response_ = std::move(response);
    return Verdict::commit;
  }

  void after_roll_back(storage::Session& session) override {
    if (handler_.operation.audited && response_.status < 500) {
      if (auto recorded = audit_operation(session, call_, response_.status); !recorded) {
        log::warn("plugin", "the audit log took no entry of a refused write",
                  {{"plugin", call_.scope.id}, {"reason", recorded.error().message}});
      }
    }
    if (!keep_) return;
    if (auto kept = keep(session, response_); !kept) {
      log::warn("plugin", "the answer of a refused write could not be kept",
                {{"plugin", call_.scope.id}, {"reason", kept.error().message}});
    }
  }

  /// Reads nothing that `run` writes unless the lane is done with the call: for `unknown` a
  /// watchdog may be asking while the plugin is still in its handle.
  void finished(Fate fate, const Error& why) override {
    if (fate == Fate::unknown) return answer(outcome_unknown());
    if (fate == Fate::refused) {
      log::warn(
          "plugin", "a write was refused",
          {{"plugin", call_.scope.id}, {"call", std::string(call_.name)}, {"reason", why.message}});
      return answer(answer_of(why.code, why.message));
    }
    if (fate == Fate::committed) call_.notify_committed();
    answer(std::move(response_));
  }

  int64_t deadline_monotonic_ns() const override { return call_.deadline_monotonic_ns; }

 private:
  /// Public callers cannot be told apart: a key of theirs names nobody's request.
  bool is_idempotent() const {
    return !exchange_->request().idempotency_key.empty() && !call_.is_public() &&
           !handler_.operation.secret_answer;
  }

  storage::IdempotencyKey key() const {
    const http::Request& request = exchange_->request();
    return {request.org, request.caller, request.idempotency_key, request.fingerprint};
  }

  std::optional<http::Response> find_kept(storage::Session& session) {
    if (!is_idempotent()) return std::nullopt;
    auto found = storage::find_answer(session, key());
    if (!found) return answer_of(found.error().code, {});
    if (!*found) return std::nullopt;
    storage::StoredAnswer& stored = **found;
    if (!stored.same_request) {
      return http::problem(422, "idempotency-key-reused",
                           "This Idempotency-Key was used for another request; use a new one.");
    }
    return unpack_answer(stored.status, stored.media_type, std::move(stored.body));
  }

  Result<void> keep(storage::Session& session, const http::Response& response) {
    return storage::store_answer(session, key(), call_.admitted_ms, response.status,
                                 pack_head(response), response.body);
  }

  const Flight flight_;
  const Generation::Handler& handler_;
  const std::shared_ptr<http::Exchange> exchange_;
  Call call_;
  PreparedValue prepared_;
  http::Response response_;
  bool keep_ = false;  // the refusal, when its writes are rolled back
};

void submit(std::unique_ptr<OperationWrite> write) {
  storage::Lane& lane = write->generation().store().lane();
  std::unique_ptr<storage::WriteCall> call = std::move(write);
  if (lane.submit(call)) return;
  auto& refused = static_cast<OperationWrite&>(*call);
  const std::string why = lane.read_only_reason();
  refused.answer(why.empty() ? overloaded() : answer_of(Code::read_only, why));
}

}  // namespace

void start_write(Flight flight, const Generation::Handler& handler,
                 std::shared_ptr<http::Exchange> exchange) {
  auto write = std::make_unique<OperationWrite>(std::move(flight), handler, std::move(exchange));
  if (!write->can_run()) return write->answer(overloaded());
  if (!handler.functions.prepare) return submit(std::move(write));

  // A worker's task is copyable, so it holds a plain pointer; the pool runs everything it took.
  OperationWrite* const pending = write.release();
  const bool taken = pending->generation().workers().submit([pending] {
    std::unique_ptr<OperationWrite> mine(pending);
    if (mine->prepare()) submit(std::move(mine));
  });
  if (!taken) std::unique_ptr<OperationWrite>(pending)->answer(overloaded());
}

}  // namespace forecourt::plugin
