#pragma once

#include <string>

#include "support/vfs_shim.hpp"

namespace faults {

/// The disk of this process and of the children that join it: they find its journal beside the
/// control socket. Once.
forecourt::test_support::VfsShim& make_disk(const std::string& socket_path);
/// In a child, before it is shut in: its disk is its host's, when that one takes orders.
void join_disk_of_host();

}  // namespace faults
