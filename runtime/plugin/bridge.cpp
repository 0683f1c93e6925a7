#include "plugin/bridge.hpp"

#include "base/log.hpp"
#include "plugin/answers.hpp"
#include "plugin/call.hpp"
#include "plugin/invoke.hpp"
#include "plugin/operation_write.hpp"

namespace forecourt::plugin {
namespace {

using ExchangePtr = std::shared_ptr<http::Exchange>;

http::Response overloaded() {
  http::Response response =
      http::problem(503, "overloaded", "The plugin's queue is full, try again.");
  response.headers.emplace_back("Retry-After", "1");
  return response;
}

Call make_call(const Flight& flight, const Generation::Handler& handler,
               const http::Exchange& exchange) {
  const http::Request& request = exchange.request();
  Origin origin;
  origin.exchange = &exchange;
  return Call(flight.generation().scope(), handler.operation.id, origin, request.admitted_ms,
              request.deadline_monotonic_ns);
}

/// Runs `handle` of an operation that does not write; the answer.
http::Response run_handle(Call& call, const Generation::Handler& handler, void* instance,
                          storage::Session* session) {
  CallRun run(call, Phase::handle, session);
  fc_status status = invoke(
      [&] { return handler.functions.handle(instance, call.handle, nullptr); }, call.diagnostic);
  return answer_of(call, status);
}

void run_none(const Flight& flight, const Generation::Handler& handler, http::Exchange& exchange) {
  Call call = make_call(flight, handler, exchange);
  if (call.handle == 0) return exchange.answer(overloaded());
  exchange.answer(run_handle(call, handler, flight.generation().instance(), nullptr));
}

void run_read(const Flight& flight, const Generation::Handler& handler, http::Exchange& exchange) {
  Call call = make_call(flight, handler, exchange);
  if (call.handle == 0) return exchange.answer(overloaded());
  http::Response response;
  auto done = flight.generation().store().read(
      call.deadline_monotonic_ns, [&](storage::Session& session) -> Result<void> {
        response = run_handle(call, handler, flight.generation().instance(), &session);
        return {};
      });
  exchange.answer(done ? std::move(response) : answer_of(done.error().code, done.error().message));
}

/// Work that std::function can hold: a flight moves, it is not copied.
struct WorkerCall {
  Flight flight;
  const Generation::Handler& handler;
  ExchangePtr exchange;

  void run() {
    // Nobody waits any more: the work would be for nothing, and the queue behind it is long.
    if (exchange->abandoned()) {
      exchange->answer(answer_of(Code::cancelled, {}));
    } else if (handler.operation.access == Access::none) {
      run_none(flight, handler, *exchange);
    } else {
      run_read(flight, handler, *exchange);
    }
  }
};

}  // namespace

void Bridge::handle(ExchangePtr exchange) {
  Flight flight(generation_);
  if (!flight) return forward(std::move(exchange));
  const Generation::Handler* const handler =
      generation_->operation(exchange->request().operation_id);
  if (!handler) return exchange->answer(answer_of(Code::unavailable, {}));

  const Operation& operation = handler->operation;
  if (operation.access == Access::write) {
    return start_write(std::move(flight), *handler, std::move(exchange));
  }
  if (operation.is_inline) return run_none(flight, *handler, *exchange);

  auto work = std::make_shared<WorkerCall>(WorkerCall{std::move(flight), *handler, exchange});
  if (!generation_->workers().submit([work = std::move(work)] { work->run(); })) {
    exchange->answer(overloaded());
  }
}

void Bridge::set_successor(std::shared_ptr<http::Handler> successor) {
  std::lock_guard lock(mutex_);
  successor_ = std::move(successor);
}

void Bridge::forward(ExchangePtr exchange) {
  std::shared_ptr<http::Handler> successor;
  {
    std::lock_guard lock(mutex_);
    successor = successor_;
  }
  if (successor) return successor->handle(std::move(exchange));
  exchange->answer(answer_of(Code::unavailable, {}));
}

}  // namespace forecourt::plugin
