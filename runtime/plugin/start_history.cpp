#include "plugin/start_history.hpp"

#include <filesystem>
#include <fstream>

namespace forecourt::plugin {
namespace {

constexpr int k_unexplained_max = 2;

struct Starting {
  std::string library;
  int times = 0;
};

Starting read_starting(const std::string& path) {
  std::ifstream in(path);
  Starting starting;
  if (!(in >> starting.library >> starting.times)) return {};
  return starting;
}

}  // namespace

StartHistory::StartHistory(std::string folder)
    : folder_(std::move(folder)),
      crashed_(folder_ + "/crashed"),
      starting_(folder_ + "/starting") {}

Result<void> StartHistory::check(const std::string& library) const {
  if (const auto crash = read_crash(crashed_); crash && crash->library == library) {
    return Error{Code::unavailable, "it crashed the host with " + signal_name(crash->signal) +
                                        " in " + crash->what +
                                        "; enable it to try again, or apply another version"};
  }
  const Starting starting = read_starting(starting_);
  if (starting.library == library && starting.times >= k_unexplained_max) {
    return Error{
        Code::unavailable,
        "the host ended " + std::to_string(starting.times) +
            " times while it was starting; enable it to try again, or apply another version"};
  }
  return {};
}

void StartHistory::forget() {
  std::error_code ignored;
  std::filesystem::remove(crashed_, ignored);
  std::filesystem::remove(starting_, ignored);
}

Result<void> StartHistory::begin(const std::string& library) {
  std::error_code failure;
  std::filesystem::create_directories(folder_, failure);
  const Starting before = read_starting(starting_);
  const int times = before.library == library ? before.times + 1 : 1;
  std::ofstream out(starting_, std::ios::trunc);
  out << library << ' ' << times << '\n' << std::flush;
  if (!out) return internal(starting_ + ": cannot be written");
  return {};
}

void StartHistory::end() {
  std::error_code ignored;
  std::filesystem::remove(starting_, ignored);
}

}  // namespace forecourt::plugin
