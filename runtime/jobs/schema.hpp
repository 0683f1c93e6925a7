#pragma once

#include <string>
#include <vector>

namespace forecourt::jobs {

/// The table of due work in every plugin's store, for StoreOptions::host_schema. Kills are counted
/// in the fc_attempt of events.
std::vector<std::string> host_schema();

}  // namespace forecourt::jobs
