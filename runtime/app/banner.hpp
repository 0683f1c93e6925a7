#pragma once

#include <string>

#include "app/app.hpp"
#include "cli/settings.hpp"

namespace forecourt::app {

/// What a person is told on standard output once the host serves: where, the documentation, the
/// admin key (itself only when it was made just now), one request to try.
std::string banner(const cli::Settings& settings, const App& app);

}  // namespace forecourt::app
