#include <forecourt/secrets.h>

#include <array>

#include "plugin/services/shim.hpp"
#include "plugin/services/tables.hpp"

namespace forecourt::plugin {
namespace {

using secrets::SecretBox;

constexpr size_t k_plain_bytes_max = 64u << 10;

fc_status seal(fc_handle handle, const fc_view* context, const fc_view* plain, fc_view* sealed) {
  return in_call(handle, Service::secrets, [=](Call& call) -> fc_status {
    std::string_view context_text;
    std::string_view plain_text;
    if (!sealed || !read_view(context, context_text) || !read_view(plain, plain_text))
      return FC_E_INVALID;
    if (plain_text.size() > k_plain_bytes_max || context_text.size() > k_plain_bytes_max)
      return FC_E_LIMIT;
    std::array<uint8_t, 24> fresh;
    call.random.fill(fresh);
    const size_t size = SecretBox::sealed_size(plain_text.size());
    uint8_t* const bytes = call.arena.take(size);
    call.scope.secrets->seal(fresh, context_text, plain_text, bytes);
    *sealed = {bytes, size};
    return FC_OK;
  });
}

fc_status open(fc_handle handle, const fc_view* context, const fc_view* sealed, fc_view* plain) {
  return in_call(handle, Service::secrets, [=](Call& call) -> fc_status {
    std::string_view context_text;
    std::string_view sealed_text;
    if (!plain || !read_view(context, context_text) || !read_view(sealed, sealed_text))
      return FC_E_INVALID;
    const auto size = SecretBox::plain_size(sealed_text);
    if (!size) return FC_E_INVALID;
    if (*size > k_plain_bytes_max) return FC_E_LIMIT;
    uint8_t* const bytes = call.arena.take(*size);
    call.arena.hold_secret();
    if (!call.scope.secrets->open(context_text, sealed_text, bytes)) return FC_E_INVALID;
    *plain = {bytes, *size};
    return FC_OK;
  });
}

constexpr fc_secrets_1 k_table = {sizeof(fc_secrets_1), 0, seal, open};

}  // namespace

const void* const k_secrets_table = &k_table;

}  // namespace forecourt::plugin
