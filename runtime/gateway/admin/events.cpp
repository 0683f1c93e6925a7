#include "gateway/admin/admin.hpp"
#include "gateway/admin/answers.hpp"
#include "gateway/admin/slice.hpp"

namespace forecourt::admin {
namespace {

using Access = Endpoint::Access;

std::string parked_json(const events::Parked& parked) {
  return std::move(ObjectText()
                       .add("publisher", parked.publisher)
                       .add("number", parked.number)
                       .add("type", parked.type)
                       .add("subject", parked.subject)
                       .add("state", parked.state)
                       .add("attempts", int64_t{parked.attempts})
                       .add_time("due_at", parked.due_ms)
                       .add("reason", parked.reason))
      .text();
}

Result<http::Response> list(Parts& parts, Call& call) {
  if (auto root = call.need_root(); !root) return root.error();
  auto parked = parts.dispatcher.parked(std::string(call.parameter("subscriber").value_or("")));
  if (!parked) return parked.error();
  return slice_answer(call, *parked, parked_json);
}

/// Runs `act` on the event a body names, then keeps the audit entry and the answer.
template <class Do>
Result<http::Response> on_event(Call& call, const char* action, Do&& act) {
  if (auto root = call.need_root(); !root) return root.error();
  const std::string subscriber(json::text(call.body(), "subscriber"));
  const std::string publisher(json::text(call.body(), "publisher"));
  const json::Value* named = json::find(call.body(), "number");
  const int64_t number = named && named->IsInt64() ? named->GetInt64() : 0;
  if (auto done = act(subscriber, publisher, number); !done) return done.error();
  const std::string detail =
      std::move(ObjectText().add("publisher", publisher).add("number", number)).text();
  return call.commit({action, subscriber, detail},
                     [](storage::Session&, const org::Snapshot&) -> Result<http::Response> {
                       return no_content();
                     });
}

}  // namespace

std::vector<Endpoint> event_endpoints(Parts& parts) {
  return {
      {"list_parked_events", Access::read, [&parts](Call& call) { return list(parts, call); }},
      {"replay_event", Access::write,
       [&parts](Call& call) {
         return on_event(call, "event.replay",
                         [&](const auto& subscriber, const auto& publisher, int64_t number) {
                           return parts.dispatcher.replay(subscriber, publisher, number);
                         });
       }},
      {"drop_event", Access::write,
       [&parts](Call& call) {
         return on_event(call, "event.drop",
                         [&](const auto& subscriber, const auto& publisher, int64_t number) {
                           return parts.dispatcher.drop(subscriber, publisher, number);
                         });
       }},
  };
}

}  // namespace forecourt::admin
