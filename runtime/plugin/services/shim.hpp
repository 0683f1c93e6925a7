#pragma once

#include <forecourt/types.h>

#include <new>
#include <string>
#include <string_view>

#include "config/services.hpp"
#include "plugin/call.hpp"
#include "plugin/handles.hpp"

namespace forecourt::plugin {

/// For who reached a service without its grant: an error, and a line in the audit log.
inline fc_status ungranted(const PluginScope& scope, Service service) {
  if (scope.denied)
    scope.denied("the service " + std::string(config::k_services[static_cast<size_t>(service)]));
  return FC_E_DENIED;
}

/// What every service function does before its own work: finds the call, which must be the one this
/// thread runs, checks the grant, and lets nothing be thrown across the edge.
template <class Function>
fc_status in_call(fc_handle handle, Service service, Function&& function) noexcept {
  try {
    Call* const call = Call::current();
    if (!call || call->handle != handle) {
      // Alive on another thread, or ended.
      HandleTable::Pin pin;
      return handles().pin(handle, HandleKind::call, pin) ? FC_E_STATE : FC_E_STALE;
    }
    if (!call->scope.has(service)) return ungranted(call->scope, service);
    return function(*call);
  } catch (const std::bad_alloc&) {
    return FC_E_LIMIT;
  } catch (...) {
    return FC_E_INTERNAL;
  }
}

/// For functions of any thread: `subject` is a call or a generation's `self`. The call is null for
/// the latter.
template <class Function>
fc_status for_subject(fc_handle subject, Service service, Function&& function) noexcept {
  try {
    HandleTable::Pin pin;
    if (handles().pin(subject, HandleKind::call, pin)) {
      const Call* const call = static_cast<const Call*>(pin.object());
      return call->scope.has(service) ? function(call->scope, call)
                                      : ungranted(call->scope, service);
    }
    HandleTable::Pin self;
    if (!handles().pin(subject, HandleKind::generation, self)) return FC_E_STALE;
    const PluginScope& scope = *static_cast<const PluginScope*>(self.object());
    return scope.has(service) ? function(scope, static_cast<const Call*>(nullptr))
                              : ungranted(scope, service);
  } catch (const std::bad_alloc&) {
    return FC_E_LIMIT;
  } catch (...) {
    return FC_E_INTERNAL;
  }
}

/// The bytes of a view a plugin passed; false when it cannot be one.
inline bool read_view(const fc_view* view, std::string_view& text) {
  constexpr uint64_t k_view_max = uint64_t{1} << 40;
  if (!view || view->n > k_view_max || (view->n > 0 && !view->p)) return false;
  text = {reinterpret_cast<const char*>(view->p), static_cast<size_t>(view->n)};
  return true;
}

inline fc_view to_view(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

/// A refusal with its reason, for the log.
inline fc_status refuse(Call& call, fc_status status, std::string reason) {
  if (status == FC_E_DENIED && call.scope.denied) call.scope.denied(reason);
  call.diagnostic = std::move(reason);
  return status;
}
inline fc_status refuse(Call& call, const Error& error) {
  return refuse(call, static_cast<fc_status>(error.code), error.message);
}

/// Whether this is the handle of a write: where events, jobs and audit entries may be written.
inline bool in_transaction(const Call& call) {
  return call.phase == Phase::handle && call.session && call.session->writable();
}

}  // namespace forecourt::plugin
