// What a plugin's process says: checked, then done.
#include <algorithm>

#include "isolation/from_child.hpp"
#include "isolation/isolated_plugin.hpp"
#include "plugin/metrics.hpp"

namespace forecourt::isolation {
namespace {

constexpr int k_asks_max = 256;

}  // namespace

Result<void> IsolatedPlugin::take(const Frame& frame) {
  switch (frame.kind) {
    case Kind::reply: return take_reply(frame);
    case Kind::tell: return take_tell(frame);
    case Kind::ask: return take_ask(frame);
    default: return invalid("a frame that is not for a host");
  }
}

Result<void> IsolatedPlugin::take_reply(const Frame& frame) {
  auto response = from_child::response(frame.payload);
  if (!response) return response.error();
  Open open;
  bool last = false;
  {
    std::lock_guard lock(mutex_);
    const auto found = calls_.find(frame.number);
    if (found == calls_.end()) return invalid("a reply to no call that is open");
    open = std::move(found->second);
    calls_.erase(found);
    last = calls_.empty() && phase_ == Phase::draining;
  }
  if (last) changed_.notify_all();
  const int status = response->status;
  conclude(std::move(open), std::move(*response), status);
  return {};
}

Result<void> IsolatedPlugin::take_tell(const Frame& frame) {
  switch (static_cast<Verb>(frame.verb)) {
    case Verb::published:
      if (parts_.dispatcher) parts_.dispatcher->notify(id_);
      return {};
    case Verb::state: {
      auto state = from_child::state(frame.payload);
      if (!state) return state.error();
      if (state->lane.stuck) end_process("a handler is past its deadline and does not return");
      std::lock_guard lock(mutex_);
      state_ = std::move(*state);
      return {};
    }
    case Verb::metric: {
      auto sample = from_child::sample(frame.payload);
      if (!sample) return sample.error();
      plugin::PluginMetrics& metrics = plugin::plugin_metrics();
      // What it refuses here the plugin was refused in its own process too.
      if (sample->observed) {
        metrics.observe(id_, sample->name, sample->label, sample->value);
      } else {
        metrics.count(id_, sample->name, sample->label, sample->value);
      }
      return {};
    }
    case Verb::denied: denials_->add(frame.payload); return {};
    default: return invalid("something of no known kind was told");
  }
}

Result<void> IsolatedPlugin::take_ask(const Frame& frame) {
  if (asks_.fetch_add(1) >= k_asks_max) return invalid("too many asks at once");
  std::shared_ptr<Channel> channel;
  {
    std::lock_guard lock(mutex_);
    channel = connection_;
  }
  const auto self = weak_from_this().lock();
  if (!self || !channel) return Error{Code::cancelled, "it ends"};
  auto work = [self, channel, number = frame.number, verb = static_cast<Verb>(frame.verb),
               body = std::string(frame.payload)] {
    channel->answer(number, self->serve(verb, body));
    self->asks_.fetch_sub(1);
  };
  if (parts_.workers->submit(std::move(work))) return {};
  asks_.fetch_sub(1);
  channel->answer(frame.number, Error{Code::unavailable, "the host is busy"});
  return {};
}

Result<std::string> IsolatedPlugin::serve(Verb verb, std::string_view body) {
  Result<std::string> answer = is_source_verb(verb)      ? serve_source(verb, body)
                               : verb == Verb::read_blob ? serve_blob(body)
                                                         : invalid("an ask of no known kind");
  if (!answer && answer.error().code == Code::invalid) end_process(answer.error().message);
  return answer;
}

Result<std::string> IsolatedPlugin::serve_source(Verb verb, std::string_view body) {
  auto request = unpack_source_request(verb, body);
  if (!request) return request.error();
  const bool granted = publishers_.contains(request->publisher) && verb != Verb::source_forget &&
                       (verb != Verb::source_page ||
                        (!request->page.types.empty() &&
                         std::ranges::all_of(request->page.types, [this](const std::string& type) {
                           return std::ranges::find(consumes_, type) != consumes_.end();
                         })));
  if (!granted) {
    const std::string what = "events of \"" + from_child::shown(request->publisher, 64) + "\"";
    denials_->add(what);
    return Error{Code::denied, what + " are not granted"};
  }
  const auto source = parts_.dispatcher ? parts_.dispatcher->source(request->publisher) : nullptr;
  if (!source) return Error{Code::unavailable, request->publisher + " does not run"};
  request->reader.name = id_;
  request->page.reader = id_;
  if (verb == Verb::source_page && !request->page.confirmed.epoch.empty())
    parts_.dispatcher->note_reader(request->publisher, {id_, request->page.confirmed});
  auto answer = isolation::serve(*request, *source);
  // Another's trouble is not this one's breach.
  if (!answer && answer.error().code == Code::invalid)
    return Error{Code::internal, answer.error().message};
  return answer;
}

Result<std::string> IsolatedPlugin::serve_blob(std::string_view body) {
  auto ask = from_child::blob_ask(body);
  if (!ask) return ask.error();
  std::shared_ptr<http::Exchange> exchange;
  {
    std::lock_guard lock(mutex_);
    const auto found = calls_.find(ask->call);
    if (found != calls_.end()) exchange = found->second.exchange;
  }
  if (!exchange || !exchange->request().blob)
    return Error{Code::stale, "there is no such call, or it has no large body"};
  std::string piece(ask->size, '\0');
  auto got = exchange->request().blob->read(ask->offset, reinterpret_cast<uint8_t*>(piece.data()),
                                            piece.size());
  if (!got) return Error{Code::internal, got.error().message};
  piece.resize(*got);
  return piece;
}

}  // namespace forecourt::isolation
