#pragma once

#include <forecourt/testkit/testkit.hpp>

#include "config/descriptor.hpp"
#include "config/manifest.hpp"

namespace fc::testkit {

/// What an admin would write to have this plugin: everything granted that plugin.json asks for,
/// unless `grants` says otherwise.
forecourt::config::Manifest manifest_of(const Plugin& plugin,
                                        const forecourt::config::Descriptor& descriptor);

}  // namespace fc::testkit
