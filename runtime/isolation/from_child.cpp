#include "isolation/from_child.hpp"

#include <algorithm>
#include <cmath>

#include "base/utf8.hpp"
#include "isolation/pack.hpp"
#include "org/tree.hpp"
#include "plugin/audit_outbox.hpp"
#include "plugin/cut.hpp"
#include "plugin/http_text.hpp"
#include "plugin/json_check.hpp"

namespace forecourt::isolation::from_child {
namespace {

constexpr size_t k_body_bytes_max = 16u << 20;
constexpr size_t k_headers_max = 32;
constexpr size_t k_header_bytes_max = 8192;
constexpr size_t k_name_bytes_max = 256;
constexpr size_t k_list_max = 10'000;

/// Texts that are shown to people and written into logs.
std::string utf8(Unpacker& in, size_t bytes_max) {
  std::string text = in.text(bytes_max);
  if (!is_utf8(text)) in.fail();
  return text;
}

Error broken(const char* what) { return invalid(std::string(what) + " that breaks the rules"); }

}  // namespace

std::string shown(std::string_view text, size_t bytes_max) {
  text = plugin::cut_utf8(text, bytes_max);
  return is_utf8(text) ? std::string(text) : std::string("(not UTF-8)");
}

Result<http::Response> response(std::string_view bytes) {
  Unpacker in(bytes);
  http::Response response;
  response.status = static_cast<int>(in.integer(200, 599));
  response.media_type = in.text(k_name_bytes_max);
  if (!response.media_type.empty() && !plugin::is_media_type(response.media_type)) in.fail();
  response.headers.resize(in.count(k_headers_max, 16));
  size_t header_bytes = 0;
  for (auto& [name, value] : response.headers) {
    name = in.text(k_header_bytes_max);
    value = in.text(k_header_bytes_max);
    header_bytes += name.size() + value.size();
    if (!plugin::is_header_name(name) || !plugin::is_header_value(value) ||
        plugin::is_host_header(name) || header_bytes > k_header_bytes_max) {
      in.fail();
    }
  }
  response.body = in.text(k_body_bytes_max);
  if ((response.status == 204 || response.status == 304) && !response.body.empty()) in.fail();
  if (!in.done()) return broken("a reply");
  return response;
}

Result<events::History> history(std::string_view bytes) {
  Unpacker in(bytes);
  events::History history;
  history.epochs.resize(in.count(k_list_max, 16));
  for (events::EpochStart& start : history.epochs) {
    start.epoch = utf8(in, k_name_bytes_max);
    start.first_number = in.integer(1, INT64_MAX);
  }
  history.head = in.integer(0, INT64_MAX - 1);
  history.oldest = in.integer(1, INT64_MAX);
  if (history.epochs.empty() || history.oldest > history.head + 1) in.fail();
  if (!in.done()) return broken("a history");
  return history;
}

Result<events::Page> page(std::string_view bytes, const events::PageRequest& request,
                          const std::string& plugin, const std::vector<std::string>& publishes) {
  Unpacker in(bytes);
  events::Page page;
  page.epoch = utf8(in, k_name_bytes_max);
  page.through = in.integer(0, INT64_MAX - 1);
  page.more = in.flag();
  page.gap = in.flag();
  page.events.resize(in.count(request.events_max, 80));
  int64_t last = request.after;
  for (events::Event& event : page.events) {
    event.number = in.integer(last + 1, INT64_MAX - 1);
    last = event.number;
    event.id = utf8(in, events::k_attribute_bytes_max);
    event.type = in.text(events::k_attribute_bytes_max);
    event.source = in.text(events::k_attribute_bytes_max);
    event.subject = utf8(in, events::k_attribute_bytes_max);
    event.org = in.text(events::k_attribute_bytes_max);
    event.time_ms = in.integer(0, INT64_MAX);
    event.data = in.text(events::k_data_bytes_max);
    event.trace_id = utf8(in, events::k_attribute_bytes_max);
    event.sampled = in.flag();
    const bool wanted = request.types.empty() ||
                        std::ranges::find(request.types, event.type) != request.types.end();
    const bool allowed = std::ranges::find(publishes, event.type) != publishes.end();
    if (!wanted || !allowed || event.source != plugin || event.id.empty() ||
        !org::is_org_id(event.org) || !plugin::is_json(event.data)) {
      in.fail();
    }
    if (!in.ok()) break;
  }
  if (page.through < last && !page.gap) in.fail();
  if (!in.done()) return broken("a page of events");
  return page;
}

Result<plugin::PluginData::Audit> audit(std::string_view bytes, size_t entries_max) {
  Unpacker in(bytes);
  plugin::PluginData::Audit audit;
  audit.epoch = utf8(in, k_name_bytes_max);
  audit.entries.resize(in.count(entries_max, 56));
  int64_t last = 0;
  for (org::NumberedEntry& one : audit.entries) {
    one.number = in.integer(last + 1, INT64_MAX - 1);
    last = one.number;
    one.entry.at_ms = in.integer(0, INT64_MAX);
    one.entry.actor = utf8(in, k_name_bytes_max);
    one.entry.org = in.text(k_name_bytes_max);
    one.entry.action = in.text(k_name_bytes_max);
    one.entry.subject = utf8(in, 512);
    one.entry.detail = in.text(64u << 10);
    if (!plugin::is_outbox_action(one.entry.action) ||
        !(one.entry.org.empty() || org::is_org_id(one.entry.org)) ||
        !(one.entry.detail.empty() || plugin::is_json_object(one.entry.detail))) {
      in.fail();
    }
    if (!in.ok()) break;
  }
  if (!in.done()) return broken("a page of audit entries");
  return audit;
}

Result<std::vector<events::Parked>> parked_events(std::string_view bytes) {
  Unpacker in(bytes);
  std::vector<events::Parked> list(in.count(1'000'000, 64));
  for (events::Parked& one : list) {
    one.publisher = utf8(in, events::k_attribute_bytes_max);
    one.number = in.integer(0, INT64_MAX);
    one.type = utf8(in, events::k_attribute_bytes_max);
    one.subject = utf8(in, events::k_attribute_bytes_max);
    one.state = utf8(in, 16);
    one.attempts = static_cast<int>(in.integer(0, INT32_MAX));
    one.due_ms = in.integer();
    one.reason = shown(in.view(), 4096);
    if (!in.ok()) break;
  }
  if (!in.done()) return broken("a list of parked events");
  return list;
}

Result<std::vector<jobs::Job>> parked_jobs(std::string_view bytes) {
  Unpacker in(bytes);
  std::vector<jobs::Job> list(in.count(1'000'000, 64));
  for (jobs::Job& one : list) {
    one.kind = utf8(in, 1024);
    one.key = utf8(in, 1024);
    one.org = utf8(in, k_name_bytes_max);
    one.due_ms = in.integer();
    one.payload = utf8(in, 256u << 10);
    one.attempts = static_cast<int>(in.integer(0, INT32_MAX));
    one.state = utf8(in, 16);
    one.reason = shown(in.view(), 4096);
    if (!in.ok()) break;
  }
  if (!in.done()) return broken("a list of parked jobs");
  return list;
}

Result<State> state(std::string_view bytes) {
  Unpacker in(bytes);
  State state;
  state.lane.stuck = in.flag();
  state.lane.read_only_reason = shown(in.view());
  state.lane.queued = static_cast<size_t>(in.integer(0, INT32_MAX));
  state.alarms.resize(in.count(100));
  for (std::string& alarm : state.alarms) alarm = shown(in.view(), 1024);
  if (!in.done()) return broken("a state");
  return state;
}

Result<Sample> sample(std::string_view bytes) {
  Unpacker in(bytes);
  Sample sample;
  sample.observed = in.flag();
  sample.name = in.text(k_name_bytes_max);
  sample.label = in.text(k_name_bytes_max);
  sample.value = in.real();
  if (!in.done() || !std::isfinite(sample.value)) return broken("a metric");
  return sample;
}

Result<storage::RowsPage> rows_page(std::string_view bytes) {
  Unpacker in(bytes);
  storage::RowsPage page;
  page.more = in.flag();
  page.rows = in.text();
  if (!in.done()) return broken("a page of rows");
  return page;
}

Result<storage::ChangesPage> changes_page(std::string_view bytes) {
  Unpacker in(bytes);
  storage::ChangesPage page;
  page.left = static_cast<size_t>(in.integer(0, INT32_MAX));
  page.changes = in.text();
  if (!in.done()) return broken("a page of changed rows");
  return page;
}

Result<SourceAsk> source_ask(std::string_view bytes) {
  Unpacker in(bytes);
  SourceAsk ask;
  ask.publisher = utf8(in, k_name_bytes_max);
  ask.rest = in.view();
  if (!in.done()) return broken("an ask for events");
  return ask;
}

Result<BlobAsk> blob_ask(std::string_view bytes) {
  Unpacker in(bytes);
  BlobAsk ask;
  ask.call = static_cast<uint64_t>(in.integer());
  ask.offset = static_cast<uint64_t>(in.integer(0, INT64_MAX));
  ask.size = static_cast<uint64_t>(in.integer(0, 1 << 20));
  if (!in.done()) return broken("an ask for a body");
  return ask;
}

}  // namespace forecourt::isolation::from_child
