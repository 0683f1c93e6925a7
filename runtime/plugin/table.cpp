#include "plugin/table.hpp"

#include <algorithm>
#include <cstring>

namespace forecourt::plugin {
namespace {

constexpr uint64_t k_handlers_max = 10'000;

/// The fields a shorter, older struct does not have stay zero.
template <class T>
T copy_sized(const T* from) {
  T copy{};
  std::memcpy(&copy, from, std::min<size_t>(from->size, sizeof(T)));
  return copy;
}

Error refused(std::string why) { return invalid("its table is refused: " + why); }

const char* name_of_kind(uint32_t kind) {
  switch (kind) {
    case FC_OPERATION: return "operation";
    case FC_EVENT: return "event";
    case FC_JOB: return "job";
    default: return nullptr;
  }
}

Result<fc_handler> read_handler(const fc_handler* from, uint64_t index) {
  const std::string place = "handlers[" + std::to_string(index) + "]";
  if (!from) return refused(place + " is NULL");
  if (from->size < offsetof(fc_handler, handle) + sizeof(from->handle))
    return refused(place + " is too short");
  const fc_handler handler = copy_sized(from);
  if (!name_of_kind(handler.kind)) {
    return refused(place + " has the unknown kind " + std::to_string(handler.kind));
  }
  if (!handler.name || *handler.name == '\0') return refused(place + " has no name");
  if (!handler.handle) return refused(place + " \"" + handler.name + "\" has no handle function");
  return handler;
}

Result<const fc_plugin*> call_entry(decltype(&fc_plugin_entry_1) entry) {
  try {
    const fc_plugin* const plugin = entry(FC_ABI_MAJOR);
    if (!plugin)
      return refused("its entry returned NULL: it cannot serve a host of ABI " +
                     std::to_string(FC_ABI_MAJOR));
    return plugin;
  } catch (...) {
    return refused("its entry threw an exception");
  }
}

}  // namespace

const fc_handler* PluginTable::find(uint32_t kind, std::string_view name) const {
  for (const fc_handler& handler : handlers) {
    if (handler.kind == kind && handler.name == name) return &handler;
  }
  return nullptr;
}

Result<PluginTable> read_table(decltype(&fc_plugin_entry_1) entry, std::string_view id,
                               std::string_view version) {
  auto called = call_entry(entry);
  if (!called) return called.error();
  const fc_plugin* const from = *called;
  if (from->size < offsetof(fc_plugin, close) + sizeof(from->close)) {
    return refused("it is " + std::to_string(from->size) + " bytes long, shorter than ABI 1");
  }
  PluginTable table;
  table.plugin = copy_sized(from);
  const fc_plugin& plugin = table.plugin;
  if (plugin.abi_major != FC_ABI_MAJOR) {
    return refused("it was built for ABI " + std::to_string(plugin.abi_major) + ", this host has " +
                   std::to_string(FC_ABI_MAJOR));
  }
  if (!plugin.id || plugin.id != id) {
    return refused("its id is \"" + std::string(plugin.id ? plugin.id : "") +
                   "\", plugin.json says \"" + std::string(id) + "\"");
  }
  if (!plugin.version || plugin.version != version) {
    return refused("its version is \"" + std::string(plugin.version ? plugin.version : "") +
                   "\", plugin.json says \"" + std::string(version) + "\"");
  }
  if (!plugin.open || !plugin.close) return refused("open and close must be there");
  if (plugin.handler_count > k_handlers_max) return refused("it has too many handlers");
  if (plugin.handler_count > 0 && !plugin.handlers) return refused("its handlers are NULL");
  for (uint64_t i = 0; i < plugin.handler_count; ++i) {
    auto handler = read_handler(plugin.handlers[i], i);
    if (!handler) return handler.error();
    if (table.find(handler->kind, handler->name)) {
      return refused(std::string("it has two handlers for the ") + name_of_kind(handler->kind) +
                     " \"" + handler->name + "\"");
    }
    table.handlers.push_back(*handler);
  }
  return table;
}

}  // namespace forecourt::plugin
