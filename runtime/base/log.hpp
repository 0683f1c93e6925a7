#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace forecourt::log {

enum class Level { debug, info, warn, error, off };

/// One key of a structured line. Integers and booleans are passed as text the caller made.
struct Field {
  std::string_view key;
  std::string value;
};

/// Lines go to stderr as JSON, one object a line: {"time","level","component","message", fields...}.
/// Asynchronous and gathered (base/line_writer): a reader that does not keep up costs lines, never a request. Thread-safe.
void start(Level level);
/// The same without gathering: a line is written before the call that makes it returns, so that one
/// who dies right after it has said it.
void start_at_once(Level level);
void stop();  ///< Writes what is queued.
bool enabled(Level level);
Level lowest();  ///< that is written

void write(Level level, std::string_view component, std::string_view message,
           std::initializer_list<Field> fields = {});
/// `fields_json` is a JSON object (or empty) whose members are added to the line as they are.
void write_json(Level level, std::string_view component, std::string_view message,
                std::string_view fields_json);

inline void info(std::string_view component, std::string_view message,
                 std::initializer_list<Field> fields = {}) {
  write(Level::info, component, message, fields);
}
inline void warn(std::string_view component, std::string_view message,
                 std::initializer_list<Field> fields = {}) {
  write(Level::warn, component, message, fields);
}
inline void error(std::string_view component, std::string_view message,
                  std::initializer_list<Field> fields = {}) {
  write(Level::error, component, message, fields);
}

}  // namespace forecourt::log
