#include "app/plugin_host.hpp"

#include "app/fatal_signals.hpp"
#include "isolation/child.hpp"

namespace forecourt::app {

int plugin_host() {
  note_fatal_signals();
  return isolation::run_child();
}

}  // namespace forecourt::app
