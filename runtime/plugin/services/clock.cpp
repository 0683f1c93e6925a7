#include <forecourt/clock.h>

#include "plugin/services/shim.hpp"
#include "plugin/services/tables.hpp"

namespace forecourt::plugin {
namespace {

int64_t now_ms(fc_handle handle) {
  const Call* const call = Call::current();
  return call && call->handle == handle ? call->admitted_ms : 0;
}

constexpr fc_clock_1 k_table = {sizeof(fc_clock_1), 0, now_ms};

}  // namespace

const void* const k_clock_table = &k_table;

}  // namespace forecourt::plugin
