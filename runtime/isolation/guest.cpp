#include "isolation/guest.hpp"

#include <thread>

#include "plugin/metrics.hpp"
#include "secrets/secret_box.hpp"

namespace forecourt::isolation {
namespace {

constexpr size_t k_payload_max = 1u << 30;  // the host is believed
constexpr size_t k_workers = 8;
constexpr size_t k_work_max = 4096;
constexpr size_t k_denial_bytes_max = 512;
constexpr std::chrono::milliseconds k_state_interval{500};

Result<plugin::Candidate> candidate_of(const Start& start) {
  auto manifest = config::parse_manifest(start.manifest, "manifest");
  if (!manifest) return manifest.error();
  plugin::Bundle texts;
  texts.folder = start.place;
  texts.descriptor_text = start.descriptor;
  texts.openapi = start.openapi;
  for (const auto& [name, text] : start.migrations) texts.migrations.push_back({name, text});
  auto bundle = plugin::parse_bundle(std::move(texts), start.place);
  if (!bundle) return bundle.error();
  return plugin::check_candidate(*manifest, std::move(*bundle));
}

}  // namespace

Guest::Guest(int connection, std::unique_ptr<Clock> clock)
    : own_clock_(std::move(clock)),
      clock_(*own_clock_),
      channel_(std::make_shared<Channel>(connection, k_payload_max)),
      workers_(k_workers, k_work_max) {}

void Guest::run(uint64_t start_number, Start start, Result<sandbox::Report> report) {
  // The start asks the host for events: it cannot hold up who reads the answers.
  std::thread starting([this, start_number, start = std::move(start), report = std::move(report)] {
    auto became = report ? become(start, *report) : Result<std::string>(report.error());
    ready_ = became.ok();
    channel_->answer(start_number, became);
  });
  Channel::Hooks hooks;
  hooks.frame = [this](const Frame& frame) { return take(frame); };
  hooks.tick = [this] { tell_state(); };
  channel_->run(std::move(hooks));
  starting.detach();
}

Result<std::string> Guest::become(const Start& start, const sandbox::Report& report) {
  auto candidate = candidate_of(start);
  if (!candidate) return candidate.error();
  candidate_ = std::move(*candidate);
  // The host records these calls itself.
  for (plugin::Operation& operation : candidate_->bundle.operations) operation.audited = false;
  id_ = candidate_->bundle.descriptor.id;
  auto tree = unpack_tree(start.tree);
  if (!tree) return tree.error();
  tree_.set(std::move(*tree));
  auto store = plugin::open_store(*candidate_, start.folder, clock_);
  if (!store) return store.error();
  store_ = std::move(*store);

  dispatcher_.on_notify([this](const std::string& publisher) {
    if (publisher == id_)
      channel_->send(Kind::tell, number_of(Verb::published), 0, {}, Channel::Leave::soon);
  });
  dispatcher_.on_commit([this](const std::string& plugin) { scheduler_.notify(plugin); });
  scheduler_.on_commit([this](const std::string& plugin) { dispatcher_.notify(plugin); });
  plugin::plugin_metrics().on_sample(
      [this](bool observed, std::string_view name, std::string_view label, double value) {
        channel_->send(Kind::tell, number_of(Verb::metric), 0,
                       pack(Sample{observed, std::string(name), std::string(label), value}),
                       Channel::Leave::soon);
      });
  plugin::Surroundings surroundings;
  surroundings.clock = &clock_;
  surroundings.workers = &workers_;
  surroundings.directory = &tree_;
  surroundings.dispatcher = &dispatcher_;
  surroundings.scheduler = &scheduler_;
  surroundings.secrets = secrets::SecretBox::of_keys(start.secrets);
  if (!surroundings.secrets) return invalid("the plugin's keys cannot be read");
  surroundings.generation = start.generation;
  surroundings.denied = [this](std::string_view what) {
    channel_->send(Kind::tell, number_of(Verb::denied), 0, what.substr(0, k_denial_bytes_max),
                   Channel::Leave::soon);
  };
  auto live = plugin::InProcess::start(*candidate_, start.library, store_, surroundings);
  if (!live) return live.error();
  live_ = std::move(*live);
  handler_ = live_->handler();
  if (auto delivered = live_->deliver(); !delivered) return delivered.error();
  return sandbox::to_json(report);
}

Result<void> Guest::take(const Frame& frame) {
  switch (frame.kind) {
    case Kind::call: return take_call(frame);
    case Kind::ask: take_ask(frame); return {};
    case Kind::cancel: open_calls_.cancel(frame.number); return {};
    case Kind::tell:
      if (frame.verb == number_of(Verb::published)) dispatcher_.notify(std::string(frame.payload));
      return {};
    default: return invalid("a frame that is not for a child");
  }
}

Result<void> Guest::take_call(const Frame& frame) {
  auto made = RemoteExchange::make(*channel_, open_calls_, clock_, frame);
  if (!made) return made.error();
  std::shared_ptr<RemoteExchange> exchange = std::move(*made);
  if (!ready_) {
    exchange->answer(http::problem(503, "plugin-unavailable", "Not available now."));
    return {};
  }
  if (!exchange->spooled()) {
    handler_->handle(std::move(exchange));
    return {};
  }
  // Its body is asked for: not on the thread that reads the answers.
  if (!workers_.submit([handler = handler_, exchange] { handler->handle(exchange); }))
    exchange->answer(http::problem(503, "overloaded", "The plugin's queue is full, try again."));
  return {};
}

void Guest::tell_state() {
  const auto now = std::chrono::steady_clock::now();
  if (!ready_ || now < next_state_) return;
  next_state_ = now + k_state_interval;
  // A store that is being closed has nothing more to say.
  std::shared_ptr<storage::Store> store;
  {
    std::lock_guard lock(store_mutex_);
    store = store_;
  }
  if (!store) return;
  State state;
  state.lane = plugin::StoreData(store).lane();
  state.alarms = dispatcher_.alarms();
  if (state.alarms.size() > 100) state.alarms.resize(100);
  channel_->send(Kind::tell, number_of(Verb::state), 0, pack(state));
}

}  // namespace forecourt::isolation
