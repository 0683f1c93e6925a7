#pragma once

#include <functional>
#include <memory>
#include <string>

#include "http/handler.hpp"

namespace forecourt::http {

/// An answer's body that comes piece by piece, for as long as it takes. The gateway asks; between
/// pieces no thread is held.
class BodySource {
 public:
  virtual ~BodySource() = default;
  /// Moves what is ready into `into`, which is empty. False: it ends here. On the I/O thread, never
  /// blocks.
  virtual bool take(std::string& into) = 0;
  /// `ready` is called, on any thread, whenever there is something after a take that found nothing.
  /// Set once, before the first take.
  virtual void on_ready(std::function<void()> ready) = 0;
  /// Nobody takes any more. Any thread; may come more than once.
  virtual void closed() = 0;
};

/// An exchange that can be answered by a stream. The gateway's are; where it is none (a test
/// without sockets), a stream cannot be served.
class StreamingExchange : public Exchange {
 public:
  /// In place of `answer`: status, headers and media type of `head`, then what `source` gives, as a
  /// chunked body without compression.
  virtual void stream(Response head, std::shared_ptr<BodySource> source) = 0;
};

}  // namespace forecourt::http
