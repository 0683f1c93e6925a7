#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/log.hpp"
#include "base/result.hpp"
#include "secrets/key_source.hpp"
#include "webhooks/reach.hpp"

namespace forecourt::cli {

/// How the host is run. Defaults are those of the table in settings.cpp.
struct Settings {
  std::string listen_address;
  uint16_t listen_port = 0;
  std::string data;
  std::string manifests;
  std::string admin_key;
  log::Level log_level = log::Level::info;
  bool access_log = true;
  size_t workers = 0;
  std::string docs_assets;
  int64_t grace_ms = 0;
  size_t connections = 0;
  int64_t rate_per_s = 0;
  int64_t rate_burst = 0;
  webhooks::Reach webhooks_reach = webhooks::Reach::internet;
  std::string webhooks_authorities;
  std::string token_issuers;
  std::string tls_certificate;
  std::string tls_key;
  std::string trusted_proxies;
  std::string secrets_keys;  ///< the keys themselves
  std::string secrets_key_file;
  uint32_t isolation_uid_first = 0;
  uint32_t isolation_uid_last = 0;

  std::string data_path(std::string_view name) const { return data + '/' + std::string(name); }
  secrets::KeySource secrets_source() const { return {data, secrets_keys, secrets_key_file}; }
};

/// One row of the table: a setting is the flag --<name>, the environment variable, the member
/// <name> of the configuration file and a default.
struct Setting {
  std::string_view name;
  std::string_view env;
  std::string_view fallback;  ///< the default, as text
  std::string_view help;
  /// Takes a text or says what is allowed instead.
  Result<void> (*assign)(Settings& settings, std::string_view text);
};
std::span<const Setting> settings_table();

/// Where values come from, strongest first.
struct Sources {
  std::map<std::string, std::string, std::less<>> flags;  ///< by setting name
  std::function<std::optional<std::string>(const std::string& env)> environment;
  std::string file;  ///< a JSON object; empty: none
};

/// A bad value names the setting, where it came from and what is allowed:
/// "FORECOURT_LISTEN (environment): \"8080\": must be <address>:<port> ...".
Result<Settings> read_settings(const Sources& sources);

/// The process's own environment.
std::optional<std::string> process_environment(const std::string& name);

/// The table as text: for `forecourt settings`, or as Markdown for the documentation.
std::string describe_settings(bool markdown);

}  // namespace forecourt::cli
