#include "webhooks/webhooks.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "base/log.hpp"
#include "events/cursor.hpp"
#include "events/rows.hpp"
#include "events/schema.hpp"
#include "webhooks/signature.hpp"

namespace forecourt::webhooks {

using storage::Session;

namespace {

constexpr int64_t k_prune_interval_ns = 60'000'000'000;

std::vector<std::string> schema() {
  std::vector<std::string> statements = events::host_schema();
  for (std::string& statement : delivery_schema()) statements.push_back(std::move(statement));
  return statements;
}

std::string publisher_of(std::string_view type) {
  return std::string(type.substr(0, type.find('.')));
}

}  // namespace

struct Webhooks::Entry {
  Webhook webhook;
  std::string key;     // empty: its secret does not open
  std::string former;  // empty: none
};

/// The host's handler of events.
class Webhooks::Consumer final : public events::Consumer {
 public:
  explicit Consumer(Webhooks& owner) : owner_(owner) {}

  Result<std::unique_ptr<events::Prepared>> prepare(const events::Event&) override {
    return std::unique_ptr<events::Prepared>(new Waker(*owner_.sender_));
  }

  Result<void> handle(Session& session, const events::Event& event, events::Prepared*) override {
    const auto catalog = owner_.catalog();
    const auto tree = owner_.parts_.directory->snapshot();
    const int64_t now_ms = owner_.parts_.clock->now_ms();
    for (const Entry& entry : *catalog) {
      const Webhook& webhook = entry.webhook;
      if (!webhook.enabled || std::ranges::find(webhook.types, event.type) == webhook.types.end() ||
          !tree->within(event.org, webhook.org)) {
        continue;
      }
      if (auto added = add_delivery(session, webhook.id, event, now_ms); !added) return added;
    }
    return {};
  }

 private:
  /// Freed when what the handler wrote is on disk: then the sender can see it.
  class Waker final : public events::Prepared {
   public:
    explicit Waker(Sender& sender) : sender_(sender) {}
    ~Waker() override { sender_.wake(); }

   private:
    Sender& sender_;
  };

