#include "isolation/log_pipe.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/json.hpp"
#include "base/json_text.hpp"
#include "base/log.hpp"
#include "isolation/from_child.hpp"

namespace forecourt::isolation {
namespace {

constexpr size_t k_line_bytes_max = 32u << 10;
constexpr size_t k_kept_bytes_max = 500;
constexpr size_t k_round_bytes_max = 1u << 20;
constexpr rapidjson::SizeType k_members_max = 16;

log::Level level_of(std::string_view name) {
  if (name == "debug") return log::Level::debug;
  if (name == "info") return log::Level::info;
  if (name == "error") return log::Level::error;
  return log::Level::warn;
}

/// The members of a line beside those that the host writes itself.
std::string members(const json::Value& line, const std::string& plugin) {
  std::string out = "{\"plugin\":" + json_string(plugin);
  for (const auto& member : line.GetObject()) {
    const std::string_view name = json::view(member.name);
    if (name == "time" || name == "level" || name == "message" || name == "plugin") continue;
    const bool own = name == "component";
    if (own && json::text(line, "component") == "plugin") continue;
    out += "," + json_string(own ? "of" : name) + ":" + json::to_text(member.value);
  }
  return out + "}";
}

void log_line(std::string_view text, const std::string& plugin) {
  auto line = json::parse(text);
  const bool ours = line && line->IsObject() && line->MemberCount() <= k_members_max &&
                    !json::text(*line, "message").empty();
  if (!ours) {
    log::write(log::Level::warn, "plugin", from_child::shown(text, 2048), {{"plugin", plugin}});
    return;
  }
  log::write_json(level_of(json::text(*line, "level")), "plugin", json::text(*line, "message"),
                  members(*line, plugin));
}

}  // namespace

LogPipe::LogPipe(std::string plugin) : plugin_(std::move(plugin)) {
  if (::pipe2(ends_, O_CLOEXEC) != 0) {
    ends_[0] = ends_[1] = -1;
    return;
  }
  ::fcntl(ends_[0], F_SETFL, O_NONBLOCK);
}

LogPipe::~LogPipe() {
  for (const int end : ends_) {
    if (end >= 0) ::close(end);
  }
}

void LogPipe::started() {
  if (ends_[1] >= 0) ::close(ends_[1]);
  ends_[1] = -1;
}

bool LogPipe::take() {
  char buffer[16u << 10];
  for (size_t taken = 0; taken < k_round_bytes_max;) {
    const ssize_t n = ::read(ends_[0], buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return errno == EAGAIN;
    if (n == 0) {
      if (!partial_.empty()) put(std::exchange(partial_, {}));
      return false;
    }
    taken += static_cast<size_t>(n);
    partial_.append(buffer, static_cast<size_t>(n));
    size_t begin = 0;
    for (size_t end; (end = partial_.find('\n', begin)) != std::string::npos; begin = end + 1)
      put(std::string_view(partial_).substr(begin, end - begin));
    partial_.erase(0, begin);
    if (partial_.size() > k_line_bytes_max) put(std::exchange(partial_, {}));
  }
  return true;
}

void LogPipe::put(std::string_view line) {
  if (line.empty()) return;
  log_line(line.substr(0, k_line_bytes_max), plugin_);
  std::lock_guard lock(mutex_);
  last_.push_back(from_child::shown(line, k_kept_bytes_max));
  if (last_.size() > k_lines_kept) last_.pop_front();
}

std::vector<std::string> LogPipe::last_lines() const {
  std::lock_guard lock(mutex_);
  return {last_.begin(), last_.end()};
}

}  // namespace forecourt::isolation
