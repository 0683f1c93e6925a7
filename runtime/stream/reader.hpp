#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "events/source.hpp"
#include "http/streaming.hpp"
#include "org/directory.hpp"
#include "stream/position.hpp"

namespace forecourt::stream {

/// A publisher's outbox and its history as of now.
struct Outbox {
  std::string publisher;
  events::Source* source = nullptr;
  events::History history;
};

/// One client of the stream: the buffer between the feed, which fills it from the outboxes as long
/// as there is room, and the gateway, which empties it as fast as the client reads. What is behind
/// the room stays in the outbox: a slow reader costs nothing but its lag.
class Reader final : public http::BodySource {
 public:
  static constexpr size_t k_room_bytes = 256 * 1024;

  struct Terms {
    std::string caller;           ///< key id
    int64_t ends_ms = 0;          ///< of the credential it came with; 0: never
    std::string org;              ///< sees its events and those below it
    std::set<std::string> types;  ///< empty: all
    std::optional<Position> after;
  };
  explicit Reader(Terms terms) : terms_(std::move(terms)) {}

  bool take(std::string& into) override;
  void on_ready(std::function<void()> ready) override { ready_ = std::move(ready); }
  void closed() override;

  // The feed's side; one thread.

  const Terms& terms() const { return terms_; }
  bool is_closed() const;
  /// Fixes where it starts, before the client is answered.
  void locate(const std::vector<Outbox>& outboxes);
  /// Puts in what is new. True: there is more than went in.
  Result<bool> fill(const std::vector<Outbox>& outboxes, const org::Snapshot& tree);
  /// A comment and the position, so that the connection lives and a resume has little to skip.
  void beat();
  /// The last event: why it ends.
  void end(std::string_view reason);

 private:
  void reset(const std::string& publisher, const std::string& reason);
  Result<bool> fill_from(const Outbox& outbox, const org::Snapshot& tree);
  bool wants(const events::Event& event, const org::Snapshot& tree) const;
  void put(std::string_view text);
  bool has_room() const;
  std::string id_line() const { return "id: " + to_token(position_) + "\n"; }

  const Terms terms_;
  std::function<void()> ready_;
  Position position_;  // the feed's
  mutable std::mutex mutex_;
  std::string buffer_;   // guarded by mutex_
  bool ended_ = false;   // guarded by mutex_: nothing is put in any more
  bool closed_ = false;  // guarded by mutex_
};

}  // namespace forecourt::stream
