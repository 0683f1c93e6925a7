#pragma once

#include <memory>

#include "plugin/bridge.hpp"

namespace forecourt::plugin {

/// Runs a write operation: prepare on a worker if it has one, then the lane. Answers the exchange,
/// sooner or later.
void start_write(Flight flight, const Generation::Handler& handler,
                 std::shared_ptr<http::Exchange> exchange);

}  // namespace forecourt::plugin
