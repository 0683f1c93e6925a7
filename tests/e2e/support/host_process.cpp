#include "e2e/support/host_process.hpp"

#include <fcntl.h>
#include <grp.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "base/json.hpp"

namespace e2e {
namespace fs = std::filesystem;

std::string plugin_mode() {
  const char* wanted = std::getenv("FORECOURT_TEST_MODE");
  return wanted ? wanted : "in-process";
}

std::string build_folder() { return FORECOURT_BINARY_DIR; }

TempFolder::TempFolder() {
  std::string name = (fs::temp_directory_path() / "forecourt-e2e-XXXXXX").string();
  if (!::mkdtemp(name.data())) throw std::runtime_error("no temporary folder");
  path_ = name;
}

TempFolder::~TempFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

HostProcess::HostProcess(Options options) : options_(std::move(options)) {
  fs::create_directories(manifests());
  write_manifests();
}

HostProcess::~HostProcess() { kill(); }

/// The manifests of the tree, with `path` pointing into this build.
void HostProcess::write_manifests() const {
  for (const std::string& plugin : options_.plugins) {
    const std::string source = std::string(FORECOURT_SOURCE_DIR) + "/manifests/" + plugin + ".json";
    auto manifest = forecourt::json::parse_file(source);
    ASSERT_TRUE(manifest.ok()) << manifest.error().message;
    const std::string path = std::string(FORECOURT_BINARY_DIR) + "/plugins/" + plugin;
    (*manifest)["path"].SetString(path.c_str(), manifest->GetAllocator());
    const auto other = options_.modes.find(plugin);
    const std::string& mode = other == options_.modes.end() ? options_.mode : other->second;
    (*manifest)["mode"].SetString(mode.c_str(), manifest->GetAllocator());
    if (options_.may_crash) {
      forecourt::json::Value limits(rapidjson::kObjectType);
      limits.AddMember("crashes_max", 1'000'000, manifest->GetAllocator());
      limits.AddMember("crash_window_ms", 1, manifest->GetAllocator());
      manifest->AddMember("limits", limits, manifest->GetAllocator());
    }
    std::ofstream(manifests() / (plugin + ".json")) << forecourt::json::to_pretty_text(*manifest);
  }
}

void HostProcess::start() {
  ASSERT_LE(pid_, 0) << "already running";
  const std::string log = (folder_.path() / "host.log").string();
  int out[2];
  ASSERT_EQ(::pipe2(out, O_CLOEXEC), 0);
  if (options_.user != 0) give_folder();
  pid_ = ::fork();
  ASSERT_GE(pid_, 0);
  if (pid_ == 0) {
    ::dup2(out[1], STDOUT_FILENO);
    const int err = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    ::dup2(err, STDERR_FILENO);
    ::setenv("FORECOURT_LISTEN", "127.0.0.1:0", 1);
    ::setenv("FORECOURT_DATA", data().c_str(), 1);
    ::setenv("FORECOURT_MANIFESTS", manifests().c_str(), 1);
    ::setenv("FORECOURT_ADMIN_KEY", k_admin_key, 1);
    for (const auto& [name, value] : options_.environment) ::setenv(name.c_str(), value.c_str(), 1);
    if (options_.user != 0 && (::setgroups(0, nullptr) != 0 || ::setgid(options_.user) != 0 ||
                               ::setuid(options_.user) != 0))
      ::_exit(126);
    const std::string binary = std::string(FORECOURT_BINARY_DIR) + "/" + options_.program;
    ::execl(binary.c_str(), binary.c_str(), "serve", nullptr);
    ::_exit(127);
  }
  ::close(out[1]);
  // The address stands in what the host prints when it listens.
  std::string printed;
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  port_ = 0;
  while (port_ == 0 && std::chrono::steady_clock::now() < give_up) {
    pollfd waiting{out[0], POLLIN, 0};
    if (::poll(&waiting, 1, 1000) <= 0) continue;
    char chunk[4096];
    const ssize_t n = ::read(out[0], chunk, sizeof chunk);
    if (n <= 0) break;
    printed.append(chunk, static_cast<size_t>(n));
    const size_t at = printed.find("://127.0.0.1:");
    if (at == std::string::npos || printed.find('\n', at) == std::string::npos) continue;
    port_ = static_cast<uint16_t>(std::atoi(printed.c_str() + at + sizeof("://127.0.0.1:") - 1));
  }
  std::ofstream(folder_.path() / "stdout.log", std::ios::app) << printed;
  stdout_ = out[0];
  ASSERT_NE(port_, 0) << "the host did not start: " << printed << output();
}

/// To whom the host runs as.
void HostProcess::give_folder() const {
  ASSERT_EQ(::lchown(folder_.path().c_str(), options_.user, options_.user), 0);
  for (const auto& entry : fs::recursive_directory_iterator(folder_.path()))
    ASSERT_EQ(::lchown(entry.path().c_str(), options_.user, options_.user), 0);
}

void HostProcess::kill() {
  if (pid_ <= 0) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
  ended();
}

int HostProcess::terminate() {
  if (pid_ <= 0) return -1;
  ::kill(pid_, SIGTERM);
  int status = 0;
  ::waitpid(pid_, &status, 0);
  ended();
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

void HostProcess::ended() {
  pid_ = -1;
  if (stdout_ >= 0) ::close(stdout_);
  stdout_ = -1;
}

std::string HostProcess::output() const {
  std::ostringstream text;
  for (const char* name : {"stdout.log", "host.log"})
    text << std::ifstream(folder_.path() / name).rdbuf();
  return text.str();
}

}  // namespace e2e
