#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "http/streaming.hpp"
#include "org/directory.hpp"
#include "stream/reader.hpp"

namespace forecourt::stream {

/// GET /v1/events: events as they are published, as server-sent events. One thread looks at the
/// outboxes a few times a second, while anybody reads, and serves all readers.
class Feed final : public http::Handler {
 public:
  using Sources = std::vector<std::pair<std::string, std::shared_ptr<events::Source>>>;
  struct Parts {
    const Clock* clock = nullptr;
    const org::Directory* directory = nullptr;
    /// Runs `work` on the publishers' outboxes, which stay that long; or not at all, when they are
    /// just being changed.
    std::function<void(const std::function<void(const Sources&)>& work)> look;
    size_t readers_max = 256;
  };

  explicit Feed(Parts parts);
  ~Feed() override;  ///< stop().

  void handle(std::shared_ptr<http::Exchange> exchange) override;
  /// Nothing is looked at afterwards; who still reads is told.
  void stop();

 private:
  struct Guest {
    std::shared_ptr<Reader> reader;
    std::shared_ptr<http::StreamingExchange> exchange;  // until it is answered
    bool known = false;                                 // its caller is a key of ours
    int64_t since_ns = 0;
    int64_t beat_ns = 0;
  };

  void run();
  bool look();
  bool serve(Guest& guest, const std::vector<Outbox>& outboxes, const org::Snapshot& tree);
  std::string over(const Guest& guest, const org::Snapshot& directory) const;

  const Parts parts_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<Guest> arriving_;  // guarded by mutex_
  size_t readers_ = 0;           // guarded by mutex_
  bool stopping_ = false;        // guarded by mutex_
  std::vector<Guest> guests_;    // the thread's
  std::thread thread_;
};

/// The gateway's entry for it.
http::Service feed_service(std::shared_ptr<Feed> feed);

}  // namespace forecourt::stream
