#include "app/service_manager.hpp"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstddef>
#include <cstring>

#include "temp_folder.hpp"

namespace forecourt::app {
namespace {

/// The service manager's end of the socket.
class Manager {
 public:
  explicit Manager(std::string name) : file_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, name.data(), name.size());
    if (name[0] == '@') address.sun_path[0] = '\0';
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
    EXPECT_EQ(::bind(file_, reinterpret_cast<sockaddr*>(&address), size), 0);
  }
  ~Manager() { ::close(file_); }

  /// The next word; empty when none comes.
  std::string heard() {
    pollfd waiting{file_, POLLIN, 0};
    if (::poll(&waiting, 1, 100) != 1) return {};
    char word[64];
    const ssize_t size = ::recv(file_, word, sizeof word, 0);
    return size > 0 ? std::string(word, static_cast<size_t>(size)) : std::string();
  }

 private:
  const int file_;
};

TEST(ServiceManager, IsSilentWithoutASocketAndWithAWrongOne) {
  for (const std::string name : {std::string(), std::string("relative"), std::string("/"),
                                 std::string(200, 'x'), "/" + std::string(200, 'x')}) {
    const ServiceManager manager(name);
    manager.ready();
    manager.stopping();
  }
}

TEST(ServiceManager, GoesOnWhenNobodyListens) {
  const TempFolder folder;
  const ServiceManager manager(folder / "gone");
  manager.ready();
}

TEST(ServiceManager, TellsThroughAPathAndAnAbstractName) {
  const TempFolder folder;
  for (const std::string& name :
       {folder / "notify", "@forecourt-notify-" + std::to_string(::getpid())}) {
    Manager listening(name);
    const ServiceManager manager(name);
    manager.ready();
    EXPECT_EQ(listening.heard(), "READY=1");
    manager.alive();
    EXPECT_EQ(listening.heard(), "WATCHDOG=1");
    manager.stopping();
    EXPECT_EQ(listening.heard(), "STOPPING=1");
  }
}

}  // namespace
}  // namespace forecourt::app
