#include "ledger.hpp"

#include <algorithm>
#include <charconv>

#include "member.hpp"
#include "visibility.hpp"

namespace membership {
namespace {

#define LEDGER_SELECT                                                                    \
  "SELECT l.id, l.member_id, l.points, l.balance, l.kind, l.reason, l.source_id, l.org," \
  " l.at_ms, l.number FROM ledger l JOIN members m ON m.id = l.member_id "

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

struct Moved {
  int64_t balance = 0;
  int64_t number = 0;  ///< of the ledger row to write
};

/// Adds `points` to the balance, if it may be.
std::optional<Moved> move_balance(const fc::Call& call, std::string_view member_id,
                                  int64_t points) {
  // What the balance must have, and the sum of credits must not exceed, before: both keep the sums
  // within 64 bits.
  const int64_t needed = points < 0 ? -points : 0;
  const int64_t earned = std::max<int64_t>(points, 0);
  const auto row = call.first(R"(
      UPDATE members AS m
      SET points = m.points + $2, earned = m.earned + $3, movements = m.movements + 1
      WHERE m.id = $1 AND m.points >= $4 AND m.earned <= $5 AND )" MEMBER_VISIBLE R"(
      RETURNING points, movements)",
                              member_id, points, earned, needed, INT64_MAX - earned);
  return row ? std::optional(Moved{row->integer(0), row->integer(1)}) : std::nullopt;
}

/// The number of the last row that the page before showed; 0 at the start.
int64_t number_of(std::string_view key) {
  int64_t number = 0;
  const char* end = key.data() + key.size();
  if (std::from_chars(key.data(), end, number).ptr == end) return number;
  fc::refuse(400, "invalid-parameter",
             "cursor: is not one this API gave out; leave it out to start over");
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
  const auto moved = move_balance(call, movement.member_id, movement.points);
  if (!moved) return std::nullopt;
  const int64_t now = call.now_ms();
  Movement made{.id = call.id("mov"),
                .member_id = std::string(movement.member_id),
                .points = movement.points,
                .balance = moved->balance,
                .kind = std::string(movement.kind),
                .reason = std::string(movement.reason),
                .source_id = std::string(movement.source_id),
                .org = std::string(call.org()),
                .at = fc::rfc3339(now)};
  call.execute(R"(
      INSERT INTO ledger
        (member_id, number, id, org, kind, points, balance, reason, source_id, at_ms)
      VALUES ($1, $2, $3, $fc_org, $4, $5, $6, $7, $8, $9))",
               made.member_id, moved->number, made.id, made.kind, made.points, made.balance,
               made.reason, made.source_id, now);
  return made;
}

fc::Reply list_ledger(fc::Call& call) {
  const std::string_view member_id = call.path("id");
  if (!sees_member(call, member_id)) refuse_unknown_member();
  auto page = fc::Page<Movement>::of(call);
  auto rows = call.query(LEDGER_SELECT R"(
      WHERE l.member_id = $1 AND l.number > $2 AND )" MEMBER_VISIBLE R"(
      ORDER BY l.number LIMIT $3)",
                         member_id, number_of(page.after()), page.fetch());
  for (const fc::Row row : rows) {
    if (!page.add(movement_of(row), std::to_string(row.integer(9)))) break;
  }
  return fc::ok(page);
}

}  // namespace membership
