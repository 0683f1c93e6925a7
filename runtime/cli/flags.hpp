#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "cli/settings.hpp"
#include "cli/target.hpp"
#include "cli/verbs.hpp"

namespace forecourt::cli {

/// The flags of settings, on whichever verb takes them.
struct SettingFlags {
  Sources sources;

  void add_file(CLI::App& verb) {
    verb.add_option("--config", sources.file,
                    "A JSON file of settings; FORECOURT_CONFIG names one too")
        ->envname("FORECOURT_CONFIG");
  }
  void add(CLI::App& verb, const Setting& setting) {
    std::string help(setting.help);
    if (!setting.fallback.empty()) help += " Default: " + std::string(setting.fallback);
    const std::string name(setting.name);
    verb.add_option_function<std::string>(
            "--" + name, [this, name](const std::string& value) { sources.flags[name] = value; },
            help)
        ->option_text(std::string(setting.env));
  }
  void add_all(CLI::App& verb) {
    add_file(verb);
    for (const Setting& setting : settings_table()) add(verb, setting);
  }
  Result<Settings> read() {
    sources.environment = process_environment;
    return read_settings(sources);
  }
};

/// The flags of verbs that work on a host.
struct AdminFlags {
  SettingFlags settings;
  Whereabouts where;

  void add(CLI::App& verb) {
    verb.add_option("--host", where.host,
                    "URL of the host to work on; else the one that runs on the data directory, "
                    "else the data "
                    "directory itself")
        ->envname("FORECOURT_HOST");
    verb.add_option("--key", where.key, "API key; else FORECOURT_ADMIN_KEY, else <data>/admin.key")
        ->envname("FORECOURT_KEY");
    settings.add_file(verb);
    for (const Setting& setting : settings_table()) {
      if (setting.name == "data" || setting.name == "manifests") settings.add(verb, setting);
    }
  }
  template <class Run>
  int run(const char* verb, Run&& run_verb) {
    auto read = settings.read();
    if (!read) return fail(verb, read.error().message);
    where.settings = std::move(*read);
    return run_verb(where);
  }
};

}  // namespace forecourt::cli
