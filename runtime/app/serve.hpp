#pragma once

#include "cli/settings.hpp"

namespace forecourt::app {

/// `forecourt serve`: runs the host until SIGTERM or SIGINT, then drains it; a second one, or the
/// end of the grace period, ends the process hard. SIGHUP reads certificates and keys anew. The
/// exit status.
int serve(const cli::Settings& settings);

}  // namespace forecourt::app
