#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace forecourt::gateway::testing {

/// One response as read off the wire. Header names in lower case.
struct RawResponse {
  int status = 0;
  std::map<std::string, std::string> headers;
  std::string body;
  bool complete = false;
};

/// A blocking TCP client that sends exactly the bytes it is told to.
class RawClient {
 public:
  /// `receive_buffer` > 0 limits the kernel's buffer, to be a slow reader.
  explicit RawClient(uint16_t port, int receive_buffer = 0);
  virtual ~RawClient();
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  /// False when the server closed before everything was sent.
  virtual bool send(std::string_view bytes);
  void shutdown_send();
  /// Resets the connection.
  void abort();
  /// The next response; `head_only`: the answer to HEAD, which has no body.
  RawResponse read(bool head_only = false);
  /// Everything up to the end of the connection; false when it is still open after `timeout_ms`.
  bool read_to_end(std::string& bytes, int timeout_ms = 10'000);
  /// Whether the server has closed (waits for it).
  bool closed();

 protected:
  virtual bool fill();
  int socket_;
  std::string buffer_;
};

/// Undoes chunked coding; `ok` is false when it is malformed.
std::string decode_chunked(std::string_view bytes, bool& ok);
std::string gunzip(std::string_view bytes);

}  // namespace forecourt::gateway::testing
