#include "cli/cli.hpp"

#include <cstdio>
#include <string>
#include <vector>

#include "cli/flags.hpp"
#include "cli/manual.hpp"
#include "cli/new.hpp"
#include "cli/version.hpp"
#include "plugin/registry.hpp"

namespace forecourt::cli {
namespace {

void add_keys(CLI::App& app, AdminFlags& admin, KeyOptions& key, int& status) {
  CLI::App* keys = app.add_subcommand("keys", "API keys: list, create, rotate, revoke");
  keys->require_subcommand(1);
  const auto add = [&](const char* name, const char* help, KeyVerb which) {
    CLI::App* verb = keys->add_subcommand(name, help);
    admin.add(*verb);
    verb->callback([&, which] {
      status = admin.run("keys", [&](const auto& where) { return run_keys(where, which, key); });
    });
    return verb;
  };
  add("list", "List the keys, without their secrets", KeyVerb::list);
  CLI::App* create = add("create", "Create a key and show it once", KeyVerb::create);
  create->add_option("--org", key.org, "The org it is bound to")->required();
  create->add_option("--name", key.name, "What it is for")->required();
  create->add_option("--scopes", key.scopes, "\"*\", <plugin>:* or <plugin>:<verb>")->required();
  create->add_option("--expires-at", key.expires_at, "RFC 3339 time; else never");
  CLI::App* rotate = add("rotate", "Replace a key by a new one", KeyVerb::rotate);
  rotate->add_option("id", key.id, "The key's id")->required();
  rotate->add_option("--overlap-seconds", key.overlap_seconds,
                     "How long the old one goes on working; 0: it ends at once");
  rotate->add_option("--expires-at", key.expires_at, "End of the new one; else that of the old");
  CLI::App* revoke = add("revoke", "Delete a key", KeyVerb::revoke);
  revoke->add_option("id", key.id, "The key's id")->required();
  add("replace-admin", "Make a new admin key on the data directory of a stopped host",
      KeyVerb::replace_admin);
}

struct BackupOptions {
  std::string folder;
  bool with_secrets_key = false;
  bool replace = false;
  SettingFlags settings;  ///< of restore, which works on a data directory alone
};

void add_backup(CLI::App& app, AdminFlags& admin, BackupOptions& options, int& status) {
  CLI::App* backup = app.add_subcommand(
      "backup", "Copy every store as it is at one moment, while the host serves");
  backup->add_option("folder", options.folder, "A new or empty folder, on the host's machine")
      ->required();
  backup->add_flag("--with-secrets-key", options.with_secrets_key,
                   "Put secrets.key into the backup; keep it apart otherwise");
  admin.add(*backup);
  backup->callback([&] {
    status = admin.run("backup", [&](const auto& where) {
      return run_backup(where, options.folder, options.with_secrets_key);
    });
  });

  CLI::App* restore =
      app.add_subcommand("restore", "Make a stopped host's data what a backup holds");
  restore->add_option("backup", options.folder, "The backup's folder")->required();
  restore->add_flag("--replace", options.replace, "Keep data that is already there aside");
  options.settings.add_file(*restore);
  for (const Setting& setting : settings_table()) {
    if (setting.name == "data") options.settings.add(*restore, setting);
  }
  restore->callback([&] {
    auto settings = options.settings.read();
    status = settings ? run_restore(*settings, options.folder, options.replace)
                      : fail("restore", settings.error().message);
  });
}

struct DoctorOptions {
  bool json = false;
  SettingFlags settings;
};

void add_doctor(CLI::App& app, DoctorOptions& options, int& status) {
  CLI::App* doctor = app.add_subcommand(
      "doctor", "Look for what is wrong with a stopped host's data, or with a backup");
  doctor->add_flag("--json", options.json, "As a JSON object");
  options.settings.add_file(*doctor);
  for (const Setting& setting : settings_table()) {
    if (setting.name == "data" || setting.name == "manifests")
      options.settings.add(*doctor, setting);
  }
  doctor->callback([&] {
    auto settings = options.settings.read();
    status =
        settings ? run_doctor(*settings, options.json) : fail("doctor", settings.error().message);
  });
}

void add_audit(CLI::App& app, AdminFlags& admin, VerifyOptions& options, int& status) {
  CLI::App* audit = app.add_subcommand("audit", "Check the audit log's hash chain");
  audit->require_subcommand(1);
  CLI::App* verify =
      audit->add_subcommand("verify", "Walk the chain; exit status 1 when it was changed");
  CLI::Option* head = verify->add_option(
      "--head", options.head,
      "A head exported earlier: shows also an end cut off and a chain written anew");
  verify
      ->add_option("--public-key", options.public_key,
                   "What `audit public-key` printed: the head must be signed by it")
      ->needs(head);
  admin.add(*verify);
  verify->callback([&] {
    status = admin.run("audit verify",
                       [&](const auto& where) { return run_audit_verify(where, options); });
  });
  CLI::App* export_head = audit->add_subcommand(
      "export-head", "Print the newest entry's place and hash, signed, to be kept elsewhere");
  admin.add(*export_head);
  export_head->callback([&] { status = admin.run("audit export-head", run_audit_export_head); });
  CLI::App* public_key = audit->add_subcommand(
      "public-key", "Print the public key that heads are signed with, to be kept elsewhere");
  admin.add(*public_key);
  public_key->callback([&] { status = admin.run("audit public-key", run_audit_public_key); });
}

struct SecretsOptions {
  std::string id;
  SettingFlags settings;
};

void add_secrets(CLI::App& app, SecretsOptions& options, int& status) {
  CLI::App* secrets = app.add_subcommand(
      "secrets", "The keys that seal secrets, on the data directory of a stopped host");
  secrets->require_subcommand(1);
  const auto add = [&](const char* name, const char* help, SecretsVerb which) {
    CLI::App* verb = secrets->add_subcommand(name, help);
    options.settings.add_file(*verb);
    for (const Setting& setting : settings_table()) {
      if (setting.name == "data" || setting.name == "secrets-key-file")
        options.settings.add(*verb, setting);
    }
    verb->callback([&, which] {
      auto settings = options.settings.read();
      status = settings ? run_secrets(*settings, which, options.id)
                        : fail("secrets", settings.error().message);
    });
    return verb;
  };
  add("list", "List their ids and ages, never the keys", SecretsVerb::list);
  add("rotate", "Put a new key in front; the former ones go on opening", SecretsVerb::rotate);
  CLI::App* drop = add("drop", "Delete a former key: what it sealed is lost", SecretsVerb::drop);
  drop->add_option("id", options.id, "The key's id")->required();
}

}  // namespace

int fail(const std::string& verb, const std::string& message) {
  std::fprintf(stderr, "forecourt %s: %s\n", verb.c_str(), message.c_str());
  return 1;
}

int run(int argc, char** argv, const Program& program) {
  CLI::App app(
      "Forecourt runs plugins behind one HTTP gateway: an API, a database and events for each.",
      "forecourt");
  app.require_subcommand(1);
  app.set_version_flag("--version", std::string("forecourt ") + k_version);
  app.footer("`forecourt <verb> --help` tells more about a verb.");
  int status = 0;

  SettingFlags serve_flags;
  CLI::App* serve = app.add_subcommand("serve", "Run the host");
  serve_flags.add_all(*serve);
  serve->callback([&] {
    auto settings = serve_flags.read();
    status = settings ? program.serve(*settings) : fail("serve", settings.error().message);
  });

  AdminFlags admin;
  std::vector<std::string> paths;
  CLI::App* apply =
      app.add_subcommand("apply", "Make manifests true, on a running host or for the next start");
  apply->add_option("paths", paths, "Manifests, or folders of them")
      ->required()
      ->check(CLI::ExistingPath);
  admin.add(*apply);
  apply->callback([&] {
    status = admin.run("apply", [&](const auto& where) { return run_apply(where, paths); });
  });

  CLI::App* plugins = app.add_subcommand("plugins", "List the plugins and how they are");
  admin.add(*plugins);
  std::string id;
  CLI::App* clear = plugins->add_subcommand("clear", "End an isolated plugin's quarantine");
  clear->add_option("id", id, "The plugin's id")->required();
  admin.add(*clear);
  plugins->callback([&, clear] {
    status = clear->parsed() ? admin.run("plugins clear",
                                         [&](const auto& where) { return run_clear(where, id); })
                             : admin.run("plugins", run_plugins);
  });

  bool purge = false;
  const auto add_change = [&](const char* name, const char* help, Change change) {
    CLI::App* verb = app.add_subcommand(name, help);
    verb->add_option("id", id, "The plugin's id")->required();
    if (change == Change::remove) verb->add_flag("--purge", purge, "Delete its data too");
    admin.add(*verb);
    verb->callback([&, name, change] {
      status =
          admin.run(name, [&](const auto& where) { return run_change(where, change, id, purge); });
    });
  };
  add_change("disable", "Stop a plugin; its routes answer 503", Change::disable);
  add_change("enable", "Start a disabled or failed plugin", Change::enable);
  add_change("remove", "Remove a plugin; its data is kept unless --purge", Change::remove);

  KeyOptions key;
  add_keys(app, admin, key, status);
  BackupOptions backup;
  add_backup(app, admin, backup, status);
  DoctorOptions doctor;
  add_doctor(app, doctor, status);
  SecretsOptions secrets;
  add_secrets(app, secrets, status);
  VerifyOptions verify;
  add_audit(app, admin, verify, status);

  std::string bundle;
  CLI::App* check = app.add_subcommand("check", "Check a plugin's bundle without starting it");
  check->add_option("bundle", bundle, "The bundle's folder")->required();
  check->callback([&] { status = run_check(bundle); });

  NewOptions new_options;
  CLI::App* make =
      app.add_subcommand("new", "Write a new plugin that builds, tests itself and loads");
  make->add_option("name", new_options.name, "The plugin's id")->required();
  make->add_option("--folder", new_options.folder, "Where to write it; default: ./<name>");
  make->callback([&] { status = run_new(new_options); });

  bool markdown = false;
  CLI::App* settings =
      app.add_subcommand("settings", "List the settings: flag, environment, default");
  settings->add_flag("--markdown", markdown, "As a Markdown table");
  settings->callback([&] { std::fputs(describe_settings(markdown).c_str(), stdout); });

  CLI::App* version = app.add_subcommand("version", "Print the version");
  version->callback([] { std::printf("forecourt %s\n", k_version); });

  CLI::App* completion = app.add_subcommand("completion", "Print the completion script for bash");
  completion->callback([&] { std::fputs(bash_completion(app).c_str(), stdout); });

  CLI::App* manual = app.add_subcommand("manual", "Print the manual page, for `man -l -`");
  manual->callback([&] { std::fputs(manual_page(app).c_str(), stdout); });

  // What the host starts to try a library before it loads it.
  std::vector<std::string> probed;
  CLI::App* probe = app.add_subcommand("plugin-probe", "")->group("");
  probe->add_option("arguments", probed, "library, id, version")->required()->expected(3);
  probe->callback([&] { status = plugin::run_probe(probed[0], probed[1], probed[2]); });

  // What the host starts to run a plugin apart from itself; the id is for who lists processes.
  std::string hosted;
  CLI::App* host = app.add_subcommand("plugin-host", "")->group("");
  host->add_option("id", hosted, "The plugin's id")->required();
  host->callback([&] { status = program.plugin_host(); });

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& refused) {
    const int code = app.exit(refused);
    return code == 0 ? 0 : 2;
  }
  return status;
}

}  // namespace forecourt::cli
