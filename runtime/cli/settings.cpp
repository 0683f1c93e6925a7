#include "cli/settings.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>

#include "base/json.hpp"
#include "gateway/forwarded.hpp"

namespace forecourt::cli {
namespace {

Result<int64_t> number(std::string_view text, int64_t min, int64_t max) {
  int64_t value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure == std::errc() && end == text.data() + text.size() && value >= min && value <= max) {
    return value;
  }
  return invalid("must be a number from " + std::to_string(min) + " to " + std::to_string(max));
}

Result<void> set_listen(Settings& settings, std::string_view text) {
  const Error wrong = invalid("must be <address>:<port>, such as 127.0.0.1:8080 or [::1]:8080");
  const size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return wrong;
  const auto port = number(text.substr(colon + 1), 0, 65535);
  std::string_view address = text.substr(0, colon);
  const bool bracketed = address.front() == '[' && address.back() == ']';
  if (bracketed) address = address.substr(1, address.size() - 2);
  if (!port || address.empty() || (!bracketed && address.find(':') != std::string_view::npos))
    return wrong;
  settings.listen_address = address;
  settings.listen_port = static_cast<uint16_t>(*port);
  return {};
}

template <std::string Settings::*member>
Result<void> set_path(Settings& settings, std::string_view text) {
  if (text.empty()) return invalid("must be a path");
  settings.*member = text;
  return {};
}

template <std::string Settings::*member>
Result<void> set_text(Settings& settings, std::string_view text) {
  settings.*member = text;
  return {};
}

Result<void> set_trusted_proxies(Settings& settings, std::string_view text) {
  if (auto parsed = gateway::parse_networks(text); !parsed) return parsed.error();
  settings.trusted_proxies = text;
  return {};
}

Result<void> set_secrets_key(Settings& settings, std::string_view text) {
  if (!text.empty()) {
    if (auto parsed = secrets::parse_keyring(text); !parsed) return parsed.error();
  }
  settings.secrets_keys = text;
  return {};
}

Result<void> set_log_level(Settings& settings, std::string_view text) {
  constexpr std::array<std::string_view, 5> k_levels = {"debug", "info", "warn", "error", "off"};
  const auto found = std::find(k_levels.begin(), k_levels.end(), text);
  if (found == k_levels.end()) return invalid("must be debug, info, warn, error or off");
  settings.log_level = static_cast<log::Level>(found - k_levels.begin());
  return {};
}

Result<void> set_access_log(Settings& settings, std::string_view text) {
  if (text != "on" && text != "off" && text != "true" && text != "false")
    return invalid("must be on or off");
  settings.access_log = text == "on" || text == "true";
  return {};
}

Result<void> set_workers(Settings& settings, std::string_view text) {
  auto value = number(text, 0, 1024);
  if (!value) return value.error();
  settings.workers = static_cast<size_t>(*value);
  return {};
}

Result<void> set_connections(Settings& settings, std::string_view text) {
  auto value = number(text, 0, 1'000'000);
  if (!value) return value.error();
  settings.connections = static_cast<size_t>(*value);
  return {};
}

template <int64_t Settings::*member>
Result<void> set_rate(Settings& settings, std::string_view text) {
  auto value = number(text, 0, 1'000'000);
  if (!value) return value.error();
  settings.*member = *value;
  return {};
}

Result<void> set_webhooks_reach(Settings& settings, std::string_view text) {
  auto value = webhooks::parse_reach(text);
  if (!value) return value.error();
  settings.webhooks_reach = *value;
  return {};
}

Result<void> set_grace(Settings& settings, std::string_view text) {
  auto value = number(text, 0, 600'000);
  if (!value) return value.error();
  settings.grace_ms = *value;
  return {};
}

Result<void> set_isolation_uids(Settings& settings, std::string_view text) {
  constexpr int64_t k_uid_max = 4294967293;  // those above mean "nobody"
  const size_t dash = text.find('-');
  const auto first = number(text.substr(0, dash), 1, k_uid_max);
  const auto last = number(dash == text.npos ? "" : text.substr(dash + 1), 1, k_uid_max);
  if (!first || !last || *first > *last)
    return invalid("must be two numbers, such as 60706-61183, the first not above the last");
  settings.isolation_uid_first = static_cast<uint32_t>(*first);
  settings.isolation_uid_last = static_cast<uint32_t>(*last);
  return {};
}

constexpr Setting k_table[] = {
    {"listen", "FORECOURT_LISTEN", "127.0.0.1:8080",
     "Address and port to serve on; port 0 takes a free one.", set_listen},
    {"data", "FORECOURT_DATA", "./var", "The data directory; made when missing.",
     set_path<&Settings::data>},
    {"manifests", "FORECOURT_MANIFESTS", "./manifests",
     "The folder of manifests applied at the start; relative paths in them are from the working "
     "directory.",
     set_path<&Settings::manifests>},
    {"admin-key", "FORECOURT_ADMIN_KEY", "",
     "The admin's API key: 16 or more printable characters. Without one, a fresh data directory "
     "gets a "
     "generated key, printed once and kept in <data>/admin.key.",
     // What a key may be is the directory's to say.
     set_text<&Settings::admin_key>},
    {"secrets-key", "FORECOURT_SECRETS_KEY", "",
     "The key that seals secrets: 32 bytes in hex or base64; former ones behind it, commas "
     "between. Best in the environment. Empty: secrets-key-file, else <data>/secrets.key.",
     set_secrets_key},
    {"secrets-key-file", "FORECOURT_SECRETS_KEY_FILE", "",
     "A file (mode 0600) of the same keys, 32 bytes each, outside of the data directory.",
     set_text<&Settings::secrets_key_file>},
    {"token-issuers", "FORECOURT_TOKEN_ISSUERS", "",
     "A JSON file of the issuers whose JWTs are taken besides API keys; empty: none are.",
     set_text<&Settings::token_issuers>},
    {"tls-certificate", "FORECOURT_TLS_CERTIFICATE", "",
     "A PEM file of the certificate and its chain: serve HTTPS. Empty: plain HTTP.",
     set_text<&Settings::tls_certificate>},
    {"tls-key", "FORECOURT_TLS_KEY", "", "The PEM file of its key, without a passphrase.",
     set_text<&Settings::tls_key>},
    {"trusted-proxies", "FORECOURT_TRUSTED_PROXIES", "",
     "Addresses and prefixes of proxies, commas between: only their X-Forwarded-For and Forwarded "
     "say who the client is.",
     set_trusted_proxies},
    {"log-level", "FORECOURT_LOG_LEVEL", "info", "debug, info, warn, error or off.", set_log_level},
    {"access-log", "FORECOURT_ACCESS_LOG", "on", "on or off: one line a request.", set_access_log},
    {"workers", "FORECOURT_WORKERS", "0",
     "Threads for reads, prepare and the admin API; 0: four for each processor, at least 8.",
     set_workers},
    {"docs-assets", "FORECOURT_DOCS_ASSETS", "",
     "The folder of swagger-ui-dist behind /docs; empty: assets/node_modules/swagger-ui-dist "
     "beside the program.",
     set_text<&Settings::docs_assets>},
    {"connections", "FORECOURT_CONNECTIONS", "0",
     "Open connections at most; 0: just below half of the descriptor limit.", set_connections},
    {"rate-per-s", "FORECOURT_RATE_PER_S", "0", "Requests a second of one API key; 0: no limit.",
     set_rate<&Settings::rate_per_s>},
    {"rate-burst", "FORECOURT_RATE_BURST", "20", "How many of them may come at once.",
     set_rate<&Settings::rate_burst>},
    {"grace-ms", "FORECOURT_GRACE_MS", "10000",
     "How long requests in flight may take to finish once the host is told to stop.", set_grace},
    {"webhooks-reach", "FORECOURT_WEBHOOKS_REACH", "internet",
     "Where webhooks may go: internet (https to public addresses), loopback (this machine too, "
     "also "
     "http) or anywhere.",
     set_webhooks_reach},
    {"webhooks-authorities", "FORECOURT_WEBHOOKS_AUTHORITIES", "",
     "A PEM file of the authorities whose certificates webhooks accept; empty: the system's.",
     set_text<&Settings::webhooks_authorities>},
    {"isolation-uids", "FORECOURT_ISOLATION_UIDS", "60706-61183",
     "The numbers of users and groups that a host which runs as root gives to isolated plugins, "
     "one "
     "each; those of accounts are passed over.",
     set_isolation_uids},
};

Result<void> assign(Settings& settings, const Setting& setting, std::string_view text,
                    const std::string& from) {
  auto assigned = setting.assign(settings, text);
  if (assigned) return {};
  const bool secret = setting.name == "admin-key" || setting.name == "secrets-key";
  const std::string shown = secret ? "" : "\"" + std::string(text) + "\": ";
  return invalid(from + ": " + shown + assigned.error().message);
}

std::string text_of(const json::Value& value) {
  if (value.IsString()) return std::string(json::view(value));
  return json::to_text(value);
}

const Setting* find(std::string_view name) {
  for (const Setting& setting : k_table) {
    if (setting.name == name) return &setting;
  }
  return nullptr;
}

Result<void> read_file(Settings& settings, const std::string& path) {
  auto document = json::parse_file(path);
  if (!document) return document.error();
  if (!document->IsObject()) return invalid(path + ": must be a JSON object of settings");
  for (const auto& member : document->GetObject()) {
    const std::string name(json::view(member.name));
    const Setting* setting = find(name);
    if (!setting) {
      return invalid(path + ": " + name + ": is no setting; `forecourt settings` lists them");
    }
    if (auto assigned = assign(settings, *setting, text_of(member.value), path + ": " + name);
        !assigned) {
      return assigned;
    }
  }
  return {};
}

}  // namespace

std::span<const Setting> settings_table() { return k_table; }

Result<Settings> read_settings(const Sources& sources) {
  Settings settings;
  for (const Setting& setting : k_table) {
    auto assigned = assign(settings, setting, setting.fallback, "default");
    if (!assigned) return assigned.error();
  }
  if (!sources.file.empty()) {
    if (auto read = read_file(settings, sources.file); !read) return read.error();
  }
  for (const Setting& setting : k_table) {
    const std::string env(setting.env);
    const auto value = sources.environment ? sources.environment(env) : std::nullopt;
    if (!value || value->empty()) continue;
    auto assigned = assign(settings, setting, *value, env + " (environment)");
    if (!assigned) return assigned.error();
  }
  for (const auto& [name, value] : sources.flags) {
    const Setting* setting = find(name);
    if (!setting) return invalid("--" + name + ": is no setting");
    if (auto assigned = assign(settings, *setting, value, "--" + name + " (flag)"); !assigned) {
      return assigned.error();
    }
  }
  if (settings.tls_certificate.empty() != settings.tls_key.empty())
    return invalid("tls-certificate and tls-key: give both or neither");
  if (!settings.secrets_keys.empty() && !settings.secrets_key_file.empty())
    return invalid("secrets-key and secrets-key-file: give one of them");
  return settings;
}

std::optional<std::string> process_environment(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  if (!value) return std::nullopt;
  return std::string(value);
}

std::string describe_settings(bool markdown) {
  std::string text;
  if (markdown) text = "| flag | environment | default | what |\n|---|---|---|---|\n";
  for (const Setting& setting : k_table) {
    const std::string name(setting.name);
    const std::string env(setting.env);
    const std::string fallback(setting.fallback);
    const std::string help(setting.help);
    if (markdown) {
      const std::string quoted = fallback.empty() ? "" : "`" + fallback + "`";
      text += "| `--" + name + "` | `" + env + "` | " + quoted + " | " + help + " |\n";
    } else {
      text += "--" + name + ", " + env + (fallback.empty() ? "" : " (default " + fallback + ")") +
              "\n    " + help + "\n";
    }
  }
  return text;
}

}  // namespace forecourt::cli
