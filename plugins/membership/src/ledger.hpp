#pragma once

#include <forecourt/cpp/plugin.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace membership {

/// One movement of points; also what the events say, with `member_id`.
struct Movement {
  std::string id;
  std::string member_id;
  int64_t points = 0;
  int64_t balance = 0;
  std::string kind;  ///< payment or adjustment
  std::string reason;
  std::string source_id;
  std::string org;
  std::string at;
};
FORECOURT_FIELDS(Movement, id, member_id, points, balance, kind, reason, source_id, org, at)

struct NewMovement {
  std::string_view member_id;
  std::string_view kind;
  int64_t points = 0;
  std::string_view reason;
  std::string_view source_id;
};

/// The movement a source caused, if it did.
std::optional<Movement> find_movement(const fc::Call& call, std::string_view member_id,
                                      std::string_view kind, std::string_view source_id);

/// Moves the balance and writes the row, in one. Nothing, and nothing written, when the balance
/// would fall below 0 or it or the sum of credits would not fit 64 bits. The call's org must see
/// the member; the source must be new.
std::optional<Movement> move_points(const fc::Call& call, const NewMovement& movement);

fc::Reply list_ledger(fc::Call& call);

}  // namespace membership
