#include "app/service_manager.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstddef>
#include <cstring>
#include <utility>

#include "base/log.hpp"

namespace forecourt::app {

ServiceManager::ServiceManager(std::string socket) : socket_(std::move(socket)) {
  if (socket_.empty()) return;
  const bool usable = (socket_[0] == '/' || socket_[0] == '@') && socket_.size() > 1 &&
                      socket_.size() < sizeof(sockaddr_un::sun_path);
  if (usable) return;
  log::warn("app", "NOTIFY_SOCKET names no socket: the service manager is not told how the host is",
            {{"NOTIFY_SOCKET", socket_}});
  socket_.clear();
}

void ServiceManager::tell(const char* word) const {
  if (socket_.empty()) return;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, socket_.data(), socket_.size());
  if (address.sun_path[0] == '@') address.sun_path[0] = '\0';
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + socket_.size());
  const int file = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (file < 0) return;
  // Nobody may be listening any more; there is nothing better to do about it than to go on.
  (void)::sendto(file, word, std::strlen(word), MSG_NOSIGNAL,
                 reinterpret_cast<const sockaddr*>(&address), size);
  ::close(file);
}

}  // namespace forecourt::app
