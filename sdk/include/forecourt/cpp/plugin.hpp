#pragma once

/// Everything a C++ plugin needs:
///
///   Greeting greet(fc::Call& call) {
///     return {std::string(call.query_parameter("name").value_or("world"))};
///   }
///   FORECOURT_PLUGIN("hello", "1.0.0", fc::operation<greet>("greet"))
///
/// Handlers are plain functions, given as template arguments. Nothing thrown in one leaves the
/// library: fc::Error and fc::Refusal become statuses and replies, anything else FC_E_INTERNAL.

#include <forecourt/plugin.h>
#include <forecourt/cpp/call.hpp>
#include <forecourt/cpp/page.hpp>
#include <forecourt/cpp/shims.hpp>
#include <forecourt/cpp/time.hpp>

#include <array>
#include <utility>

namespace fc {

/// `R handle(fc::Call&)` or `R handle(fc::Call&, const Body&)`: `Body` is a mapped struct (or Json)
/// read from the JSON body, `R` a Reply, void (204), or anything that becomes JSON (200).
template <auto Handle>
constexpr fc_handler operation(const char* id) {
  return {
      sizeof(fc_handler), FC_OPERATION, id, nullptr, &detail::handle_operation<Handle>, nullptr};
}

/// With work before the lane: `fc::Prepared<T> prepare(fc::Call&)`, then `R handle(fc::Call&, const
/// T&)`.
template <auto Prepare, auto Handle>
constexpr fc_handler operation(const char* id) {
  return {sizeof(fc_handler),
          FC_OPERATION,
          id,
          &detail::prepare_operation<Prepare>,
          &detail::handle_prepared_operation<Prepare, Handle>,
          &detail::finish_prepared<Prepare>};
}

/// `void handle(fc::Call&, const fc::Event&)`; throwing is a failed attempt.
template <auto Handle>
constexpr fc_handler event(const char* type) {
  return {sizeof(fc_handler),
          FC_EVENT,
          type,
          nullptr,
          &detail::handle_delivery<&detail::received_event, Handle>,
          nullptr};
}

/// `std::unique_ptr<T> prepare(fc::Call&, const fc::Event&)`, then `void handle(fc::Call&, const
/// fc::Event&, const T&)`.
template <auto Prepare, auto Handle>
constexpr fc_handler event(const char* type) {
  return {sizeof(fc_handler),
          FC_EVENT,
          type,
          &detail::prepare_delivery<&detail::received_event, Prepare>,
          &detail::handle_prepared_delivery<&detail::received_event, Prepare, Handle>,
          &detail::finish_prepared<Prepare>};
}

/// `void handle(fc::Call&, const fc::Job&)`; throwing is a failed attempt.
template <auto Handle>
constexpr fc_handler job(const char* kind) {
  return {sizeof(fc_handler),
          FC_JOB,
          kind,
          nullptr,
          &detail::handle_delivery<&detail::received_job, Handle>,
          nullptr};
}

/// `std::unique_ptr<T> prepare(fc::Call&, const fc::Job&)`, then `void handle(fc::Call&, const
/// fc::Job&, const T&)`.
template <auto Prepare, auto Handle>
constexpr fc_handler job(const char* kind) {
  return {sizeof(fc_handler),
          FC_JOB,
          kind,
          &detail::prepare_delivery<&detail::received_job, Prepare>,
          &detail::handle_prepared_delivery<&detail::received_job, Prepare, Handle>,
          &detail::finish_prepared<Prepare>};
}

}  // namespace fc

/// The library's entry. Id and version equal plugin.json's; the rest are fc::operation, fc::event
/// and fc::job.
#define FORECOURT_PLUGIN(id, version, ...)                                           \
  extern "C" FC_EXPORT const fc_plugin* fc_plugin_entry_1(uint32_t host_abi_major) { \
    static constexpr fc_handler k_handlers[] = {__VA_ARGS__};                        \
    static constexpr auto k_pointers = []<size_t... I>(std::index_sequence<I...>) {  \
      return std::array<const fc_handler*, sizeof...(I)>{&k_handlers[I]...};         \
    }                                                                                \
    (std::make_index_sequence<sizeof(k_handlers) / sizeof(k_handlers[0])>());        \
    static constexpr fc_plugin k_plugin{sizeof(fc_plugin),                           \
                                        FC_ABI_MAJOR,                                \
                                        id,                                          \
                                        version,                                     \
                                        k_pointers.data(),                           \
                                        k_pointers.size(),                           \
                                        &fc::detail::open_instance,                  \
                                        nullptr,                                     \
                                        nullptr,                                     \
                                        &fc::detail::close_instance};                \
    return host_abi_major == FC_ABI_MAJOR ? &k_plugin : nullptr;                     \
  }
