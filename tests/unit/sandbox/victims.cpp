#include "victims.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstddef>
#include <cstring>
#include <fstream>

namespace forecourt::sandbox {
namespace {

const char k_memory[] = "the memory of the host";

int listener(const sockaddr* address, socklen_t size) {
  const int file = ::socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (::bind(file, address, size) != 0 || ::listen(file, 8) != 0) return -1;
  return file;
}

std::string read_text(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

Victims::Victims(Sandboxed& boxed, const std::string& mode) : boxed_(boxed) {
  ::chmod(boxed.outside("other").c_str(), 0777);
  for (const char* name : {"secrets.key", "other/store.db"})
    ::chmod(boxed.outside(name).c_str(), 0666);

  std::ofstream(boxed.own() + "/file") << "its own";

  sockaddr_in loopback{};
  loopback.sin_family = AF_INET;
  loopback.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  tcp_ = listener(reinterpret_cast<sockaddr*>(&loopback), sizeof loopback);
  socklen_t size = sizeof loopback;
  ::getsockname(tcp_, reinterpret_cast<sockaddr*>(&loopback), &size);
  port_ = std::to_string(ntohs(loopback.sin_port));

  name_ = "forecourt-" + boxed.root.filename().string();
  sockaddr_un abstract{};
  abstract.sun_family = AF_UNIX;
  std::memcpy(abstract.sun_path + 1, name_.data(), name_.size());
  abstract_ = listener(reinterpret_cast<sockaddr*>(&abstract),
                       static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name_.size()));

  sibling_ = start_waiting(boxed, mode);
}

Victims::~Victims() {
  ::close(tcp_);
  ::close(abstract_);
}

std::string Victims::replaced(std::string word) const {
  const std::pair<const char*, std::string> targets[] = {
      {"{secret}", boxed_.outside("secrets.key")},
      {"{other}", boxed_.outside("other")},
      {"{own}", boxed_.own()},
      {"{parent}", std::to_string(::getpid())},
      {"{sibling}", std::to_string(sibling_ ? sibling_->pid() : 0)},
      {"{address}", std::to_string(reinterpret_cast<uintptr_t>(k_memory))},
      {"{port}", port_},
      {"{abstract}", name_}};
  for (const auto& [name, target] : targets)
    for (size_t at = word.find(name); at != std::string::npos; at = word.find(name))
      word.replace(at, std::strlen(name), target);
  return word;
}

std::vector<std::string> Victims::aim(std::vector<std::string> attempt) const {
  for (std::string& word : attempt) word = replaced(word);
  return attempt;
}

bool Victims::unharmed() {
  return tcp_ >= 0 && abstract_ >= 0 && sibling_ && !sibling_->ended() &&
         read_text(boxed_.outside("secrets.key")) == "secret" &&
         read_text(boxed_.outside("other/store.db")) == "secret" &&
         ::access(boxed_.outside("other/planted").c_str(), F_OK) != 0;
}

}  // namespace forecourt::sandbox
