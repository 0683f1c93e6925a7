#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "config/descriptor.hpp"
#include "plugin/operations.hpp"
#include "storage/store.hpp"

namespace forecourt::plugin {

/// What stands in the folder a manifest's `path` names: <id>.so, plugin.json, openapi.json,
/// migrations/NNNN_name.sql.
struct Bundle {
  std::string folder;
  std::string descriptor_text;  ///< plugin.json
  config::Descriptor descriptor;
  std::string openapi;
  std::vector<Operation> operations;
  std::vector<storage::Migration> migrations;
  std::string library;         ///< its bytes
  std::string library_sha256;  ///< of the bytes
  std::string fingerprint;     ///< of everything in it
};

/// `path` names the folder or the library in it. Errors start with the file's path.
Result<Bundle> load_bundle(const std::string& path);

/// The same from texts: what is in `descriptor_text`, `openapi` and `migrations` is parsed; the
/// library is not looked at. `place` starts the error texts.
Result<Bundle> parse_bundle(Bundle texts, const std::string& place);

/// The document of a bundle that need not be complete, so that a failed plugin's routes can still
/// answer 503; empty when there is none.
std::string find_openapi(const std::string& path);

}  // namespace forecourt::plugin
