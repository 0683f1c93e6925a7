#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

#include "e2e/support/host_process.hpp"

namespace faults {

/// What a plugin could do harm to, all of it open to anybody: a file in a folder, a process, and
/// sockets that wait to be talked to. For one attempt.
class Victims {
 public:
  Victims();
  ~Victims();
  Victims(const Victims&) = delete;
  Victims& operator=(const Victims&) = delete;

  /// `text` with {file}, {outside} (the file's folder), {process}, {memory} (an address in the
  /// process), {port}, {datagrams} and {abstract} in their places.
  std::string aim(std::string text) const;
  /// What was done to them; empty: nothing.
  std::string harm();

 private:
  std::string harm_to_file() const;
  std::string harm_to_process();

  e2e::TempFolder folder_;
  pid_t process_ = -1;
  int tcp_ = -1;
  int udp_ = -1;
  int abstract_ = -1;
  uint16_t tcp_port_ = 0;
  uint16_t udp_port_ = 0;
  std::string abstract_name_;
};

/// Puts `value` wherever `name` stands.
std::string replaced(std::string text, const std::string& name, const std::string& value);

}  // namespace faults
