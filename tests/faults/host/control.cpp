#include "faults/host/control.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <map>
#include <sstream>
#include <stdexcept>
#include <thread>

#include "faults/host/disk.hpp"
#include "faults/host/memory.hpp"
#include "faults/host/wall_clock.hpp"

namespace faults {
namespace {

using forecourt::test_support::VfsShim;
using Operation = VfsShim::Operation;
using Fault = VfsShim::Fault;

const std::map<std::string, Operation> k_operations = {
    {"open", Operation::open},   {"read", Operation::read},         {"write", Operation::write},
    {"sync", Operation::sync},   {"truncate", Operation::truncate}, {"lock", Operation::lock},
    {"shm", Operation::shm_map}, {"delete", Operation::remove}};
const std::map<std::string, Fault> k_faults = {{"EIO", Fault::io_error},
                                               {"ENOSPC", Fault::disk_full},
                                               {"short", Fault::short_write},
                                               {"forgets", Fault::forgets},
                                               {"kills", Fault::kills}};

std::string carry_out(const std::string& order, VfsShim& disk) {
  std::istringstream in(order);
  std::string verb;
  in >> verb;
  if (verb == "disk") {
    std::string operation;
    std::string fault;
    std::string duration;
    int64_t nth = 0;
    in >> operation >> nth >> fault >> duration;
    disk.fail(k_operations.at(operation), nth, k_faults.at(fault), duration == "always");
  } else if (verb == "calls") {
    std::string operation;
    in >> operation;
    return std::to_string(disk.calls(k_operations.at(operation)));
  } else if (verb == "heal") {
    disk.heal();
    fail_allocation(0);
  } else if (verb == "failures") {
    return std::to_string(disk.failures() + failed_allocations());
  } else if (verb == "cut") {
    std::string from;
    std::string to;
    uint32_t seed = 0;
    in >> from >> to;
    disk.power_cut(from, to, in >> seed ? std::optional(seed) : std::nullopt);
  } else if (verb == "memory") {
    int64_t nth = 0;
    in >> nth;
    fail_allocation(nth);
  } else if (verb == "wall") {
    int64_t seconds = 0;
    in >> seconds;
    turn_wall_clock(seconds);
  } else {
    return "no such order: " + order;
  }
  return "done";
}

void serve(int listening, VfsShim& disk) {
  never_fail_here();
  for (;;) {
    const int peer = ::accept4(listening, nullptr, nullptr, SOCK_CLOEXEC);
    if (peer < 0) continue;
    std::array<char, 1024> packet;
    for (ssize_t n; (n = ::recv(peer, packet.data(), packet.size(), 0)) > 0;) {
      std::string answer;
      try {
        answer = carry_out(std::string(packet.data(), static_cast<size_t>(n)), disk);
      } catch (const std::exception& failure) {
        answer = failure.what();
      }
      if (::send(peer, answer.data(), answer.size(), MSG_NOSIGNAL) < 0) break;
    }
    ::close(peer);
  }
}

}  // namespace

void obey(const std::string& socket_path) {
  watch_memory();
  VfsShim& disk = make_disk(socket_path);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (socket_path.size() >= sizeof address.sun_path)
    throw std::runtime_error("socket path too long");
  std::memcpy(address.sun_path, socket_path.data(), socket_path.size());
  ::unlink(socket_path.c_str());
  const int listening = ::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
  if (::bind(listening, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
      ::listen(listening, 16) != 0)
    throw std::runtime_error("cannot listen on " + socket_path);
  std::thread(serve, listening, std::ref(disk)).detach();
}

}  // namespace faults
