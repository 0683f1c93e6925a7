#pragma once

#include <cstdint>

namespace faults {

/// From now on the wall clock of this process is `seconds` off. The monotonic clock is not touched.
void turn_wall_clock(int64_t seconds);

}  // namespace faults
