#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "cli/settings.hpp"
#include "plugin/registry.hpp"

namespace forecourt::app {

/// The running host. Its parts are members of Impl in the order they start; they stop in reverse.
class App {
 public:
  /// Returns when the host serves. A plugin that fails does not fail the start.
  static Result<std::unique_ptr<App>> start(const cli::Settings& settings);
  ~App();  ///< stop().

  /// "http://127.0.0.1:8080"
  std::string url() const;
  /// The admin key made by this start; empty when there was one.
  const std::string& generated_admin_key() const;
  std::vector<plugin::PluginInfo> plugins() const;

  /// Reads again the files of the certificate and of the issuers of tokens. On any thread.
  void reload();
  /// Stops accepting, lets requests in flight finish for the grace period, then ends every part.
  /// `step`, when given, names the part being stopped, for whoever has to say what hangs.
  void stop(std::atomic<const char*>* step = nullptr);

 private:
  struct Impl;
  explicit App(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace forecourt::app
