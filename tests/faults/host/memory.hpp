#pragma once

#include <cstdint>

namespace faults {

/// The `nth` allocation from now on fails, whoever makes it; 0: none.
void fail_allocation(int64_t nth);
int64_t failed_allocations();
/// The calling thread's allocations are neither counted nor failed.
void never_fail_here();
/// Before SQLite starts: its allocations are counted with the others.
void watch_memory();

}  // namespace faults
