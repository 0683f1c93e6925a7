#include "faults/support/plugin_process.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "e2e/support/scene.hpp"

namespace faults {
namespace {

int64_t number_of(const e2e::HostProcess& host, const std::string& plugin, const char* name) {
  e2e::HttpClient client = host.client();
  const e2e::Answer answer = client.get("/admin/v1/plugins/" + plugin);
  return answer.status == 200 ? e2e::integer_of(e2e::json_of(answer), name) : -1;
}

pid_t running(const e2e::HostProcess& host, const std::string& plugin) {
  return static_cast<pid_t>(number_of(host, plugin, "process"));
}

}  // namespace

PluginProcess::PluginProcess(const e2e::HostProcess& host, const std::string& plugin)
    : host_(host), plugin_(plugin) {
  EXPECT_TRUE(e2e::eventually([this] {
    pid_ = running(host_, plugin_);
    if (pid_ <= 1) return false;
    pidfd_ = static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0));
    if (pidfd_ >= 0 && running(host_, plugin_) == pid_) return true;
    if (pidfd_ >= 0) ::close(pidfd_);
    pidfd_ = -1;
    return false;
  })) << plugin_
      << " has no process";
}

PluginProcess::~PluginProcess() {
  if (pidfd_ >= 0) ::close(pidfd_);
}

void PluginProcess::kill() const {
  EXPECT_EQ(::syscall(SYS_pidfd_send_signal, pidfd_, SIGKILL, nullptr, 0), 0) << plugin_;
}

void PluginProcess::expect_replaced() const {
  EXPECT_TRUE(e2e::eventually([this] {
    const pid_t now = running(host_, plugin_);
    return now > 1 && now != pid_;
  })) << plugin_
      << " does not run again";
}

int64_t crashes_of(const e2e::HostProcess& host, const std::string& plugin) {
  return number_of(host, plugin, "crashes");
}

}  // namespace faults