  Webhooks& owner_;
};

Result<std::unique_ptr<Webhooks>> Webhooks::open(Parts parts) {
  std::unique_ptr<Webhooks> webhooks(new Webhooks(std::move(parts)));
  Webhooks& self = *webhooks;
  storage::StoreOptions options;
  options.folder = self.parts_.folder;
  options.clock = self.parts_.clock;
  options.host_schema = schema();
  auto store = storage::Store::open(std::move(options));
  if (!store) return Error{store.error().code, "the store of webhooks: " + store.error().message};
  self.store_ = *std::move(store);
  if (auto loaded = self.load(); !loaded) return loaded.error();
  self.sender_ = std::make_unique<Sender>(Sender::Parts{
      self.store_.get(), self.parts_.clock, self.parts_.terms, [&self] { return self.endpoints(); },
      [&self](const std::string& webhook) {
        self.disable(webhook, "the endpoint answered 410 Gone");
      }});
  return webhooks;
}

Webhooks::~Webhooks() { stop(); }

Result<void> Webhooks::start() {
  std::lock_guard changing(changing_);
  if (auto subscribed = subscribe(); !subscribed) return subscribed;
  started_ = true;
  sender_->start();
  return {};
}

void Webhooks::stop() {
  if (sender_) sender_->stop();
}

void Webhooks::wake() { sender_->wake(); }

void Webhooks::changed() {
  {
    std::lock_guard changing(changing_);
    auto done = load();
    if (done && started_) done = subscribe();
    dirty_ = !done.ok();
    if (!done) log::error("webhooks", "changes wait", {{"reason", done.error().message}});
  }
  sender_->wake();
}

Result<std::vector<Webhook>> Webhooks::list() const {
  std::vector<Webhook> all;
  auto read = parts_.directory->store().read(0, [&all](Session& session) -> Result<void> {
    auto loaded = load_webhooks(session);
    if (!loaded) return std::move(loaded).error();
    all = *std::move(loaded);
    return {};
  });
  if (!read) return std::move(read).error();
  return all;
}

Result<Webhook> Webhooks::find(std::string_view id) const {
  auto all = list();
  if (!all) return std::move(all).error();
  for (Webhook& webhook : *all) {
    if (webhook.id == id) return std::move(webhook);
  }
  return not_found("there is no webhook \"" + std::string(id) + "\"");
}

Result<void> Webhooks::load() {
  auto all = list();
  if (!all) return std::move(all).error();
  auto fresh = std::make_shared<Catalog>();
  const auto open = [this](const Webhook& webhook, const std::string& sealed) -> std::string {
    if (sealed.empty()) return {};
    const auto secret = parts_.sealer.open(webhook.id, sealed);
    const auto key = secret ? secret_bytes(*secret) : Result<std::string>(internal(""));
    if (key) return *key;
    log::error("webhooks", "a secret does not open with this host's key: rotate it",
               {{"webhook", webhook.id}});
    return {};
  };
  for (Webhook& webhook : *all) {
    std::string key = open(webhook, webhook.secret);
    std::string former = open(webhook, webhook.former);
    fresh->push_back({std::move(webhook), std::move(key), std::move(former)});
  }
  std::lock_guard lock(mutex_);
  catalog_ = std::move(fresh);
  return {};
}

std::shared_ptr<const Webhooks::Catalog> Webhooks::catalog() const {
  std::lock_guard lock(mutex_);
  return catalog_;
}

std::vector<Endpoint> Webhooks::endpoints() const {
  const auto catalog = this->catalog();
  const int64_t now_ms = parts_.clock->now_ms();
  std::vector<Endpoint> all;
  for (const Entry& entry : *catalog) {
    if (!entry.webhook.enabled || entry.key.empty()) continue;
    Endpoint endpoint{entry.webhook.id, entry.webhook.url, {entry.key}};
    if (!entry.former.empty() && now_ms < entry.webhook.former_until_ms)
      endpoint.keys.push_back(entry.former);
    all.push_back(std::move(endpoint));
  }
  return all;
}

/// Reads what enabled webhooks want, and nothing of other publishers.
Result<void> Webhooks::subscribe() {
  std::set<std::string> wanted;
  for (const Entry& entry : *catalog()) {
    if (entry.webhook.enabled)
      wanted.insert(entry.webhook.types.begin(), entry.webhook.types.end());
  }
  std::vector<std::string> types(wanted.begin(), wanted.end());
  if (started_ && types == subscribed_ && !dirty_) return {};
  events::Subscription subscription;
  subscription.subscriber = k_subscriber;
  subscription.store = store_.get();
  subscription.consumer = std::make_shared<Consumer>(*this);
  subscription.types = types;
  auto subscribed = parts_.dispatcher->subscribe(std::move(subscription));
  if (!subscribed) return subscribed;
  subscribed_ = types;
  return forget_unread(types);
}

/// A publisher nobody wants any more keeps nothing for us, and is read from its head when somebody
/// wants it again. One that does not run now is left for the next time.
Result<void> Webhooks::forget_unread(const std::vector<std::string>& types) {
  std::vector<std::string> read;
  auto listed = store_->read(0, [&read](Session& session) -> Result<void> {
    auto rows = session.query("SELECT publisher FROM fc_cursor");
    if (!rows) return std::move(rows).error();
    auto all = events::collect<std::string>(
        *rows, [](auto columns) { return events::string(columns[0]); });
    if (!all) return std::move(all).error();
    read = *std::move(all);
    return {};
  });
  if (!listed) return listed;
  for (const std::string& publisher : read) {
    const bool wanted = std::ranges::any_of(
        types, [&](const std::string& type) { return publisher_of(type) == publisher; });
    if (wanted) continue;
    auto forgotten = parts_.dispatcher->forget(publisher, k_subscriber);
    if (!forgotten && forgotten.error().code == Code::unavailable) continue;
    if (!forgotten && forgotten.error().code != Code::not_found) return forgotten;
    auto erased = store_->lane().run_now([&publisher](Session& session) -> Result<void> {
      auto deleted =
          session.execute("DELETE FROM fc_cursor WHERE publisher = $1", {events::text(publisher)});
      if (!deleted) return std::move(deleted).error();
      return {};
    });
    if (!erased) return erased;
  }
  return {};
}

void Webhooks::disable(const std::string& webhook, const std::string& reason) {
  auto done = parts_.directory->write([&](Session& session, const org::Snapshot&) -> Result<void> {
    auto all = load_webhooks(session);
    if (!all) return std::move(all).error();
    for (Webhook& found : *all) {
      if (found.id != webhook || !found.enabled) continue;
      found.enabled = false;
      found.reason = reason;
      return update_webhook(session, found);
    }
    return {};
  });
  if (!done) {
    log::error("webhooks", "a webhook is not disabled as it should be",
               {{"webhook", webhook}, {"reason", done.error().message}});
    return;
  }
  log::warn("webhooks", "a webhook is disabled", {{"webhook", webhook}, {"reason", reason}});
  changed();
}

void Webhooks::housekeep() {
  bool dirty = false;
  {
    std::lock_guard changing(changing_);
    dirty = dirty_;
  }
  if (dirty) changed();

  std::set<std::string> known;
  {
    std::lock_guard changing(changing_);
    const int64_t now_ns = parts_.clock->monotonic_ns();
    if (pruned_ns_ != 0 && now_ns - pruned_ns_ < k_prune_interval_ns) return;
    pruned_ns_ = now_ns;
    for (const Entry& entry : *catalog()) known.insert(entry.webhook.id);
  }
  bool more = true;
  std::map<std::string, int64_t> overfull;
  while (more) {
    auto pruned = store_->lane().run_now([&](Session& session) -> Result<void> {
      auto left = prune_deliveries(session, known, k_keep);
      if (!left) return std::move(left).error();
      more = *left;
      auto full = overfull_webhooks(session, k_open_max);
      if (!full) return std::move(full).error();
      overfull = *std::move(full);
      return {};
    });
    if (!pruned) {
      log::warn("webhooks", "deliveries are not pruned", {{"reason", pruned.error().message}});
      break;
    }
  }
  // One that is catching up is left alone.
  for (const auto& [webhook, open] : overfull) {
    const auto before = overfull_.find(webhook);
    if (before == overfull_.end() || open <= before->second) continue;
    disable(webhook, "more than " + std::to_string(k_open_max) +
                         " deliveries wait; enable it when the endpoint answers again");
  }
  overfull_ = std::move(overfull);
}

}  // namespace forecourt::webhooks
