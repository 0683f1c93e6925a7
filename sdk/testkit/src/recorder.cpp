#include "recorder.hpp"

#include "events/schema.hpp"
#include "raise.hpp"

namespace fc::testkit {
namespace {

constexpr char k_subscriber[] = "testkit";

}  // namespace

class Recorder::Consumer final : public forecourt::events::Consumer {
 public:
  forecourt::Result<std::unique_ptr<forecourt::events::Prepared>> prepare(
      const forecourt::events::Event&) override {
    return std::unique_ptr<forecourt::events::Prepared>();
  }
  forecourt::Result<void> handle(forecourt::storage::Session&,
                                 const forecourt::events::Event& event,
                                 forecourt::events::Prepared*) override {
    const std::lock_guard lock(mutex_);
    // The lane may run a call again; the event is the same one.
    for (const Event& known : events_) {
      if (known.id == event.id && known.source == event.source) return {};
    }
    events_.push_back({event.id, event.type, event.source, event.subject, event.org, event.data});
    return {};
  }
  std::vector<Event> events() const {
    const std::lock_guard lock(mutex_);
    return events_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<Event> events_;  // guarded by mutex_
};

Recorder::Recorder(forecourt::events::Dispatcher& dispatcher, const forecourt::Clock& clock)
    : dispatcher_(dispatcher), consumer_(std::make_shared<Consumer>()) {
  forecourt::storage::StoreOptions options;
  options.clock = &clock;
  options.host_schema = forecourt::events::host_schema();
  store_ = value_of(forecourt::storage::Store::open(options), "testkit");
}

Recorder::~Recorder() { dispatcher_.detach(k_subscriber); }

void Recorder::listen(const std::vector<std::string>& types) {
  types_.insert(types.begin(), types.end());
  if (types_.empty()) return;
  must(dispatcher_.subscribe({.subscriber = k_subscriber,
                              .store = store_.get(),
                              .consumer = consumer_,
                              .types = {types_.begin(), types_.end()},
                              .from_start = true}),
       "testkit");
}

std::vector<Event> Recorder::events() const { return consumer_->events(); }

}  // namespace fc::testkit
