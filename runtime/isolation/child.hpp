#pragma once

namespace forecourt::isolation {

/// The descriptor on which a child finds its end of the connection.
inline constexpr int k_connection = 3;

/// The child's side, `forecourt plugin-host <id>`: waits to be told what it is, shuts itself in,
/// opens the plugin's store, loads its library and serves until the host ends. The exit status.
int run_child();

}  // namespace forecourt::isolation
