#pragma once

#include <forecourt/plugin.h>

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace forecourt::plugin {

/// A plugin's table, copied at the sizes it really provides: what an older plugin does not have is
/// null.
struct PluginTable {
  fc_plugin plugin{};
  std::vector<fc_handler> handlers;

  const fc_handler* find(uint32_t kind, std::string_view name) const;
};

/// Calls the entry and checks what it returns: ABI, id, version, every handler. Nothing is thrown.
Result<PluginTable> read_table(decltype(&fc_plugin_entry_1) entry, std::string_view id,
                               std::string_view version);

}  // namespace forecourt::plugin
