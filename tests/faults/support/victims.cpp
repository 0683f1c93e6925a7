#include "faults/support/victims.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstddef>
#include <cstring>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace faults {
namespace {

namespace fs = std::filesystem;

const char k_memory[] = "what another process keeps to itself";
constexpr const char* k_untouched = "untouched";

int bound(int type, const sockaddr* address, socklen_t size) {
  const int file = ::socket(address->sa_family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  EXPECT_EQ(::bind(file, address, size), 0);
  if (type == SOCK_STREAM) {
    EXPECT_EQ(::listen(file, 8), 0);
  }
  return file;
}

/// On loopback; its port.
int bound_to_any(int type, uint16_t& port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int file = bound(type, reinterpret_cast<sockaddr*>(&address), sizeof address);
  socklen_t size = sizeof address;
  ::getsockname(file, reinterpret_cast<sockaddr*>(&address), &size);
  port = ntohs(address.sin_port);
  return file;
}

bool was_talked_to(int listener) {
  const int connection = ::accept(listener, nullptr, nullptr);
  if (connection >= 0) ::close(connection);
  return connection >= 0;
}

/// A process that does nothing, and nothing else than it is done to.
pid_t bystanding_process() {
  const pid_t child = ::fork();
  if (child != 0) return child;
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  for (;;) ::pause();
}

}  // namespace

Victims::Victims() {
  ::chmod(folder_.path().c_str(), 0777);
  std::ofstream(folder_.path() / "file") << k_untouched;
  ::chmod((folder_.path() / "file").c_str(), 0666);
  tcp_ = bound_to_any(SOCK_STREAM, tcp_port_);
  udp_ = bound_to_any(SOCK_DGRAM, udp_port_);
  abstract_name_ = folder_.path().filename().string();
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path + 1, abstract_name_.data(), abstract_name_.size());
  const size_t size = offsetof(sockaddr_un, sun_path) + 1 + abstract_name_.size();
  abstract_ =
      bound(SOCK_STREAM, reinterpret_cast<sockaddr*>(&address), static_cast<socklen_t>(size));
  process_ = bystanding_process();
  // Another number would aim at everybody.
  if (process_ <= 0) throw std::runtime_error("no process to aim at");
}

Victims::~Victims() {
  for (const int file : {tcp_, udp_, abstract_}) ::close(file);
  if (process_ <= 0) return;
  ::kill(process_, SIGKILL);
  ::waitpid(process_, nullptr, 0);
}

std::string replaced(std::string text, const std::string& name, const std::string& value) {
  for (size_t at = text.find(name); at != std::string::npos; at = text.find(name))
    text.replace(at, name.size(), value);
  return text;
}

std::string Victims::aim(std::string text) const {
  const std::pair<const char*, std::string> targets[] = {
      {"{file}", (folder_.path() / "file").string()},
      {"{outside}", folder_.path().string()},
      {"{process}", std::to_string(process_)},
      {"{memory}", std::to_string(reinterpret_cast<uintptr_t>(k_memory))},
      {"{port}", std::to_string(tcp_port_)},
      {"{datagrams}", std::to_string(udp_port_)},
      {"{abstract}", abstract_name_}};
  for (const auto& [name, target] : targets) text = replaced(std::move(text), name, target);
  return text;
}

std::string Victims::harm_to_file() const {
  struct stat found {};
  if (::stat((folder_.path() / "file").c_str(), &found) != 0) return "the file is gone";
  if ((found.st_mode & 0777) != 0666) return "the file's mode was changed";
  if (found.st_nlink != 1) return "the file has another name";
  std::ifstream file(folder_.path() / "file");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  if (text != k_untouched) return "in the file stands \"" + text + "\"";
  for (const auto& entry : fs::directory_iterator(folder_.path())) {
    if (entry.path().filename() != "file")
      return "there is now " + entry.path().filename().string();
  }
  return {};
}

std::string Victims::harm_to_process() {
  int status = 0;
  if (::waitpid(process_, &status, WNOHANG) != 0) {
    process_ = -1;
    return "the process was ended";
  }
  rlimit its{};
  rlimit own{};
  ::prlimit(process_, RLIMIT_NOFILE, nullptr, &its);
  ::getrlimit(RLIMIT_NOFILE, &own);
  if (its.rlim_cur != own.rlim_cur) return "the process was limited";
  if (::getpriority(PRIO_PROCESS, static_cast<id_t>(process_)) != ::getpriority(PRIO_PROCESS, 0))
    return "the process was slowed";
  return {};
}

std::string Victims::harm() {
  if (std::string done = harm_to_file(); !done.empty()) return done;
  if (std::string done = harm_to_process(); !done.empty()) return done;
  if (was_talked_to(tcp_)) return "somebody connected to the port";
  if (was_talked_to(abstract_)) return "somebody connected to the abstract name";
  char byte = 0;
  if (::recv(udp_, &byte, 1, MSG_DONTWAIT) >= 0) return "a datagram came";
  return {};
}

}  // namespace faults
