#include "app/banner.hpp"

#include <filesystem>

#include "cli/version.hpp"

namespace forecourt::app {
namespace {

struct KeyText {
  std::string shown;   ///< where the key is
  std::string header;  ///< how a shell writes it
};

KeyText key_text(const cli::Settings& settings, const App& app) {
  const std::string file = settings.data_path("admin.key");
  const std::string from_file = "$(cat " + file + ")";
  if (!app.generated_admin_key().empty()) {
    return {app.generated_admin_key() + "\n              shown this once; kept in " + file,
            from_file};
  }
  if (!settings.admin_key.empty())
    return {"the one in FORECOURT_ADMIN_KEY", "$FORECOURT_ADMIN_KEY"};
  if (std::filesystem::exists(file)) return {"in " + file, from_file};
  return {"the one given to this data directory before", "<key>"};
}

std::string plugins_text(const App& app) {
  std::string running;
  std::string others;
  for (const plugin::PluginInfo& info : app.plugins()) {
    if (info.state == "running") {
      running += (running.empty() ? "" : ", ") + info.id;
    } else {
      others += "\n              " + info.id + " is " + info.state +
                (info.reason.empty() ? "" : ": " + info.reason);
    }
  }
  return (running.empty() ? "none" : running) + others;
}

}  // namespace

std::string banner(const cli::Settings& settings, const App& app) {
  const std::string url = app.url();
  const KeyText key = key_text(settings, app);
  return std::string("\nForecourt ") + cli::k_version + " serves " + url +
         "\n"
         "\n  API docs    " +
         url +
         "/docs"
         "\n  Plugins     " +
         plugins_text(app) + "\n  Admin key   " + key.shown +
         "\n  Try         curl -H \"Authorization: Bearer " + key.header + "\" '" + url +
         "/v1/hello?name=Ada'"
         "\n\nCtrl-C stops it. Log lines follow on standard error.\n\n";
}

}  // namespace forecourt::app
