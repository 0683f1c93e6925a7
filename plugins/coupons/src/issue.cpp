#include "issue.hpp"

#include <array>

#include "code.hpp"
#include "terms.hpp"
#include "visibility.hpp"

namespace coupons {
namespace {

struct CouponIssued {
  std::string code;
  std::string batch_id;
  std::string member_id;
  std::string org;  ///< the batch's
  fc::Json stores;  ///< the batch's; empty: everywhere under org
  std::string issued_at;
  std::string source_id;
};
FORECOURT_FIELDS(CouponIssued, code, batch_id, member_id, org, stores, issued_at, source_id)

/// What issuing must know of the batch.
struct Source {
  std::string org;
  fc::Json stores;
  Terms terms;
  Validity validity;
  int64_t per_member = 0;
  bool sold_out = false;
  bool member_has_all = false;
};

std::optional<Source> find_source(const fc::Call& call, std::string_view batch_id,
                                  std::string_view member_id) {
  const auto row = call.first(R"(
      SELECT b.org, b.stores, b.kind, b.threshold_fen, b.amount_fen, b.percent_off, b.valid_from_ms,
             b.valid_until_ms, b.valid_days, b.per_member, b.issued, b.total, h.issued
      FROM batches b
      LEFT JOIN holders h ON h.batch_id = b.id AND h.member_id = $2
      WHERE b.id = $1 AND )" COUPONS_VISIBLE("b.id"),
                              batch_id, member_id);
  if (!row) return std::nullopt;
  return Source{.org = row->string(0),
                .stores = fc::Json::parse(row->text(1)),
                .terms = {row->string(2), row->integer(3), row->optional_integer(4),
                          row->optional_integer(5)},
                .validity = {row->integer(6), row->optional_integer(7), row->optional_integer(8)},
                .per_member = row->integer(9),
                .sold_out = row->integer(10) >= row->integer(11),
                .member_has_all = !row->is_null(12) && row->integer(12) >= row->integer(9)};
}

struct Earlier {
  std::string code;
  bool same_member = false;
};

std::optional<Earlier> find_earlier(const fc::Call& call, std::string_view batch_id,
                                    const IssueRequest& request) {
  const auto row = call.first(R"(
      SELECT c.code, c.member_id FROM coupons c
      WHERE c.batch_id = $1 AND c.source_id = $2 AND )" COUPONS_VISIBLE("c.batch_id"),
                              batch_id, request.source_id);
  if (!row) return std::nullopt;
  return Earlier{row->string(0), row->text(1) == request.member_id};
}

/// Counts the coupon in. The limits are conditions of the statements: whatever runs beside this,
/// they hold.
void count_in(const fc::Call& call, std::string_view batch_id, std::string_view member_id,
              int64_t per_member) {
  const int64_t batch = call.execute(R"(
      UPDATE batches SET issued = issued + 1
      WHERE id = $1 AND issued < total AND )" COUPONS_SAME_BRANCH("batches.org"),
                                     batch_id);
  const int64_t member = call.execute(R"(
      INSERT INTO holders (batch_id, member_id, issued)
      SELECT b.id, $2, 1 FROM batches b WHERE b.id = $1 AND )" COUPONS_SAME_BRANCH("b.org") R"(
      ON CONFLICT (batch_id, member_id) DO UPDATE SET issued = holders.issued + 1
      WHERE holders.issued < $3)",
                                      batch_id, member_id, per_member);
  if (batch != 1 || member != 1)
    throw fc::Error(FC_E_CONFLICT, "the batch changed meanwhile; try again");
}

}  // namespace

std::variant<Coupon, NotIssued> issue(const fc::Call& call, std::string_view batch_id,
                                      const IssueRequest& request) {
  if (const auto earlier = find_earlier(call, batch_id, request)) {
    if (!earlier->same_member) {
      return NotIssued{409, "source-id-reused",
                       "this source_id has issued a coupon to another member"};
    }
    return *find_coupon(call, earlier->code);
  }
  const auto source = find_source(call, batch_id, request.member_id);
  if (!source) return NotIssued{404, "not-found", "no such batch"};
  if (source->sold_out)
    return NotIssued{409, "sold-out", "every coupon of the batch has been issued"};
  if (source->member_has_all) {
    return NotIssued{409, "member-limit", "the member has received all it may of this batch"};
  }

  count_in(call, batch_id, request.member_id, source->per_member);
  const int64_t now = call.now_ms();
  std::array<uint8_t, k_code_bytes> random;
  call.random(random);
  const std::string code = code_of(random);
  const Terms& terms = source->terms;
  call.execute(R"(
      INSERT INTO coupons
        (code, batch_id, state, member_id, source_id, kind, threshold_fen, amount_fen, percent_off,
         valid_from_ms, valid_until_ms, issued_at_ms, issued_by)
      VALUES ($1, $2, 'EFFECTIVE', $3, $4, $5, $6, $7, $8, $9, $10, $11, $fc_org))",
               code, batch_id, request.member_id, request.source_id, terms.kind,
               terms.threshold_fen, terms.amount_fen, terms.percent_off, source->validity.from_ms,
               valid_until(source->validity, now), now);
  call.publish("coupons.coupon.issued", code,
               CouponIssued{code, std::string(batch_id), request.member_id, source->org,
                            source->stores, fc::rfc3339(now), request.source_id});
  return *find_coupon(call, code);
}

fc::Reply issue_coupon(fc::Call& call, const IssueRequest& request) {
  const auto outcome = issue(call, call.path("id"), request);
  if (const auto* refused = std::get_if<NotIssued>(&outcome)) {
    fc::refuse(refused->status, refused->code, refused->detail);
  }
  return fc::created(std::get<Coupon>(outcome));
}

}  // namespace coupons
