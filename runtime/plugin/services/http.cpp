#include <forecourt/http.h>

#include <algorithm>

#include "plugin/http_text.hpp"
#include "plugin/services/shim.hpp"
#include "plugin/services/tables.hpp"

namespace forecourt::plugin {
namespace {

constexpr size_t k_reply_bytes_max = 16u << 20;
constexpr size_t k_headers_max = 32;
constexpr size_t k_header_bytes_max = 8192;

template <class Function>
fc_status in_operation(fc_handle handle, Function&& function) noexcept {
  return in_call(handle, Service::http, [&function](Call& call) -> fc_status {
    if (!call.origin.exchange) return FC_E_STATE;
    return function(call, call.origin.exchange->request());
  });
}

fc_status parameter(fc_handle handle, uint32_t where, const fc_view* name, fc_view* value) {
  return in_operation(handle, [=](Call&, const http::Request& request) -> fc_status {
    std::string_view wanted;
    if (!value || !read_view(name, wanted) || where < FC_IN_PATH || where > FC_IN_HEADER)
      return FC_E_INVALID;
    for (const http::Parameter& one : request.parameters) {
      if (static_cast<uint32_t>(one.in) != where) continue;
      if (where == FC_IN_HEADER ? !same_header(one.name, wanted) : one.name != wanted) continue;
      *value = to_view(one.value);
      return FC_OK;
    }
    return FC_E_NOT_FOUND;
  });
}

fc_status body(fc_handle handle, fc_view* bytes) {
  return in_operation(handle, [=](Call&, const http::Request& request) -> fc_status {
    if (!bytes) return FC_E_INVALID;
    if (request.blob) return FC_E_LIMIT;
    *bytes = to_view(request.body);
    return FC_OK;
  });
}

fc_status body_size(fc_handle handle, uint64_t* size) {
  return in_operation(handle, [=](Call&, const http::Request& request) -> fc_status {
    if (!size) return FC_E_INVALID;
    *size = request.blob ? request.blob->size() : request.body.size();
    return FC_OK;
  });
}

fc_status body_read(fc_handle handle, uint64_t offset, uint8_t* buffer, uint64_t capacity,
                    uint64_t* got) {
  return in_operation(handle, [=](Call& call, const http::Request& request) -> fc_status {
    if (!got || (!buffer && capacity > 0)) return FC_E_INVALID;
    if (request.blob) {
      auto read = request.blob->read(offset, buffer, capacity);
      if (!read) return refuse(call, read.error());
      *got = *read;
      return FC_OK;
    }
    const uint64_t left = offset < request.body.size() ? request.body.size() - offset : 0;
    *got = std::min(left, capacity);
    if (*got > 0) std::copy_n(request.body.data() + offset, *got, buffer);
    return FC_OK;
  });
}

fc_status reply(fc_handle handle, int32_t status, const fc_view* media_type, const fc_view* bytes) {
  return in_operation(handle, [=](Call& call, const http::Request&) -> fc_status {
    std::string_view type;
    std::string_view content;
    if (status < 200 || status > 599 || !read_view(media_type, type) ||
        !read_view(bytes, content)) {
      return FC_E_INVALID;
    }
    if (!type.empty() && !is_media_type(type)) return FC_E_INVALID;
    if ((status == 204 || status == 304) && !content.empty()) return FC_E_INVALID;
    if (content.size() > k_reply_bytes_max) return FC_E_LIMIT;
    call.reply.status = status;
    call.reply.media_type = type;
    call.reply.body = content;
    call.has_reply = true;
    return FC_OK;
  });
}

fc_status reply_header(fc_handle handle, const fc_view* name, const fc_view* value) {
  return in_operation(handle, [=](Call& call, const http::Request&) -> fc_status {
    std::string_view key;
    std::string_view text;
    if (!read_view(name, key) || !read_view(value, text)) return FC_E_INVALID;
    if (!is_header_name(key) || !is_header_value(text) || is_host_header(key)) return FC_E_INVALID;
    size_t bytes = key.size() + text.size();
    for (const auto& [k, v] : call.reply.headers) bytes += k.size() + v.size();
    if (call.reply.headers.size() >= k_headers_max || bytes > k_header_bytes_max) return FC_E_LIMIT;
    call.reply.headers.emplace_back(key, text);
    return FC_OK;
  });
}

constexpr fc_http_1 k_table = {sizeof(fc_http_1), 0,         parameter, body,
                               body_size,         body_read, reply,     reply_header};

}  // namespace

const void* const k_http_table = &k_table;

}  // namespace forecourt::plugin
