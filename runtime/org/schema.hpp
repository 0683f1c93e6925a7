#pragma once

#include <span>

#include "storage/store.hpp"

namespace forecourt::org {

/// The host store's own migrations: the tree, keys, desired state, config and audit. Only ever
/// appended to.
std::span<const storage::Migration> host_migrations();

}  // namespace forecourt::org
