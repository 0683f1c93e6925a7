#pragma once

#include <functional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "e2e/support/scene.hpp"

namespace faults {

/// A scene on `forecourt_faulty`, and the wire to give it orders: tests/faults/host/control.hpp.
class FaultyScene {
 public:
  struct Options {
    std::vector<std::string> plugins = {"payments", "membership", "coupons"};
    std::string mode = e2e::plugin_mode();
    bool may_crash = false;
  };
  explicit FaultyScene(Options options);
  FaultyScene() : FaultyScene(Options{}) {}

  /// One order; what it answered, empty when the host is gone.
  std::string order(const std::string& text);
  int64_t number(const std::string& text) { return std::atoll(order(text).c_str()); }

  e2e::HostProcess& host() { return scene.host; }
  /// Starts the host again when it died; true when it had.
  bool revive();

 private:
  static e2e::HostProcess::Options of_host(Options options, const std::string& socket);
  e2e::TempFolder folder_;  // before the scene: the socket lies in it

 public:
  e2e::Scene scene;
};

/// One integer out of a database file, in a connection of its own; a failed test when it cannot be
/// read.
int64_t ask_file(const std::filesystem::path& database, const std::string& sql);
/// SQLite finds nothing wrong with it.
void expect_intact(const std::filesystem::path& database);

}  // namespace faults
