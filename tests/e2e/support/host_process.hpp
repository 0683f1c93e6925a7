#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "e2e/support/http_client.hpp"

namespace e2e {

/// A folder of its own under the system's temporary folder, removed at the end.
class TempFolder {
 public:
  TempFolder();
  ~TempFolder();
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// The mode that plugins run in where a test does not say: FORECOURT_TEST_MODE, else "in-process".
std::string plugin_mode();
/// The folder of this build.
std::string build_folder();

inline constexpr const char* k_admin_key = "admin-key-of-the-end-to-end-tests";

/// The real binary as a child process: `forecourt serve` on port 0 with a data folder of its own
/// and the plugins of this build. Restarting keeps the data.
class HostProcess {
 public:
  struct Options {
    std::vector<std::string> plugins = {"hello", "payments", "membership", "coupons", "community"};
    std::map<std::string, std::string> environment;  ///< added to FORECOURT_*
    std::string program = "forecourt";               ///< in the build folder
    std::string mode = plugin_mode();
    uid_t user = 0;                                 ///< whom root starts the host as
    std::map<std::string, std::string> modes = {};  ///< of plugins that run in another
    bool may_crash = false;  ///< plugins in processes of their own, as often as they like
  };

  explicit HostProcess(Options options);
  HostProcess() : HostProcess(Options{}) {}
  ~HostProcess();
  HostProcess(const HostProcess&) = delete;
  HostProcess& operator=(const HostProcess&) = delete;

  /// Of the next start.
  void set_environment(const std::string& name, std::string value) {
    options_.environment[name] = std::move(value);
  }
  void start();     ///< Returns when the host answers; fails the test when it does not.
  void kill();      ///< SIGKILL, reaped.
  int terminate();  ///< SIGTERM; the exit status once it drained.
  bool running() const { return pid_ > 0; }

  uint16_t port() const { return port_; }
  pid_t pid() const { return pid_; }
  HttpClient client(std::string key = k_admin_key) const {
    return HttpClient(port_, std::move(key));
  }
  std::filesystem::path data() const { return folder_.path() / "data"; }
  std::filesystem::path manifests() const { return folder_.path() / "manifests"; }
  /// What the host wrote to stdout and stderr, over all starts.
  std::string output() const;

 private:
  void write_manifests() const;
  void give_folder() const;
  void ended();

  TempFolder folder_;
  Options options_;
  pid_t pid_ = -1;
  uint16_t port_ = 0;
  int stdout_ = -1;  ///< kept open while the host runs: what it prints later must find a reader
};

}  // namespace e2e
