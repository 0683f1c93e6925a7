#pragma once

#include <string>
#include <vector>

namespace forecourt::events {

/// The tables of events in every plugin's store, for StoreOptions::host_schema. A plugin is
/// publisher and subscriber alike, so each store has all of them:
///  - fc_outbox: what the plugin published, numbered in commit order;
///  - fc_subscriber: who reads that outbox and how far, so that pruning spares those that are not
///  running;
///  - fc_cursor: how far the plugin has read each publisher;
///  - fc_parked: events set aside after a failure, with a full copy, and those waiting behind them;
///  - fc_attempt: kills counted against an event or a job.
std::vector<std::string> host_schema();

}  // namespace forecourt::events
