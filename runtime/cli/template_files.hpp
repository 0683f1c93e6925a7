#pragma once

#include <span>
#include <string_view>

namespace forecourt::cli {

/// One file of sdk/template, carried inside the binary: `forecourt new` needs nothing beside it.
struct TemplateFile {
  std::string_view path;  ///< below the plugin's folder, e.g. "src/starter.cpp"
  std::string_view text;
};

/// Generated from sdk/template (target forecourt_template).
std::span<const TemplateFile> template_files();

}  // namespace forecourt::cli
