// The host as a service: what it tells the service manager, and what an admin's shell knows of it.

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>

#include "e2e/support/command_line.hpp"
#include "e2e/support/scene.hpp"

namespace e2e {
namespace {

/// The service manager's end of NOTIFY_SOCKET.
class Manager {
 public:
  Manager() : path_((folder_.path() / "notify").string()) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path_.c_str(), path_.size());
    EXPECT_EQ(::bind(file_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  }
  ~Manager() { ::close(file_); }
  const std::string& path() const { return path_; }

  /// The next word; empty when none comes for ten seconds.
  std::string heard() {
    pollfd waiting{file_, POLLIN, 0};
    if (::poll(&waiting, 1, 10'000) != 1) return {};
    char word[64];
    const ssize_t size = ::recv(file_, word, sizeof word, 0);
    return size > 0 ? std::string(word, static_cast<size_t>(size)) : std::string();
  }

 private:
  TempFolder folder_;
  const std::string path_;
  const int file_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
};

TEST(Service, TellsTheManagerThatItIsReadyAliveAndStopping) {
  Manager manager;
  HostProcess host({.plugins = {"hello"}, .environment = {{"NOTIFY_SOCKET", manager.path()}}});
  host.start();
  bool ready = false;
  bool alive = false;
  for (int i = 0; i < 10 && !(ready && alive); ++i) {
    const std::string word = manager.heard();
    ready = ready || word == "READY=1";
    alive = alive || word == "WATCHDOG=1";
  }
  EXPECT_TRUE(ready);
  EXPECT_TRUE(alive);
  EXPECT_EQ(host.terminate(), 0);
  std::string last = "nothing";
  while (last != "STOPPING=1" && !last.empty()) last = manager.heard();
  EXPECT_EQ(last, "STOPPING=1");
}

TEST(Service, TheUnitStartsWhatTheProgramUnderstands) {
  const Outcome line =
      shell("sed -n 's/^ExecStart=[^ ]* //p' " + std::string(FORECOURT_SOURCE_DIR) +
            "/runtime/app/package/forecourt.service");
  ASSERT_EQ(line.status, 0);
  const std::string arguments = line.text.substr(0, line.text.find('\n'));
  ASSERT_TRUE(arguments.starts_with("serve")) << line.text;
  // The file is not there in a test; a flag that is not understood would end with 2.
  const Outcome started = forecourt(arguments + ".missing");
  EXPECT_EQ(started.status, 1) << started.text;
  EXPECT_NE(started.text.find("forecourt.json.missing"), std::string::npos) << started.text;
}

/// What bash offers behind `forecourt <words>`, the last of which is being typed.
std::string completed(const std::string& words, int position) {
  return shell("bash -c 'source <(" + std::string(FORECOURT_BINARY_DIR) +
               "/forecourt completion); COMP_WORDS=(forecourt " + words +
               "); COMP_CWORD=" + std::to_string(position) + "; _forecourt; echo ${COMPREPLY[*]}'")
      .text;
}

TEST(Service, TheShellCompletesVerbsAndFlags) {
  EXPECT_EQ(completed("nonsense", 1), "\n");
  EXPECT_EQ(completed("plug", 1), "plugins\n");
  EXPECT_EQ(completed("keys rot", 2), "rotate\n");
  EXPECT_EQ(completed("apply --ho", 2), "--host\n");
  EXPECT_EQ(completed("plugin-pr", 1), "\n");  // the host's own
}

TEST(Service, TheManualNamesEveryVerbAndSetting) {
  const std::string page = forecourt("manual").text;
  EXPECT_TRUE(page.starts_with(".TH FORECOURT 1"));
  for (const char* there : {".SS forecourt serve\n", ".SS forecourt keys rotate\n",
                            ".B \\-\\-overlap\\-seconds\n", ".B FORECOURT_DATA\n"}) {
    EXPECT_NE(page.find(there), std::string::npos) << there;
  }
  EXPECT_EQ(page.find("plugin\\-probe"), std::string::npos);
}

}  // namespace
}  // namespace e2e
