// nginx and HAProxy in front, their connections to the host kept alive and shared by all clients:
// whatever of the malformed corpus they let through, nobody is answered with somebody else's
// answer.

#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <thread>

#include "e2e/support/host_process.hpp"
#include "unit/gateway/malformed_requests.hpp"
#include "unit/gateway/raw_client.hpp"

namespace e2e {
namespace {

using forecourt::gateway::testing::MalformedRequest;
using forecourt::gateway::testing::RawClient;
using forecourt::gateway::testing::RawResponse;

uint16_t free_port() {
  const int probe = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  ::bind(probe, reinterpret_cast<sockaddr*>(&address), size);
  ::getsockname(probe, reinterpret_cast<sockaddr*>(&address), &size);
  ::close(probe);
  return ntohs(address.sin_port);
}

bool listens(uint16_t port) {
  const int probe = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  const bool there = ::connect(probe, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  ::close(probe);
  return there;
}

std::string nginx_conf(const std::string& folder, uint16_t port, uint16_t host) {
  std::string paths;
  for (const char* kind : {"client_body", "proxy", "fastcgi", "uwsgi", "scgi"})
    paths += std::string(kind) + "_temp_path " + folder + "/" + kind + ";\n";
  return "daemon off; master_process off; pid " + folder + "/pid; error_log " + folder +
         "/log crit;\nevents {}\nhttp { access_log off; " + paths +
         "upstream host { server 127.0.0.1:" + std::to_string(host) +
         "; keepalive 2; }\nserver { listen 127.0.0.1:" + std::to_string(port) +
         "; location / { proxy_pass http://host; proxy_http_version 1.1; "
         "proxy_request_buffering off; proxy_set_header Connection \"\"; } } }\n";
}

std::string haproxy_conf(const std::string&, uint16_t port, uint16_t host) {
  return "global\n  maxconn 200\ndefaults\n  mode http\n  timeout connect 5s\n  timeout client 5s\n"
         "  timeout server 5s\n  http-reuse always\nfrontend f\n  bind 127.0.0.1:" +
         std::to_string(port) +
         "\n  default_backend b\nbackend b\n  server host 127.0.0.1:" + std::to_string(host) + "\n";
}

struct Kind {
  const char* name;
  std::vector<const char*> command;  ///< the configuration's path follows
  std::string (*configuration)(const std::string& folder, uint16_t port, uint16_t host);
};
void PrintTo(const Kind& kind, std::ostream* out) { *out << kind.name; }

class Proxy : public testing::TestWithParam<Kind> {
 protected:
  void SetUp() override {
    const Kind& kind = GetParam();
    if (::access(kind.command[0], X_OK) != 0) GTEST_SKIP() << kind.command[0] << " is not there";
    host_.start();
    port_ = free_port();
    const std::string file = (folder_.path() / "conf").string();
    std::ofstream(file) << kind.configuration(folder_.path().string(), port_, host_.port());
    std::vector<char*> arguments;
    for (const char* word : kind.command) arguments.push_back(const_cast<char*>(word));
    arguments.push_back(const_cast<char*>(file.c_str()));
    arguments.push_back(nullptr);
    pid_ = ::fork();
    if (pid_ == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      const int log = ::open((folder_.path() / "said").c_str(), O_WRONLY | O_CREAT, 0600);
      ::dup2(log, STDOUT_FILENO);
      ::dup2(log, STDERR_FILENO);
      ::execv(arguments[0], arguments.data());
      ::_exit(127);
    }
    for (int i = 0; i < 200 && !listens(port_); ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    ASSERT_TRUE(listens(port_));
  }
  void TearDown() override {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }

  static std::string request(const std::string& name) {
    return "GET /v1/hello?name=" + name + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " +
           k_admin_key + "\r\n\r\n";
  }
  /// What a client of its own gets for its own request.
  std::string ask(const std::string& name) {
    RawClient client(port_);
    if (!client.send(request(name))) return {};
    const RawResponse answer = client.read();
    return std::to_string(answer.status) + " " + answer.body;
  }

  TempFolder folder_;
  HostProcess host_{HostProcess::Options{.plugins = {"hello"}, .environment = {}}};
  uint16_t port_ = 0;
  pid_t pid_ = -1;
};

std::vector<MalformedRequest> corpus() {
  using namespace forecourt::gateway::testing;
  std::vector<MalformedRequest> all;
  for (auto& part :
       {malformed_start_lines(), malformed_headers(), malformed_framing(), malformed_chunks()}) {
    all.insert(all.end(), part.begin(), part.end());
  }
  const auto replace = [](std::string& text, std::string_view what, std::string_view by) {
    for (size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += by.size())
      text.replace(at, what.size(), by);
  };
  for (MalformedRequest& row : all) {
    replace(row.bytes, "/v1/demo", "/v1/hello");
    replace(row.bytes, "secret-admin", k_admin_key);
  }
  return all;
}

TEST_P(Proxy, NobodyIsAnsweredWithSomebodyElsesAnswer) {
  ASSERT_EQ(ask("first"), "200 {\"hello\":\"first\"}");
  size_t rows = 0;
  for (const MalformedRequest& row : corpus()) {
    const std::string number = std::to_string(rows++);
    {
      RawClient attacker(port_);
      attacker.send(row.bytes + request("smuggled" + number));
      std::string answers;
      attacker.read_to_end(answers, 30);
      const std::string own = "{\"hello\":\"smuggled" + number + "\"}";
      const size_t at = answers.find(own);
      EXPECT_EQ(answers.find("{\"hello\":\"smuggled", at == std::string::npos ? 0 : at + 1),
                std::string::npos)
          << row.name << ": " << answers;
    }
    for (const char* who : {"ada", "bob", "eve"}) {
      const std::string name = who + number;
      EXPECT_EQ(ask(name), "200 {\"hello\":\"" + name + "\"}") << "after " << row.name;
    }
  }
  EXPECT_GE(rows, 100u);
}

INSTANTIATE_TEST_SUITE_P(
    InFront, Proxy,
    testing::Values(Kind{"nginx", {"/usr/sbin/nginx", "-c"}, nginx_conf},
                    Kind{"haproxy", {"/usr/sbin/haproxy", "-q", "-f"}, haproxy_conf}),
    [](const auto& kind) { return std::string(kind.param.name); });

}  // namespace
}  // namespace e2e
