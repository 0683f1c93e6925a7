#include "faults/support/faulty_host.hpp"

#include <sqlite3.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>

namespace faults {

e2e::HostProcess::Options FaultyScene::of_host(Options options, const std::string& socket) {
  return {.plugins = std::move(options.plugins),
          .environment = {{"FORECOURT_ACCESS_LOG", "off"}, {"FAULTS_CONTROL", socket}},
          .program = "forecourt_faulty",
          .mode = std::move(options.mode),
          .may_crash = options.may_crash};
}

FaultyScene::FaultyScene(Options options)
    : scene(of_host(std::move(options), (folder_.path() / "control").string())) {}

std::string FaultyScene::order(const std::string& text) {
  const std::string path = (folder_.path() / "control").string();
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  const int fd = ::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
  std::string answer;
  char packet[1024];
  if (::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 &&
      ::send(fd, text.data(), text.size(), MSG_NOSIGNAL) == std::ssize(text)) {
    const ssize_t n = ::recv(fd, packet, sizeof packet, 0);
    if (n > 0) answer.assign(packet, static_cast<size_t>(n));
  }
  ::close(fd);
  return answer;
}

bool FaultyScene::revive() {
  if (host().client().get("/livez").status == 200) return false;
  // It dies, or is dead already.
  EXPECT_TRUE(e2e::eventually([this] { return ::waitpid(host().pid(), nullptr, WNOHANG) != 0; }))
      << "alive and deaf";
  host().kill();
  host().start();
  EXPECT_NE(host().port(), 0) << host().output();
  return true;
}

int64_t ask_file(const std::filesystem::path& database, const std::string& sql) {
  sqlite3* db = nullptr;
  sqlite3_stmt* row = nullptr;
  int64_t value = -1;
  EXPECT_EQ(sqlite3_open_v2(database.c_str(), &db, SQLITE_OPEN_READWRITE, nullptr), SQLITE_OK)
      << database;
  sqlite3_busy_timeout(db,
                       10'000);  // a process that is killed by now holds its locks until it is gone
  EXPECT_EQ(sqlite3_prepare_v2(db, sql.c_str(), -1, &row, nullptr), SQLITE_OK)
      << database << ": " << sqlite3_errmsg(db);
  if (row != nullptr && sqlite3_step(row) == SQLITE_ROW) value = sqlite3_column_int64(row, 0);
  sqlite3_finalize(row);
  sqlite3_close(db);
  return value;
}

void expect_intact(const std::filesystem::path& database) {
  EXPECT_EQ(ask_file(database,
                     "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check = 'ok'"),
            1)
      << database << " is damaged";
}

}  // namespace faults
