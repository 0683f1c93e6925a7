#include <forecourt/ids.h>

#include <algorithm>
#include <array>

#include "base/ids.hpp"
#include "plugin/services/make_id.hpp"
#include "plugin/services/shim.hpp"
#include "plugin/services/tables.hpp"

namespace forecourt::plugin {
namespace {

constexpr uint64_t k_random_bytes_max = 4096;

bool is_prefix(std::string_view prefix) {
  if (prefix.empty() || prefix.size() > 16) return false;
  return std::ranges::all_of(
      prefix, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); });
}

fc_status make(fc_handle handle, const fc_view* prefix, fc_view* id) {
  return in_call(handle, Service::ids, [=](Call& call) -> fc_status {
    std::string_view text;
    if (!id || !read_view(prefix, text) || !is_prefix(text)) return FC_E_INVALID;
    *id = to_view(call.arena.copy(make_id(call, text)));
    return FC_OK;
  });
}

fc_status random(fc_handle handle, uint8_t* buffer, uint64_t n) {
  return in_call(handle, Service::ids, [=](Call& call) -> fc_status {
    if (!buffer && n > 0) return FC_E_INVALID;
    if (n > k_random_bytes_max) return FC_E_LIMIT;
    call.random.fill({buffer, static_cast<size_t>(n)});
    return FC_OK;
  });
}

constexpr fc_ids_1 k_table = {sizeof(fc_ids_1), 0, make, random};

}  // namespace

const void* const k_ids_table = &k_table;

std::string make_id(Call& call, std::string_view prefix) {
  std::array<uint8_t, 16> uuid;
  call.random.fill(uuid);
  const auto millis = static_cast<uint64_t>(call.admitted_ms);
  const uint32_t count = call.ids_made++;
  for (int i = 0; i < 6; ++i) uuid[i] = static_cast<uint8_t>(millis >> (40 - 8 * i));
  uuid[6] = static_cast<uint8_t>(0x70 | (count >> 8 & 0x0F));
  uuid[7] = static_cast<uint8_t>(count);
  uuid[8] = static_cast<uint8_t>(0x80 | (uuid[8] & 0x3F));
  return std::string(prefix) + '_' + crockford_base32(uuid);
}

}  // namespace forecourt::plugin
