#include "faults/support/load.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <fstream>
#include <vector>

#include "faults/support/size.hpp"

namespace faults {
namespace {

using Time = std::chrono::steady_clock;

struct Client {
  int fd = -1;
  std::string request;
  size_t sent = 0;
  std::string answer;
  Time::time_point asked;
};

class Clients {
 public:
  Clients(uint16_t port, int count, const std::function<std::string()>& next_request)
      : port_(port), next_request_(next_request), epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
    clients_.resize(static_cast<size_t>(count));
    for (size_t i = 0; i < clients_.size(); ++i) open(i);
  }
  ~Clients() {
    for (const Client& client : clients_) ::close(client.fd);
    ::close(epoll_);
  }

  void step() {
    std::array<epoll_event, 256> ready;
    const int n = ::epoll_wait(epoll_, ready.data(), static_cast<int>(ready.size()), 20);
    for (int i = 0; i < n; ++i) go_on(ready[static_cast<size_t>(i)].data.u64);
  }

  Load load;
  std::vector<int64_t> latencies_us;

 private:
  void open(size_t i) {
    Client& client = clients_[i];
    client.fd = connect_to(port_);
    epoll_event event{EPOLLIN | EPOLLOUT | EPOLLET, {.u64 = i}};
    ::epoll_ctl(epoll_, EPOLL_CTL_ADD, client.fd, &event);
    ask(client);
  }
  void ask(Client& client) {
    client.request = next_request_();
    client.sent = 0;
    client.answer.clear();
    client.asked = Time::now();
    send(client);
  }
  static void send(Client& client) {
    while (client.sent < client.request.size()) {
      const ssize_t n = ::send(client.fd, client.request.data() + client.sent,
                               client.request.size() - client.sent, MSG_NOSIGNAL);
      if (n <= 0) return;
      client.sent += static_cast<size_t>(n);
    }
  }
  void go_on(size_t i) {
    Client& client = clients_[i];
    send(client);
    std::array<char, 16'384> chunk;
    for (;;) {
      const ssize_t n = ::recv(client.fd, chunk.data(), chunk.size(), 0);
      if (n > 0) {
        client.answer.append(chunk.data(), static_cast<size_t>(n));
        continue;
      }
      if (n < 0 && errno == EAGAIN) break;
      if (!finish(client)) ++load.statuses[0];
      ::close(client.fd);
      return open(i);
    }
    if (finish(client)) ask(client);
  }
  /// True when the whole answer is there; it is counted.
  bool finish(const Client& client) {
    const size_t head = client.answer.find("\r\n\r\n");
    if (head == std::string::npos) return false;
    const size_t length = client.answer.find("Content-Length: ");
    const size_t size =
        length < head ? std::strtoull(client.answer.c_str() + length + 16, nullptr, 10) : 0;
    if (client.answer.size() < head + 4 + size) return false;
    const int status = std::atoi(client.answer.c_str() + 9);
    ++load.statuses[status];
    if (status < 400) {
      const auto took = Time::now() - client.asked;
      latencies_us.push_back(std::chrono::duration_cast<std::chrono::microseconds>(took).count());
    }
    return true;
  }

  const uint16_t port_;
  const std::function<std::string()>& next_request_;
  const int epoll_;
  std::vector<Client> clients_;
};

}  // namespace

int64_t Load::good() const {
  int64_t sum = 0;
  for (const auto& [status, times] : statuses) sum += status / 100 == 2 ? times : 0;
  return sum;
}

std::string Load::text() const {
  std::string text;
  for (const auto& [status, times] : statuses)
    text += (text.empty() ? "" : ", ") + std::to_string(status) + ": " + grouped(times);
  return text;
}

Load closed_loop(uint16_t port, int connections, double seconds,
                 const std::function<std::string()>& next_request,
                 const std::function<void()>& tick) {
  Clients clients(port, connections, next_request);
  const auto begun = Time::now();
  auto ticked = begun;
  double passed = 0;
  while (passed < seconds) {
    clients.step();
    const auto now = Time::now();
    passed = std::chrono::duration<double>(now - begun).count();
    if (tick && now - ticked > std::chrono::milliseconds(100)) {
      ticked = now;
      tick();
    }
  }
  Load load = clients.load;
  load.seconds = passed;
  auto& all = clients.latencies_us;
  if (!all.empty()) {
    const auto at = all.begin() + std::ssize(all) * 99 / 100;
    std::nth_element(all.begin(), at, all.end());
    load.p99_us = *at;
  }
  return load;
}

int connect_to(uint16_t port, int receive_buffer) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  EXPECT_GE(fd, 0) << "no descriptor left";
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (receive_buffer != 0)
    ::setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  ::fcntl(fd, F_SETFL, O_NONBLOCK);
  return fd;
}

int64_t allow_descriptors(int64_t wanted) {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  const auto needed = static_cast<rlim_t>(wanted);
  if (limit.rlim_cur >= needed) return static_cast<int64_t>(limit.rlim_cur);
  const rlimit raised{needed, std::max(needed, limit.rlim_max)};
  if (::setrlimit(RLIMIT_NOFILE, &raised) == 0) return wanted;
  limit.rlim_cur = limit.rlim_max;  // only root may go beyond
  ::setrlimit(RLIMIT_NOFILE, &limit);
  return static_cast<int64_t>(limit.rlim_cur);
}

double resident_mib(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/statm");
  int64_t pages = 0;
  file >> pages >> pages;
  return static_cast<double>(pages * ::sysconf(_SC_PAGESIZE)) / (1 << 20);
}

}  // namespace faults
