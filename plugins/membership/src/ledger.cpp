#include "ledger.hpp"

#include <algorithm>

#include "member.hpp"
#include "visibility.hpp"

namespace membership {
namespace {

#define LEDGER_SELECT                                                                    \
  "SELECT l.id, l.member_id, l.points, l.balance, l.kind, l.reason, l.source_id, l.org," \
  " l.at_ms FROM ledger l JOIN members m ON m.id = l.member_id "

Movement movement_of(const fc::Row& row) {
  return {.id = row.string(0),
          .member_id = row.string(1),
          .points = row.integer(2),
          .balance = row.integer(3),
          .kind = row.string(4),
          .reason = row.string(5),
          .source_id = row.string(6),
          .org = row.string(7),
          .at = fc::rfc3339(row.integer(8))};
}

/// The balance after adding `points`, if it may be.
std::optional<int64_t> move_balance(const fc::Call& call, std::string_view member_id,
                                    int64_t points) {
  // What the balance must have, and the sum of credits must not exceed, before: both keep the sums
  // within 64 bits.
  const int64_t needed = points < 0 ? -points : 0;
  const int64_t earned = std::max<int64_t>(points, 0);
  const auto row = call.first(R"(
      UPDATE members AS m SET points = m.points + $2, earned = m.earned + $3
      WHERE m.id = $1 AND m.points >= $4 AND m.earned <= $5 AND )" MEMBER_VISIBLE R"(
      RETURNING points)",
                              member_id, points, earned, needed, INT64_MAX - earned);
  return row ? std::optional(row->integer(0)) : std::nullopt;
}

}  // namespace

std::optional<Movement> find_movement(const fc::Call& call, std::string_view member_id,
                                      std::string_view kind, std::string_view source_id) {
  const auto row =
      call.first(LEDGER_SELECT
                 "WHERE l.member_id = $1 AND l.kind = $2 AND l.source_id = $3 AND " MEMBER_VISIBLE,
                 member_id, kind, source_id);
  return row ? std::optional(movement_of(*row)) : std::nullopt;
}

std::optional<Movement> move_points(const fc::Call& call, const NewMovement& movement) {
  const auto balance = move_balance(call, movement.member_id, movement.points);
  if (!balance) return std::nullopt;
  const int64_t now = call.now_ms();
  Movement made{.id = call.id("mov"),
                .member_id = std::string(movement.member_id),
                .points = movement.points,
                .balance = *balance,
                .kind = std::string(movement.kind),
                .reason = std::string(movement.reason),
                .source_id = std::string(movement.source_id),
                .org = std::string(call.org()),
                .at = fc::rfc3339(now)};
  call.execute(R"(
      INSERT INTO ledger (id, member_id, org, kind, points, balance, reason, source_id, at_ms)
      VALUES ($1, $2, $fc_org, $3, $4, $5, $6, $7, $8))",
               made.id, made.member_id, made.kind, made.points, made.balance, made.reason,
               made.source_id, now);
  return made;
}

fc::Reply list_ledger(fc::Call& call) {
  const std::string_view member_id = call.path("id");
  if (!sees_member(call, member_id)) refuse_unknown_member();
  auto page = fc::Page<Movement>::of(call);
  for (const fc::Row row :
       call.query(LEDGER_SELECT "WHERE l.member_id = $1 AND l.id > $2 AND " MEMBER_VISIBLE
                                " ORDER BY l.id LIMIT $3",
                  member_id, page.after(), page.fetch())) {
    if (!page.add(movement_of(row), row.text(0))) break;
  }
  return fc::ok(page);
}

}  // namespace membership
