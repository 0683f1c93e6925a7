#include "isolation/messages.hpp"

#include "isolation/pack.hpp"
#include "org/snapshot_builder.hpp"

namespace forecourt::isolation {
namespace {

constexpr size_t k_list_max = 10'000;

}  // namespace

std::string pack(const Start& start) {
  Packer out;
  out.put(start.manifest).put(start.place).put(start.descriptor).put(start.openapi);
  out.list(start.migrations, [](Packer& to, const auto& migration) {
    to.put(migration.first).put(migration.second);
  });
  out.put(start.library).put(start.folder).put(start.generation).put(start.tree);
  out.put(start.secrets)
      .put(start.policy)
      .put(start.around)
      .put(start.sandbox_minimum)
      .put(start.log_level);
  out.put(start.shared_clock ? 1 : 0);
  return out.take();
}

Result<Start> unpack_start(std::string_view bytes) {
  Unpacker in(bytes);
  Start start;
  start.manifest = in.text();
  start.place = in.text();
  start.descriptor = in.text();
  start.openapi = in.text();
  start.migrations.resize(in.count(10'000));
  for (auto& [name, text] : start.migrations) {
    name = in.text();
    text = in.text();
  }
  start.library = in.text();
  start.folder = in.text();
  start.generation = in.integer();
  start.tree = in.text();
  start.secrets = in.text();
  start.policy = in.text();
  start.around = in.text();
  start.sandbox_minimum = in.texts();
  start.log_level = in.integer();
  start.shared_clock = in.flag();
  if (!in.done()) return invalid("a start that cannot be read");
  return start;
}

std::string pack_tree(const org::Snapshot& tree) {
  Packer out;
  out.put(tree.version).put(tree.orgs().size());
  for (const auto& [id, org] : tree.orgs())
    out.put(org.id).put(org.parent).put(org.kind).put(org.name).put(org.timezone);
  return out.take();
}

Result<std::shared_ptr<const org::Snapshot>> unpack_tree(std::string_view bytes) {
  Unpacker in(bytes);
  const int64_t version = in.integer();
  org::SnapshotBuilder builder;
  for (size_t left = in.count(10'000'000, 40); left > 0; --left) {
    org::Org org;
    org.id = in.text();
    org.parent = in.text();
    org.kind = in.text();
    org.name = in.text();
    org.timezone = in.text();
    builder.add(std::move(org));
  }
  if (!in.done()) return invalid("a tree that cannot be read");
  return builder.build(version);
}

std::string pack(const http::Request& request) {
  // Heads, ids and numbers fit into half a kilobyte; what does not costs a move.
  Packer out(512 + request.target.size() * 2 + request.body.size());
  out.put(request.operation_id).put(request.operation).put(request.method).put(request.target);
  out.list(request.parameters, [](Packer& to, const http::Parameter& one) {
    to.put(static_cast<int>(one.in)).put(one.name).put(one.value);
  });
  out.put(request.media_type).put(request.body);
  out.put(request.blob ? 1 : 0).put(request.blob ? request.blob->size() : 0);
  out.put(request.caller).put(request.org).put(request.idempotency_key);
  out.put(std::string_view(reinterpret_cast<const char*>(request.fingerprint.data()),
                           request.fingerprint.size()));
  out.put(request.admitted_ms).put(request.deadline_monotonic_ns).put(request.trace_id);
  out.put(request.sampled ? 1 : 0).put(request.credential_ends_ms);
  return out.take();
}

Result<void> unpack(std::string_view bytes, Received& received) {
  received.bytes = bytes;
  Unpacker in(received.bytes);
  http::Request& request = received.request;
  request.operation_id = in.view();
  request.operation = static_cast<uint32_t>(in.integer());
  request.method = in.view();
  request.target = in.view();
  request.parameters.resize(in.count(4096, 24));
  for (http::Parameter& one : request.parameters) {
    one.in = static_cast<http::In>(in.integer(1, 3));
    one.name = in.view();
    one.value = in.view();
  }
  request.media_type = in.view();
  request.body = in.view();
  received.spooled = in.flag();
  received.blob_size = static_cast<uint64_t>(in.integer());
  request.caller = in.view();
  request.org = in.view();
  request.idempotency_key = in.view();
  const std::string_view fingerprint = in.view();
  request.admitted_ms = in.integer();
  request.deadline_monotonic_ns = in.integer();
  request.trace_id = in.view();
  request.sampled = in.flag();
  request.credential_ends_ms = in.integer();
  if (!in.done() || fingerprint.size() != request.fingerprint.size())
    return invalid("a request that cannot be read");
  std::memcpy(request.fingerprint.data(), fingerprint.data(), fingerprint.size());
  return {};
}

std::string pack(const http::Response& response) {
  Packer out(256 + response.body.size());
  out.put(response.status).put(response.media_type);
  out.list(response.headers,
           [](Packer& to, const auto& header) { to.put(header.first).put(header.second); });
  out.put(response.body);
  return out.take();
}

std::string pack(const events::History& history) {
  Packer out;
  out.list(history.epochs, [](Packer& to, const events::EpochStart& start) {
    to.put(start.epoch).put(start.first_number);
  });
  out.put(history.head).put(history.oldest);
  return out.take();
}

std::string pack(const events::Page& page) {
  Packer out;
  out.put(page.epoch).put(page.through).put(page.more ? 1 : 0).put(page.gap ? 1 : 0);
  out.list(page.events, [](Packer& to, const events::Event& event) {
    to.put(event.number).put(event.id).put(event.type).put(event.source).put(event.subject);
    to.put(event.org).put(event.time_ms).put(event.data).put(event.trace_id);
    to.put(event.sampled ? 1 : 0);
  });
  return out.take();
}

std::string pack(const events::PageRequest& request) {
  Packer out;
  out.put(request.reader).put(request.confirmed.epoch).put(request.confirmed.number);
  out.put(request.after).put(request.types).put(request.events_max);
  return out.take();
}

Result<events::PageRequest> unpack_page_request(std::string_view bytes) {
  Unpacker in(bytes);
  events::PageRequest request;
  request.reader = in.text(256);
  request.confirmed.epoch = in.text(256);
  request.confirmed.number = in.integer(0, INT64_MAX);
  request.after = in.integer(0, INT64_MAX - 4096);
  request.types = in.texts(1024);
  request.events_max = static_cast<size_t>(in.integer(1, 64));
  if (!in.done()) return invalid("a request for events that cannot be read");
  return request;
}

std::string pack(const std::vector<storage::TableShape>& tables) {
  Packer out;
  out.list(tables, [](Packer& to, const storage::TableShape& table) {
    to.put(table.name).put(table.numbered).put(table.keeps_numbers);
    to.list(table.columns, [](Packer& into, const storage::TableShape::Column& column) {
      into.put(column.name).put(column.type).put(column.may_be_null).put(column.position);
    });
    to.list(table.key, [](Packer& into, size_t column) { into.put(column); });
  });
  return out.take();
}

Result<std::vector<storage::TableShape>> unpack_tables(std::string_view bytes) {
  Unpacker in(bytes);
  std::vector<storage::TableShape> tables(in.count(k_list_max));
  for (storage::TableShape& table : tables) {
    table.name = in.text();
    table.numbered = in.flag();
    table.keeps_numbers = in.flag();
    table.columns.resize(in.count(k_list_max));
    for (storage::TableShape::Column& column : table.columns) {
      column.name = in.text();
      column.type = static_cast<uint32_t>(in.integer(0, storage::Value::blob));
      column.may_be_null = in.flag();
      column.position = static_cast<int>(in.integer(-1, INT32_MAX));
    }
    table.key.resize(in.count(k_list_max));
    for (size_t& column : table.key)
      column = static_cast<size_t>(in.integer(0, std::ssize(table.columns) - 1));
  }
  if (!in.done()) return invalid("tables that cannot be read");
  return tables;
}

std::string pack(const storage::RowsPage& page) {
  return Packer().put(page.more).put(page.rows).take();
}

std::string pack(const storage::ChangesPage& page) {
  return Packer().put(page.left).put(page.changes).take();
}

std::string pack(const plugin::PluginData::Audit& audit) {
  Packer out;
  out.put(audit.epoch);
  out.list(audit.entries, [](Packer& to, const org::NumberedEntry& one) {
    to.put(one.number).put(one.entry.at_ms).put(one.entry.actor).put(one.entry.org);
    to.put(one.entry.action).put(one.entry.subject).put(one.entry.detail);
  });
  return out.take();
}

std::string pack(const std::vector<events::Parked>& parked) {
  Packer out;
  out.list(parked, [](Packer& to, const events::Parked& one) {
    to.put(one.publisher).put(one.number).put(one.type).put(one.subject).put(one.state);
    to.put(one.attempts).put(one.due_ms).put(one.reason);
  });
  return out.take();
}

std::string pack(const std::vector<jobs::Job>& jobs) {
  Packer out;
  out.list(jobs, [](Packer& to, const jobs::Job& one) {
    to.put(one.kind).put(one.key).put(one.org).put(one.due_ms).put(one.payload);
    to.put(one.attempts).put(one.state).put(one.reason);
  });
  return out.take();
}

std::string pack(const State& state) {
  Packer out;
  out.put(state.lane.stuck ? 1 : 0).put(state.lane.read_only_reason).put(state.lane.queued);
  out.put(state.alarms);
  return out.take();
}

std::string pack(const Sample& sample) {
  Packer out;
  out.put(sample.observed ? 1 : 0).put(sample.name).put(sample.label).put(sample.value);
  return out.take();
}

}  // namespace forecourt::isolation
