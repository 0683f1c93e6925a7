#pragma once

#include <string_view>

namespace forecourt::org {

/// Whether this machine's time zone database knows the IANA name ("Asia/Shanghai", "UTC"). The
/// first call reads the database.
bool is_timezone(std::string_view name);

}  // namespace forecourt::org
