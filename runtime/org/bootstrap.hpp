#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "org/host_directory.hpp"

namespace forecourt::org {

struct AdminKey {
  std::string generated;  ///< the new credential, to be shown once; empty when none was made now
};

/// Sees to it that the admin key (scopes ["*"] on "group") works:
///  - `given` (FORECOURT_ADMIN_KEY): it is the admin key from now on, a former one stops being
///  valid;
///  - none given, fresh data: one is made and kept in `file`, mode 0600;
///  - none given, data in use: what there is stays, even if an admin deleted the key on purpose.
Result<AdminKey> ensure_admin_key(HostDirectory& directory, std::string_view given,
                                  const std::string& file);

/// A new admin key in place of the present one, kept in `file` like that of fresh data. The
/// credential, to be shown once.
Result<std::string> renew_admin_key(HostDirectory& directory, const std::string& file);

}  // namespace forecourt::org
