#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "events/outbox.hpp"
#include "storage/session.hpp"

namespace forecourt::webhooks {

/// One event on its way to one webhook. Of the open ones of a webhook, a publisher and a subject
/// the first is "pending", those after it wait "behind" it. Rows of the store of deliveries.
struct Delivery {
  int64_t number = 0;  ///< order of arrival
  std::string event;   ///< the event's id; with the webhook's the delivery's name
  std::string type;
  std::string subject;
  std::string org;
  std::string state;  ///< "pending", "behind", "delivered" or "dead"
  int attempts = 0;
  int64_t due_ms = 0;  ///< of the next attempt
  int64_t created_ms = 0;
  int64_t settled_ms = 0;  ///< 0: open
  int last_status = 0;     ///< of the last answer; 0: none came
  std::string last_reason;
};

/// What is sent, the same bytes at each attempt.
struct Parcel {
  int64_t number = 0;
  std::string event;
  int attempts = 0;
  std::string traceparent;
  std::string body;
};

/// The tables, for StoreOptions::host_schema, beside those of events.
std::vector<std::string> delivery_schema();

/// Queues an event; nothing happens when this webhook has had it already.
Result<void> add_delivery(storage::Session& session, std::string_view webhook,
                          const events::Event& event, int64_t now_ms);

/// What can be sent now, longest due first. A due time beyond every schedule was written by a clock
/// that has gone back since: it counts as due.
Result<std::vector<Parcel>> due_parcels(storage::Session& session, std::string_view webhook,
                                        int64_t now_ms, size_t limit);
/// When the next one becomes due; nothing when none is pending that is not due yet.
Result<std::optional<int64_t>> next_due(storage::Session& session, std::string_view webhook,
                                        int64_t now_ms);

/// What came of an attempt.
struct Settlement {
  int64_t number = 0;
  enum class End { delivered, again, dead } end = End::delivered;
  int64_t due_ms = 0;  ///< when again
  int status = 0;
  std::string reason;
};
/// Records an attempt; the next of its subject goes when this one is settled for good.
Result<void> settle(storage::Session& session, const Settlement& settlement, int64_t now_ms);

struct DeliveryQuery {
  std::string webhook;
  std::string state;   ///< empty: all
  int64_t before = 0;  ///< a number; 0: from the newest
  int64_t limit = 20;
};
Result<std::vector<Delivery>> list_deliveries(storage::Session& session,
                                              const DeliveryQuery& query);

/// Opens a settled delivery again, with a fresh schedule. Code::not_found when there is none,
/// Code::state when it is open.
Result<void> replay_delivery(storage::Session& session, std::string_view webhook,
                             std::string_view event, int64_t now_ms);
/// All settled ones that arrived at `since_ms` or later; how many.
Result<int64_t> replay_since(storage::Session& session, std::string_view webhook, int64_t since_ms,
                             int64_t now_ms);

/// Forgets the deliveries of webhooks that are gone, and of the settled ones of the others all but
/// the newest `keep` delivered and the newest `keep` dead; a slice at a time. True: there is more.
Result<bool> prune_deliveries(storage::Session& session, const std::set<std::string>& webhooks,
                              int64_t keep);
/// How many are open, by webhook: those with more than `most`.
Result<std::map<std::string, int64_t>> overfull_webhooks(storage::Session& session, int64_t most);

}  // namespace forecourt::webhooks
