#pragma once

#include <cstdint>
#include <string>

namespace e2e {

/// A client of server-sent events on loopback. One thread. Every wait is bounded.
class EventStream {
 public:
  struct Event {
    std::string id, type, data;
  };
  /// Connects and reads the answer's head. `after`: the Last-Event-ID, or empty.
  EventStream(uint16_t port, const std::string& key, const std::string& query = {},
              const std::string& after = {});
  ~EventStream();
  EventStream(const EventStream&) = delete;
  EventStream& operator=(const EventStream&) = delete;

  int status() const { return status_; }  ///< 0: no answer
  const std::string& last_id() const { return last_id_; }
  /// The next event with data. False: the stream has ended, or nothing came in time.
  bool next(Event& event);
  bool ended() const { return ended_; }

 private:
  bool read_more();
  bool read_line(std::string& line);

  int fd_ = -1;
  int status_ = 0;
  bool ended_ = false;
  std::string raw_;   // chunked
  std::string text_;  // decoded
  std::string last_id_;
};

}  // namespace e2e
