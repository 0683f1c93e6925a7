#include "base/log.hpp"

#include <spdlog/async.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <chrono>
#include <ctime>
#include <memory>

#include "base/json_text.hpp"

namespace forecourt::log {
namespace {

std::shared_ptr<spdlog::logger> g_logger;
Level g_level = Level::off;

constexpr std::string_view k_names[] = {"debug", "info", "warn", "error", "off"};

std::string head(Level level, std::string_view component, std::string_view message) {
  using namespace std::chrono;
  const auto now = system_clock::now();
  const std::time_t seconds = system_clock::to_time_t(now);
  const auto millis = duration_cast<milliseconds>(now.time_since_epoch()).count() % 1000;
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  char time[40];
  const size_t n = std::strftime(time, sizeof time, "%Y-%m-%dT%H:%M:%S", &utc);
  std::snprintf(time + n, sizeof time - n, ".%03dZ", static_cast<int>(millis));

  std::string line = "{\"time\":\"";
  line += time;
  line += "\",\"level\":\"";
  line += k_names[static_cast<int>(level)];
  line += "\",\"component\":";
  append_json_string(line, component);
  line += ",\"message\":";
  append_json_string(line, message);
  return line;
}

}  // namespace

void start(Level level) {
  g_level = level;
  if (level == Level::off) return;
  spdlog::init_thread_pool(8192, 1);
  auto sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
  g_logger = std::make_shared<spdlog::async_logger>("forecourt", sink, spdlog::thread_pool(),
                                                    spdlog::async_overflow_policy::overrun_oldest);
  g_logger->set_pattern("%v");
  g_logger->flush_on(spdlog::level::err);
  spdlog::flush_every(std::chrono::seconds(1));
}

void stop() {
  g_level = Level::off;
  g_logger.reset();
  spdlog::shutdown();
}

bool enabled(Level level) { return level >= g_level && g_level != Level::off; }

void write(Level level, std::string_view component, std::string_view message,
           std::initializer_list<Field> fields) {
  if (!enabled(level)) return;
  std::string line = head(level, component, message);
  for (const Field& field : fields) {
    line += ',';
    append_json_string(line, field.key);
    line += ':';
    append_json_string(line, field.value);
  }
  line += '}';
  g_logger->log(level == Level::error ? spdlog::level::err : spdlog::level::info, line);
}

void write_json(Level level, std::string_view component, std::string_view message,
                std::string_view fields_json) {
  if (!enabled(level)) return;
  std::string line = head(level, component, message);
  if (fields_json.size() > 2) {
    line += ',';
    line += fields_json.substr(1, fields_json.size() - 2);
  }
  line += '}';
  g_logger->log(level == Level::error ? spdlog::level::err : spdlog::level::info, line);
}

}  // namespace forecourt::log
