#pragma once

namespace forecourt::app {

/// `forecourt plugin-host <id>`: the process of one isolated plugin. The exit status.
int plugin_host();

}  // namespace forecourt::app
