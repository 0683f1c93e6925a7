#include "plugin/bundle.hpp"

#include <algorithm>
#include <filesystem>
#include <map>

#include "config/document.hpp"
#include "plugin/library.hpp"

namespace forecourt::plugin {
namespace {

namespace fs = std::filesystem;

constexpr uintmax_t k_library_bytes_max = 512ull << 20;

fs::path folder_of(const std::string& path) {
  const fs::path given(path);
  return given.extension() == ".so"
             ? (given.has_parent_path() ? given.parent_path() : fs::path("."))
             : given;
}

/// "NNNN_name.sql": four digits, then [a-z0-9_].
bool is_migration_name(std::string_view name) {
  if (name.size() < 10 || name[4] != '_' || !name.ends_with(".sql")) return false;
  if (!std::ranges::all_of(name.substr(0, 4), [](char c) { return c >= '0' && c <= '9'; }))
    return false;
  return std::ranges::all_of(name.substr(5, name.size() - 9), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
}

Result<std::vector<storage::Migration>> load_migrations(const fs::path& folder) {
  std::error_code failure;
  std::map<std::string, std::string> by_number;
  std::vector<storage::Migration> migrations;
  if (!fs::exists(folder, failure)) return migrations;
  for (const auto& entry : fs::directory_iterator(folder, failure)) {
    const std::string name = entry.path().filename().string();
    if (!is_migration_name(name)) {
      return invalid(entry.path().string() + ": expected a name like \"0001_tables.sql\"");
    }
    if (auto [other, fresh] = by_number.try_emplace(name.substr(0, 4), name); !fresh) {
      return invalid(entry.path().string() + ": has the number of " + other->second);
    }
    auto sql = config::read_text(entry.path().string());
    if (!sql) return sql.error();
    migrations.push_back({name, std::move(*sql)});
  }
  if (failure) return internal(folder.string() + ": " + failure.message());
  std::ranges::sort(migrations, {}, &storage::Migration::name);
  return migrations;
}

std::string fingerprint_of(const Bundle& bundle, std::string_view descriptor) {
  std::string all = bundle.library_sha256;
  const auto add = [&all](std::string_view text) {
    all += std::to_string(text.size()) + ":" + std::string(text);
  };
  add(descriptor);
  add(bundle.openapi);
  for (const storage::Migration& migration : bundle.migrations) {
    add(migration.name);
    add(migration.sql);
  }
  return sha256_hex(all);
}

}  // namespace

Result<Bundle> parse_bundle(Bundle texts, const std::string& place) {
  auto descriptor = config::parse_descriptor(texts.descriptor_text, place + "/plugin.json");
  if (!descriptor) return descriptor.error();
  texts.descriptor = std::move(*descriptor);
  auto operations = read_operations(texts.openapi, place + "/openapi.json");
  if (!operations) return operations.error();
  texts.operations = std::move(*operations);
  return texts;
}

Result<Bundle> load_bundle(const std::string& path) {
  const fs::path folder = folder_of(path);
  std::error_code failure;
  if (!fs::is_directory(folder, failure)) {
    return not_found(path +
                     ": no such bundle; build the plugin, or correct \"path\" in its manifest");
  }
  Bundle texts;
  texts.folder = folder.string();
  auto descriptor_text = config::read_text((folder / "plugin.json").string());
  if (!descriptor_text) return descriptor_text.error();
  texts.descriptor_text = std::move(*descriptor_text);
  auto openapi = config::read_text((folder / "openapi.json").string());
  if (!openapi) return openapi.error();
  texts.openapi = std::move(*openapi);
  auto parsed = parse_bundle(std::move(texts), folder.string());
  if (!parsed) return parsed.error();
  Bundle bundle = std::move(*parsed);

  auto migrations = load_migrations(folder / "migrations");
  if (!migrations) return migrations.error();
  bundle.migrations = std::move(*migrations);

  const fs::path library = fs::path(path).extension() == ".so"
                               ? fs::path(path)
                               : folder / (bundle.descriptor.id + ".so");
  if (fs::file_size(library, failure) > k_library_bytes_max && !failure) {
    return invalid(library.string() + ": larger than 512 MiB");
  }
  auto bytes = config::read_text(library.string());
  if (!bytes) return bytes.error();
  bundle.library = std::move(*bytes);
  bundle.library_sha256 = sha256_hex(bundle.library);
  bundle.fingerprint = fingerprint_of(bundle, bundle.descriptor_text);
  return bundle;
}

std::string find_openapi(const std::string& path) {
  auto text = config::read_text((folder_of(path) / "openapi.json").string());
  return text ? std::move(*text) : std::string();
}

}  // namespace forecourt::plugin
