#pragma once

#include <string>

namespace CLI {
class App;
}

namespace forecourt::cli {

/// The manual page forecourt(1), in roff: every verb, flag and setting of `app`.
std::string manual_page(const CLI::App& app);

/// A script for bash that completes the verbs and flags of `app`.
std::string bash_completion(const CLI::App& app);

}  // namespace forecourt::cli
