#include "batch.hpp"

#include "visibility.hpp"

namespace coupons {
namespace {

[[noreturn]] void refuse_batch(std::string_view why) { fc::refuse(422, "invalid-batch", why); }

int64_t time_of(std::string_view field, const std::string& text) {
  const auto time = fc::parse_rfc3339(text);
  if (!time) refuse_batch(std::string(field) + ": must be an RFC 3339 date-time");
  return *time;
}

void check_kind(const NewBatch& request) {
  if (request.kind == "NORMAL" && !request.amount_fen)
    refuse_batch("amount_fen: a NORMAL batch needs it");
  if (request.kind == "DISCOUNT" && !request.percent_off)
    refuse_batch("percent_off: a DISCOUNT batch needs it");
  if (request.kind == "DISCOUNT" && request.amount_fen)
    refuse_batch("amount_fen: not for a DISCOUNT batch");
  if (request.kind != "DISCOUNT" && request.percent_off)
    refuse_batch("percent_off: only for a DISCOUNT batch");
}

/// An org that is not there and one of another branch are refused with the same words.
void check_stores(const fc::Call& call, const std::vector<std::string>& stores) {
  for (const std::string& store : stores) {
    if (!call.within(store, call.org())) {
      refuse_batch("stores: " + store + " is not an org at or under " + std::string(call.org()));
    }
  }
}

std::optional<std::string> optional_time(const fc::Row& row, uint32_t column) {
  return row.is_null(column) ? std::nullopt : std::optional(fc::rfc3339(row.integer(column)));
}

#define BATCH_SELECT                                                                   \
  "SELECT b.id, b.org, b.name, b.kind, b.threshold_fen, b.amount_fen, b.percent_off,"  \
  " b.total, b.per_member, b.valid_from_ms, b.valid_until_ms, b.valid_days, b.stores," \
  " b.created_at_ms, b.issued, b.used, b.discounted_fen FROM batches b "

Batch batch_of(const fc::Row& row) {
  return {.id = row.string(0),
          .org = row.string(1),
          .name = row.string(2),
          .kind = row.string(3),
          .threshold_fen = row.integer(4),
          .amount_fen = row.optional_integer(5),
          .percent_off = row.optional_integer(6),
          .total = row.integer(7),
          .per_member = row.integer(8),
          .valid_from = fc::rfc3339(row.integer(9)),
          .valid_until = optional_time(row, 10),
          .valid_days = row.optional_integer(11),
          .stores = fc::from_json<std::vector<std::string>>(fc::Json::parse(row.text(12))),
          .created_at = fc::rfc3339(row.integer(13)),
          .issued = row.integer(14),
          .used = row.integer(15),
          .discounted_fen = row.integer(16)};
}

std::optional<Batch> find_batch(const fc::Call& call, std::string_view id) {
  const auto row = call.first(BATCH_SELECT "WHERE b.id = $1 AND " COUPONS_VISIBLE("b.id"), id);
  return row ? std::optional(batch_of(*row)) : std::nullopt;
}

}  // namespace

fc::Reply create_batch(fc::Call& call, const NewBatch& request) {
  check_kind(request);
  const int64_t now = call.now_ms();
  const int64_t from = request.valid_from ? time_of("valid_from", *request.valid_from) : now;
  std::optional<int64_t> until;
  if (request.valid_until) until = time_of("valid_until", *request.valid_until);
  if (until.has_value() == request.valid_days.has_value()) {
    refuse_batch("give either valid_until or valid_days");
  }
  if (until && *until <= from) refuse_batch("valid_until: must be after valid_from");
  check_stores(call, request.stores);

  const std::string id = call.id("bat");
  call.execute(R"(
      INSERT INTO batches
        (id, org, name, kind, threshold_fen, amount_fen, percent_off, total, per_member,
         valid_from_ms, valid_until_ms, valid_days, stores, created_at_ms, issued, used,
         discounted_fen)
      VALUES ($1, $fc_org, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 0, 0, 0))",
               id, request.name, request.kind, request.threshold_fen, request.amount_fen,
               request.percent_off, request.total, request.per_member, from, until,
               request.valid_days, fc::to_json_text(request.stores), now);
  const std::vector<std::string> own{std::string(call.org())};
  for (const std::string& org : request.stores.empty() ? own : request.stores) {
    call.execute(R"(
        INSERT INTO batch_reach (batch_id, org)
        SELECT $1, o.id FROM fc_org o WHERE o.id = $2 AND o.ancestor = $fc_org)",
                 id, org);
  }
  call.audit(
      "batch.create", id,
      fc::Json::object({{"name", request.name}, {"kind", request.kind}, {"total", request.total}}));
  return fc::created(*find_batch(call, id));
}

fc::Reply list_batches(fc::Call& call) {
  auto page = fc::Page<Batch>::of(call);
  for (const fc::Row row : call.query(
           BATCH_SELECT "WHERE b.id > $1 AND " COUPONS_VISIBLE("b.id") " ORDER BY b.id LIMIT $2",
           page.after(), page.fetch())) {
    if (!page.add(batch_of(row), row.text(0))) break;
  }
  return fc::ok(page);
}

fc::Reply get_batch(fc::Call& call) {
  const auto batch = find_batch(call, call.path("id"));
  if (!batch) fc::refuse(404, "not-found", "no such batch");
  return fc::ok(*batch);
}

}  // namespace coupons
