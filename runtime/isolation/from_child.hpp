#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "isolation/messages.hpp"

/// What the host reads of a child, which may be anybody by now: each is copied, then held to the
/// same rules as what a plugin in this process may do. An error says which rule was broken.
namespace forecourt::isolation::from_child {

/// As `reply` and `reply_header` of fc.http/1 take it.
Result<http::Response> response(std::string_view bytes);
Result<events::History> history(std::string_view bytes);
/// The answer to `request`; every event is one that `plugin` may publish: `publishes`.
Result<events::Page> page(std::string_view bytes, const events::PageRequest& request,
                          const std::string& plugin, const std::vector<std::string>& publishes);
/// As `record` of fc.audit/1 takes it.
Result<plugin::PluginData::Audit> audit(std::string_view bytes, size_t entries_max);
Result<std::vector<events::Parked>> parked_events(std::string_view bytes);
Result<std::vector<jobs::Job>> parked_jobs(std::string_view bytes);
Result<State> state(std::string_view bytes);
Result<Sample> sample(std::string_view bytes);

/// Pages of its store's rows; what the rows hold is the loader's to check.
Result<storage::RowsPage> rows_page(std::string_view bytes);
Result<storage::ChangesPage> changes_page(std::string_view bytes);

/// Which publisher an ask about an outbox names, and the rest of it.
struct SourceAsk {
  std::string publisher;
  std::string_view rest;
};
Result<SourceAsk> source_ask(std::string_view bytes);
struct BlobAsk {
  uint64_t call = 0;
  uint64_t offset = 0;
  uint64_t size = 0;
};
Result<BlobAsk> blob_ask(std::string_view bytes);
/// Text for the log or an admin: what is not UTF-8 is not shown.
std::string shown(std::string_view text, size_t bytes_max = 512);

}  // namespace forecourt::isolation::from_child
