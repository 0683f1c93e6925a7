#pragma once

#include <cstddef>
#include <cstdint>

#include "gateway/request_parser.hpp"

namespace forecourt::gateway {

/// Everything that bounds what a client can make the gateway hold or wait for.
struct Limits {
  ParserLimits parser;
  int64_t body_bytes = 1 << 20;                 ///< of an operation that does not say
  size_t spool_bytes = 256 * 1024;              ///< raw bodies above this go to a file
  int64_t buffered_bytes = int64_t{256} << 20;  ///< of all bodies in memory together
  int64_t unsent_bytes = int64_t{64} << 20;     ///< of all answers whose clients are slow, together
  size_t in_flight = 1024;                      ///< requests being worked on by handlers
  int64_t hold_ms = 2'000;        ///< in line, for who asks again right after an "overloaded"
  size_t connections = 0;         ///< 0: just below half of the descriptor limit
  int64_t head_ms = 10'000;       ///< from a request's first byte to its whole head
  int64_t idle_ms = 75'000;       ///< of a keep-alive connection between requests
  int64_t body_grace_ms = 5'000;  ///< before the minimum rate of a body is asked for
  int64_t body_bytes_per_s = 1024;
  int64_t write_stall_ms = 30'000;   ///< the client takes nothing of an answer
  int64_t linger_ms = 1'000;         ///< for the client to read the last answer before the close
  int64_t timeout_ms = 5'000;        ///< of an operation that does not say
  int64_t overdue_ms = 1'000;        ///< after its deadline a call is answered for the handler
  size_t discard_bytes = 64 * 1024;  ///< of a refused request's body, to keep the connection
  double rate_per_s = 0;             ///< requests per key; 0: no limit
  double rate_burst = 20;
};

}  // namespace forecourt::gateway
