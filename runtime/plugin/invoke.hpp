#pragma once

#include <forecourt/types.h>

#include <string>

#include "base/error.hpp"

namespace forecourt::plugin {

/// Enters a plugin. Nothing comes out but a status the ABI knows: an exception and a made-up number
/// are FC_E_INTERNAL.
template <class Function>
fc_status invoke(Function&& function, std::string& diagnostic) noexcept {
  try {
    const fc_status status = function();
    if (status >= FC_OK && status <= FC_YES) return status;
    if (status < FC_OK && status >= FC_E_ROLLBACK) return status;
    diagnostic = "returned the unknown status " + std::to_string(status);
  } catch (...) {
    try {
      diagnostic = "threw an exception across the ABI";
    } catch (...) {
    }
  }
  return FC_E_INTERNAL;
}

inline Code code_of(fc_status status) {
  if (status >= FC_E_CONSTRAINT && status < FC_OK) return static_cast<Code>(status);
  return Code::internal;
}

}  // namespace forecourt::plugin
