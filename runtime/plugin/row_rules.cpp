#include "plugin/row_rules.hpp"

#include <algorithm>
#include <array>

#include "base/utf8.hpp"
#include "events/outbox.hpp"
#include "org/tree.hpp"
#include "plugin/answers.hpp"
#include "plugin/audit_outbox.hpp"
#include "plugin/http_text.hpp"
#include "plugin/json_check.hpp"

namespace forecourt::plugin {
namespace {

constexpr size_t k_name_bytes_max = 1024;
constexpr size_t k_text_bytes_max = 4096;
constexpr int64_t k_number_max = INT64_MAX / 2;

/// A row by the names of its columns.
class Row {
 public:
  Row(const storage::TableShape& table, std::span<const storage::Value> values)
      : table_(table), values_(values) {}

  int64_t number(std::string_view column) const { return at(column).as_integer; }
  std::string_view bytes(std::string_view column) const { return at(column).bytes(); }
  bool is_counted(std::string_view column) const {
    return number(column) >= 0 && number(column) < k_number_max;
  }
  bool is_text(std::string_view column, size_t bytes_max) const {
    return bytes(column).size() <= bytes_max && is_utf8(bytes(column));
  }
  bool is_name(std::string_view column) const {
    return !bytes(column).empty() && is_text(column, k_name_bytes_max);
  }

 private:
  const storage::Value& at(std::string_view column) const {
    static const storage::Value k_none;
    for (size_t i = 0; i < table_.columns.size(); ++i) {
      if (table_.columns[i].name == column) return values_[i];
    }
    return k_none;
  }

  const storage::TableShape& table_;
  const std::span<const storage::Value> values_;
};

bool is_epoch(const Row& row) { return !row.bytes("epoch").empty() && row.is_text("epoch", 256); }

/// What publisher and subscriber tell each other.
bool is_event(const Row& row) {
  return row.is_counted("number") && row.is_name("id") && row.is_name("type") &&
         row.is_name("source") && row.is_text("subject", events::k_attribute_bytes_max) &&
         org::is_org_id(row.bytes("org")) && row.number("time_ms") >= 0 &&
         row.is_text("trace_id", events::k_attribute_bytes_max) &&
         row.bytes("data").size() <= events::k_data_bytes_max && is_json(row.bytes("data"));
}

bool is_one_of(std::string_view text, std::initializer_list<std::string_view> texts) {
  return std::ranges::find(texts, text) != texts.end();
}

bool is_org_or_none(std::string_view org) { return org.empty() || org::is_org_id(org); }

bool is_answer(const Row& row) {
  if (row.number("status") < 200 || row.number("status") > 599 || row.number("created_ms") < 0)
    return false;
  const http::Response answer =
      unpack_answer(static_cast<int>(row.number("status")), row.bytes("media_type"), {});
  return (answer.media_type.empty() || is_media_type(answer.media_type)) &&
         std::ranges::all_of(answer.headers, [](const auto& header) {
           return is_header_name(header.first) && is_header_value(header.second) &&
                  !is_host_header(header.first);
         });
}

bool is_parked(const Row& row) {
  return is_event(row) && is_epoch(row) && row.is_counted("sequence") && row.is_name("publisher") &&
         is_one_of(row.bytes("state"), {"retrying", "parked", "behind"}) &&
         row.is_counted("attempts") && row.is_text("reason", k_text_bytes_max);
}

bool is_job(const Row& row) {
  return row.is_counted("number") && row.is_name("kind") && row.is_name("key") &&
         is_org_or_none(row.bytes("org")) && row.is_counted("attempts") &&
         is_one_of(row.bytes("state"), {"waiting", "parked"}) &&
         row.is_text("reason", k_text_bytes_max);
}

}  // namespace

Result<void> RowRules::check(const storage::TableShape& table,
                             std::span<const storage::Value> values) const {
  if (!table.name.starts_with("fc_")) return {};
  const Row row(table, values);
  bool good = false;
  if (table.name == "fc_idempotency") {
    good = is_answer(row) && row.is_counted("number");
  } else if (table.name == "fc_outbox") {
    good = is_event(row) && row.bytes("source") == plugin_ &&
           std::ranges::find(publishes_, row.bytes("type")) != publishes_.end();
  } else if (table.name == "fc_epoch") {
    good = is_epoch(row) && row.is_counted("position") && row.number("first_number") >= 1 &&
           row.is_counted("first_number");
  } else if (table.name == "fc_subscriber") {
    good = row.is_name("name") && is_epoch(row) && row.is_counted("number");
  } else if (table.name == "fc_cursor") {
    good = row.is_name("publisher") && is_epoch(row) && row.is_counted("number");
  } else if (table.name == "fc_parked") {
    good = is_parked(row);
  } else if (table.name == "fc_attempt") {
    good = row.is_name("work") && row.is_counted("crashes") && row.is_counted("unexplained");
  } else if (table.name == "fc_job") {
    good = is_job(row);
  } else if (table.name == "fc_audit_outbox") {
    good = row.is_counted("number") && row.number("at_ms") >= 0 && row.is_text("actor", 256) &&
           is_org_or_none(row.bytes("org")) && is_outbox_action(row.bytes("action")) &&
           row.is_text("subject", 512) && row.bytes("detail").size() <= (64u << 10) &&
           (row.bytes("detail").empty() || is_json_object(row.bytes("detail")));
  }
  if (good) return {};
  return invalid("table " + table.name + ": a row that the host would not have written");
}

}  // namespace forecourt::plugin
