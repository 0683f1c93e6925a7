// What the host asks of the plugin in its own process.
#include <thread>

#include "isolation/guest.hpp"
#include "isolation/wire_source.hpp"

namespace forecourt::isolation {
namespace {

constexpr std::chrono::seconds k_patience{10};

}  // namespace

/// Everything the host asks may wait for the store or for the host.
void Guest::take_ask(const Frame& frame) {
  const uint64_t number = frame.number;
  const auto verb = static_cast<Verb>(frame.verb);
  auto work = [this, number, verb, body = std::string(frame.payload)] {
    channel_->answer(number, serve(verb, body));
    if (verb == Verb::stop) channel_->close();
  };
  // Its workers may all be held up by the plugin; ending it may not.
  if (verb == Verb::settle || verb == Verb::stop) {
    std::thread(std::move(work)).detach();
  } else if (!workers_.submit(std::move(work))) {
    channel_->answer(number, Error{Code::unavailable, "the plugin's process is busy"});
  }
}

Result<std::string> Guest::serve(Verb verb, std::string_view body) {
  if (!ready_) return Error{Code::unavailable, "it does not run yet"};
  if (is_source_verb(verb)) {
    auto request = unpack_source_request(verb, body);
    if (!request) return request.error();
    const auto source = dispatcher_.source(id_);
    if (!source || request->publisher != id_) return not_found("no such outbox here");
    if (verb == Verb::source_page && !request->page.confirmed.epoch.empty())
      dispatcher_.note_reader(id_, {request->page.reader, request->page.confirmed});
    return isolation::serve(*request, *source);
  }
  Unpacker in(body);
  switch (verb) {
    case Verb::settle: return settle(in.integer());
    case Verb::stop: return stop(in.integer());
    case Verb::copy_begin:
    case Verb::copy_stand_still:
    case Verb::copy_go_on:
    case Verb::copy_end:
    case Verb::copy_rows:
    case Verb::copy_changes:
    case Verb::copy_sequences: return serve_copy(verb, body);
    case Verb::set_tree: {
      auto tree = unpack_tree(body);
      if (!tree) return tree.error();
      tree_.set(std::move(*tree));
      auto told = live_->tree_changed();
      if (!told) return told.error();
      return std::string();
    }
    case Verb::set_config: {
      auto document = json::parse(body);
      if (!document) return document.error();
      auto values = config::ConfigValues::parse(*document, *candidate_->config_schema, "config");
      if (!values) return values.error();
      if (auto set = live_->set_config(*values); !set) return set.error();
      return std::string();
    }
    case Verb::audit:
    case Verb::audit_chained: return serve_data(verb, in);
    case Verb::drain_events:
      if (dispatcher_.drain(in.integer())) return std::string();
      return Error{Code::cancelled, "events are still being handled"};
    case Verb::drain_jobs:
      if (scheduler_.drain(in.integer())) return std::string();
      return Error{Code::cancelled, "jobs are still being run"};
    case Verb::parked_jobs:
    case Verb::replay_job:
    case Verb::drop_job: return serve_jobs(verb, in);
    default: return serve_events(verb, in);
  }
}

Result<std::string> Guest::serve_data(Verb verb, Unpacker& in) {
  plugin::StoreData data(store_);
  const int64_t number = in.integer();
  if (verb == Verb::audit) {
    auto audit = data.audit(number);
    if (!audit) return audit.error();
    return pack(*audit);
  }
  auto done = data.audit_chained(number);
  if (!done) return done.error();
  return std::string();
}

Result<std::string> Guest::serve_jobs(Verb verb, Unpacker& in) {
  if (verb == Verb::parked_jobs) {
    auto parked = scheduler_.parked(id_);
    if (!parked) return parked.error();
    return pack(*parked);
  }
  const std::string kind = in.text();
  const std::string key = in.text();
  const auto done = verb == Verb::replay_job ? scheduler_.replay(id_, kind, key)
                                             : scheduler_.drop(id_, kind, key);
  if (!done) return done.error();
  return std::string();
}

Result<std::string> Guest::serve_events(Verb verb, Unpacker& in) {
  if (verb == Verb::parked_events) {
    auto parked = dispatcher_.parked(id_);
    if (!parked) return parked.error();
    return pack(*parked);
  }
  const std::string publisher = in.text();
  Result<void> done;
  switch (verb) {
    case Verb::attach_publisher: attach_publisher(publisher); break;
    case Verb::detach_publisher: dispatcher_.detach(publisher); break;
    case Verb::replay_event: done = dispatcher_.replay(id_, publisher, in.integer()); break;
    case Verb::drop_event: done = dispatcher_.drop(id_, publisher, in.integer()); break;
    case Verb::resume_events: done = dispatcher_.resume(id_, publisher); break;
    default: return invalid("an ask of no known kind");
  }
  if (!done) return done.error();
  return std::string();
}

void Guest::attach_publisher(const std::string& publisher) {
  if (publisher == id_) return;  // attached with its store
  const auto ask = [this](Verb verb, const std::string& body) {
    return channel_->ask_and_wait(number_of(verb), body, k_patience);
  };
  dispatcher_.attach_publisher(publisher,
                               std::make_shared<WireSource>(publisher, candidate_->consumes, ask));
}

/// What the host asks for a copy of the store; the first of a copy ends the one before.
Result<std::string> Guest::serve_copy(Verb verb, std::string_view body) {
  std::lock_guard lock(copy_mutex_);
  if (!copy_) {
    auto dump = storage::dump_store(store_);
    if (!dump) return dump.error();
    copy_ = std::move(*dump);
  }
  const auto answered = [](const Result<void>& done) {
    return done ? Result<std::string>(std::string()) : Result<std::string>(done.error());
  };
  const auto packed = [](const auto& page) {
    return page ? Result<std::string>(pack(*page)) : Result<std::string>(page.error());
  };
  switch (verb) {
    case Verb::copy_begin:
    case Verb::copy_stand_still: {
      auto tables = unpack_tables(body);
      if (!tables) return tables.error();
      return answered(verb == Verb::copy_begin ? copy_->begin(*tables)
                                               : copy_->stand_still(*tables));
    }
    case Verb::copy_go_on: return answered(copy_->go_on());
    case Verb::copy_changes: return packed(copy_->changes());
    case Verb::copy_sequences: return copy_->sequences();
    case Verb::copy_end: copy_.reset(); return std::string();
    default: break;
  }
  Unpacker in(body);
  const auto table = static_cast<size_t>(in.integer());
  return packed(copy_->rows(table, in.view()));
}

/// From here on nothing is written any more.
Result<std::string> Guest::settle(int64_t timeout_ms) {
  dispatcher_.detach(id_);
  scheduler_.detach(id_);
  dispatcher_.stop();
  scheduler_.stop();
  if (!live_->drain(timeout_ms)) return Error{Code::cancelled, "calls do not end"};
  return std::string();
}

Result<std::string> Guest::stop(int64_t timeout_ms) {
  if (auto settled = settle(timeout_ms); !settled) return settled;
  live_->close();
  {
    std::lock_guard lock(copy_mutex_);
    copy_.reset();
  }
  handler_.reset();
  live_.reset();
  std::shared_ptr<storage::Store> store;
  {
    std::lock_guard lock(store_mutex_);
    store = std::move(store_);
  }
  return std::string();
}

}  // namespace forecourt::isolation
