#include "cli/new.hpp"

#include <cctype>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "base/result.hpp"
#include "cli/template_files.hpp"

namespace forecourt::cli {
namespace {

namespace fs = std::filesystem;

// The template is a working plugin of this name; a new plugin is the template with its own name
// instead.
constexpr std::string_view k_template_id = "starter";
constexpr std::string_view k_template_title = "Starter";

Result<void> check_name(const std::string& name) {
  const auto is_lower = [](char c) { return c >= 'a' && c <= 'z'; };
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  bool good = !name.empty() && name.size() <= 31 && is_lower(name.front()) && name.back() != '-';
  for (const char c : name) good = good && (is_lower(c) || is_digit(c) || c == '-');
  if (good) return {};
  return invalid("'" + name +
                 "' cannot be a plugin's name: it starts with a letter and has at most 31 of a-z, "
                 "0-9 and '-', "
                 "such as 'loyalty' or 'test-drives'");
}

/// "test-drives" is titled "TestDrives": it also names C++ things.
std::string title_of(const std::string& name) {
  std::string title;
  bool upper = true;
  for (const char c : name) {
    if (c == '-') {
      upper = true;
      continue;
    }
    title += upper ? static_cast<char>(std::toupper(static_cast<unsigned char>(c))) : c;
    upper = false;
  }
  return title;
}

std::string replaced(std::string_view text, std::string_view from, std::string_view to) {
  std::string out;
  for (;;) {
    const size_t at = text.find(from);
    out += text.substr(0, at);
    if (at == std::string_view::npos) return out;
    out += to;
    text.remove_prefix(at + from.size());
  }
}

std::string renamed(std::string_view text, const std::string& name) {
  return replaced(replaced(text, k_template_id, name), k_template_title, title_of(name));
}

Result<void> write_file(const fs::path& path, const std::string& text) {
  std::error_code failure;
  fs::create_directories(path.parent_path(), failure);
  if (failure) return internal(path.parent_path().string() + ": " + failure.message());
  std::ofstream file(path, std::ios::binary);
  file << text;
  file.close();
  if (!file) return internal(path.string() + ": could not be written");
  return {};
}

Result<void> write_plugin(const std::string& name, const fs::path& folder) {
  if (auto checked = check_name(name); !checked) return checked;
  std::error_code failure;
  if (fs::exists(fs::symlink_status(folder, failure))) {
    return Error{Code::conflict,
                 folder.string() + " exists already: give another name or --folder"};
  }
  for (const TemplateFile& file : template_files()) {
    const fs::path path = folder / renamed(file.path, name);
    if (auto written = write_file(path, renamed(file.text, name)); !written) return written;
  }
  return {};
}

}  // namespace

int run_new(const NewOptions& options) {
  const fs::path folder =
      options.folder.empty() ? fs::path(options.name) : fs::path(options.folder);
  if (const auto written = write_plugin(options.name, folder); !written) {
    std::fprintf(stderr, "forecourt new: %s\n", written.error().message.c_str());
    return 1;
  }
  const char* name = options.name.c_str();
  std::printf(
      "%s holds a plugin that stores and lists notes. Next:\n\n"
      "  cd %s && cmake --preset debug && cmake --build --preset debug\n"
      "  ctest --preset debug\n"
      "  forecourt apply manifests/%s.json --host http://127.0.0.1:8080 --key <admin key>\n\n"
      "Without a host that runs, `forecourt serve` in %s starts one with this plugin.\n",
      folder.c_str(), folder.c_str(), name, folder.c_str());
  return 0;
}

}  // namespace forecourt::cli
