#pragma once

#include <cstdint>
#include <string>

namespace membership {

/// A card number of 16 digits: "88", 13 digits of `random`, and Luhn's check digit, so that a slip
/// at the counter is noticed. Uniqueness is the database's to keep.
std::string card_number(uint64_t random);

/// Whether the check digit fits.
bool is_card_number(const std::string& number);

}  // namespace membership
