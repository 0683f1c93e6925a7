#include "base/log.hpp"

#include <unistd.h>

#include <atomic>
#include <chrono>
#include <memory>

#include "base/json_text.hpp"
#include "base/line_writer.hpp"
#include "base/rfc3339.hpp"

namespace forecourt::log {
namespace {

std::unique_ptr<LineWriter> g_writer;
std::atomic<Level> g_level{Level::off};

constexpr std::string_view k_names[] = {"debug", "info", "warn", "error", "off"};

void append_head(std::string& line, Level level, std::string_view component,
                 std::string_view message) {
  using namespace std::chrono;
  const int64_t now = duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
  // Many lines fall into one millisecond.
  thread_local int64_t said_at = -1;
  thread_local std::string said;
  if (now != said_at) {
    said = format_rfc3339(now);
    said_at = now;
  }
  line.assign("{\"time\":\"");
  line += said;
  line += "\",\"level\":\"";
  line += k_names[static_cast<int>(level)];
  line += "\",\"component\":";
  append_json_string(line, component);
  line += ",\"message\":";
  append_json_string(line, message);
}

void put(std::string& line, Level level) {
  if (g_writer) return g_writer->add(line, level == Level::error);
  line += '\n';
  [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, line.data(), line.size());
}

std::string& line_buffer() {
  thread_local std::string line;
  return line;
}

}  // namespace

void start(Level level) {
  if (level == Level::off) return;
  g_writer = std::make_unique<LineWriter>(STDERR_FILENO);
  g_level = level;
}

void start_at_once(Level level) { g_level = level; }

Level lowest() { return g_level.load(std::memory_order_relaxed); }

void stop() {
  g_level = Level::off;
  g_writer.reset();
}

bool enabled(Level level) {
  const Level lowest = g_level.load(std::memory_order_relaxed);
  return level >= lowest && lowest != Level::off;
}

void write(Level level, std::string_view component, std::string_view message,
           std::initializer_list<Field> fields) {
  if (!enabled(level)) return;
  std::string& line = line_buffer();
  append_head(line, level, component, message);
  for (const Field& field : fields) {
    line += ',';
    append_json_string(line, field.key);
    line += ':';
    append_json_string(line, field.value);
  }
  line += '}';
  put(line, level);
}

void write_json(Level level, std::string_view component, std::string_view message,
                std::string_view fields_json) {
  if (!enabled(level)) return;
  std::string& line = line_buffer();
  append_head(line, level, component, message);
  if (fields_json.size() > 2) {
    line += ',';
    line += fields_json.substr(1, fields_json.size() - 2);
  }
  line += '}';
  put(line, level);
}

}  // namespace forecourt::log
