#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "events/lineage.hpp"

namespace forecourt::stream {

/// How far a reader has come, at every publisher.
using Position = std::map<std::string, events::Cursor>;

/// A position as an opaque text for `Last-Event-ID`: base64url, at most k_token_bytes_max long.
std::string to_token(const Position& position);

/// Code::invalid for anything to_token does not make. A made-up one shows nobody more than they may
/// see: it only says where to go on.
Result<Position> from_token(std::string_view token);

inline constexpr size_t k_token_bytes_max = 8192;
inline constexpr size_t k_publishers_max = 64;

}  // namespace forecourt::stream
