#pragma once

#include "cli/settings.hpp"

namespace forecourt::app {

/// `forecourt serve`: runs the host until SIGTERM, SIGINT or SIGHUP, then drains it; a second
/// signal, or the end of the grace period, ends the process hard. The exit status.
int serve(const cli::Settings& settings);

}  // namespace forecourt::app
