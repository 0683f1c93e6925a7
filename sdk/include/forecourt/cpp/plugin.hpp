#pragma once

/// Everything a C++ plugin needs:
///
///   fc::Reply greet(fc::Call& call) {
///     return fc::ok(Greeting{std::string(call.query_parameter("name").value_or("world"))});
///   }
///   FORECOURT_PLUGIN("hello", "1.0.0", fc::operation<greet>("greet"))
///
/// Handlers are plain functions, given as template arguments. Nothing thrown in one leaves the library: fc::Error and
/// fc::Refusal become statuses and replies, anything else FC_E_INTERNAL.

#include <forecourt/cpp/call.hpp>
#include <forecourt/cpp/page.hpp>
#include <forecourt/cpp/time.hpp>
#include <forecourt/plugin.h>

#include <exception>
#include <memory>
#include <type_traits>
#include <utility>
#include <variant>

namespace fc {

/// What a prepare function returns: something for handle, or a reply that ends the call without the lane.
template <class T>
using Prepared = std::variant<Reply, std::unique_ptr<T>>;

namespace detail {

struct Instance {
  Services services;
};

inline Services services_of(const fc_host* host) {
  Services services;
  services.host = host;
  const auto ask = [host](const char* name, auto*& table) {
    using Table = std::remove_reference_t<decltype(*table)>;
    table = static_cast<Table*>(host->query(host, name, sizeof(Table)));
  };
  ask(FC_SERVICE_HTTP, services.http);
  ask(FC_SERVICE_SQL, services.sql);
  ask(FC_SERVICE_EVENTS, services.events);
  ask(FC_SERVICE_JOBS, services.jobs);
  ask(FC_SERVICE_ORG, services.org);
  ask(FC_SERVICE_CONFIG, services.config);
  ask(FC_SERVICE_SECRETS, services.secrets);
  ask(FC_SERVICE_CLOCK, services.clock);
  ask(FC_SERVICE_IDS, services.ids);
  ask(FC_SERVICE_LOG, services.log);
  ask(FC_SERVICE_METRICS, services.metrics);
  ask(FC_SERVICE_AUDIT, services.audit);
  return services;
}

inline void fail(const Services& services, fc_handle subject, std::string_view why) {
  const fc_view message = view(why);
  services.host->fail(subject, &message);
}

/// Gives `reply` to the host. The status the handler function returns for it.
inline fc_status send(const Services& services, fc_handle call, const Reply& reply, fc_status when_kept) {
  if (!services.http) {
    fail(services, call, "fc.http/1 is not granted to this plugin");
    return FC_E_DENIED;
  }
  const fc_view media_type = view(reply.media_type());
  const fc_view body = view(reply.body());
  if (const fc_status status = services.http->reply(call, reply.status(), &media_type, &body); status < 0) {
    return status;
  }
  for (const auto& [name, value] : reply.headers()) {
    const fc_view a = view(name), b = view(value);
    if (const fc_status status = services.http->reply_header(call, &a, &b); status < 0) return status;
  }
  return reply.commits() ? when_kept : FC_E_ROLLBACK;
}

/// Runs `work` and turns whatever it throws into a status.
template <class Work>
fc_status guarded(const Services& services, fc_handle call, fc_status when_refused, Work&& work) {
  try {
    return work();
  } catch (const Refusal& refusal) {
    const fc_status status = send(services, call, refusal.reply, when_refused);
    return status == FC_E_ROLLBACK ? when_refused : status;
  } catch (const Call::HostError& error) {
    return error.status();
  } catch (const Error& error) {
    fail(services, call, error.what());
    return error.status();
  } catch (const std::exception& error) {
    fail(services, call, error.what());
    return FC_E_INTERNAL;
  } catch (...) {
    fail(services, call, "an exception of unknown type");
    return FC_E_INTERNAL;
  }
}

template <class F>
struct Signature;
template <class R, class... A>
struct Signature<R (*)(A...)> {
  using Return = R;
  static constexpr size_t k_arity = sizeof...(A);
  template <size_t I>
  using Arg = std::remove_cvref_t<std::tuple_element_t<I, std::tuple<A...>>>;
};

/// A handler's result as a reply: a Reply as it is, anything else 200 with its JSON.
template <class R>
Reply as_reply(R&& result) {
  if constexpr (std::is_same_v<std::remove_cvref_t<R>, Reply>) {
    return std::forward<R>(result);
  } else {
    return ok(result);
  }
}

template <auto Handle>
fc_status handle_operation(void* instance, fc_handle handle, void*) {
  const Services& services = static_cast<Instance*>(instance)->services;
  return guarded(services, handle, FC_E_ROLLBACK, [&]() -> fc_status {
    Call call(services, handle);
    using S = Signature<decltype(Handle)>;
    if constexpr (S::k_arity == 1) {
      return send(services, handle, as_reply(Handle(call)), FC_OK);
    } else {
      return send(services, handle, as_reply(Handle(call, call.body_as<typename S::template Arg<1>>())), FC_OK);
    }
  });
}

template <auto Prepare>
using PreparedBy =
    typename std::variant_alternative_t<1, typename Signature<decltype(Prepare)>::Return>::element_type;

template <auto Prepare>
fc_status prepare_operation(void* instance, fc_handle handle, void** prepared) {
  const Services& services = static_cast<Instance*>(instance)->services;
  return guarded(services, handle, FC_DONE, [&]() -> fc_status {
    Call call(services, handle);
    auto outcome = Prepare(call);
    if (Reply* reply = std::get_if<Reply>(&outcome)) {
      const fc_status status = send(services, handle, *reply, FC_DONE);
      return status == FC_E_ROLLBACK ? FC_DONE : status;
    }
    *prepared = std::get<1>(outcome).release();
    return FC_OK;
  });
}

template <auto Prepare, auto Handle>
fc_status handle_prepared(void* instance, fc_handle handle, void* prepared) {
  const Services& services = static_cast<Instance*>(instance)->services;
  return guarded(services, handle, FC_E_ROLLBACK, [&]() -> fc_status {
    Call call(services, handle);
    return send(services, handle, as_reply(Handle(call, *static_cast<const PreparedBy<Prepare>*>(prepared))),
                FC_OK);
  });
}

template <auto Prepare>
void finish_prepared(void*, void* prepared) {
  delete static_cast<PreparedBy<Prepare>*>(prepared);
}

template <auto Handle>
fc_status handle_event(void* instance, fc_handle handle, void*) {
  const Services& services = static_cast<Instance*>(instance)->services;
  return guarded(services, handle, FC_E_INTERNAL, [&]() -> fc_status {
    Call call(services, handle);
    if (!services.events) throw Error(FC_E_DENIED, "fc.events/1 is not granted to this plugin");
    const auto get = [&](uint32_t attribute) {
      fc_view out{};
      if (const fc_status status = services.events->received(handle, attribute, &out); status < 0) {
        throw Call::HostError(status, "event");
      }
      return text(out);
    };
    const Event event{get(FC_EVENT_ID),      get(FC_EVENT_TYPE), get(FC_EVENT_SOURCE),
                      get(FC_EVENT_SUBJECT), get(FC_EVENT_TIME), get(FC_EVENT_DATA)};
    Handle(call, event);
    return FC_OK;
  });
}

template <auto Handle>
fc_status handle_job(void* instance, fc_handle handle, void*) {
  const Services& services = static_cast<Instance*>(instance)->services;
  return guarded(services, handle, FC_E_INTERNAL, [&]() -> fc_status {
    Call call(services, handle);
    if (!services.jobs) throw Error(FC_E_DENIED, "fc.jobs/1 is not granted to this plugin");
    const auto get = [&](uint32_t attribute) {
      fc_view out{};
      if (const fc_status status = services.jobs->received(handle, attribute, &out); status < 0) {
        throw Call::HostError(status, "job");
      }
      return text(out);
    };
    Handle(call, Job{get(FC_JOB_KEY), get(FC_JOB_PAYLOAD)});
    return FC_OK;
  });
}

inline fc_status open_instance(const fc_host* host, void** instance) {
  try {
    *instance = new Instance{services_of(host)};
    return FC_OK;
  } catch (...) {
    return FC_E_INTERNAL;
  }
}
inline void close_instance(void* instance) { delete static_cast<Instance*>(instance); }

}  // namespace detail

/// `Reply|T handle(fc::Call&)`, or `(fc::Call&, const Body&)` with a mapped struct read from the JSON body.
template <auto Handle>
constexpr fc_handler operation(const char* name) {
  return {sizeof(fc_handler), FC_OPERATION, name, nullptr, &detail::handle_operation<Handle>, nullptr};
}

/// With work before the lane: `fc::Prepared<T> prepare(fc::Call&)`, then `Reply|R handle(fc::Call&, const T&)`.
template <auto Prepare, auto Handle>
constexpr fc_handler operation(const char* name) {
  return {sizeof(fc_handler),
          FC_OPERATION,
          name,
          &detail::prepare_operation<Prepare>,
          &detail::handle_prepared<Prepare, Handle>,
          &detail::finish_prepared<Prepare>};
}

/// `void handle(fc::Call&, const fc::Event&)`; throwing is a failed attempt.
template <auto Handle>
constexpr fc_handler event(const char* type) {
  return {sizeof(fc_handler), FC_EVENT, type, nullptr, &detail::handle_event<Handle>, nullptr};
}

/// `void handle(fc::Call&, const fc::Job&)`; throwing is a failed attempt.
template <auto Handle>
constexpr fc_handler job(const char* kind) {
  return {sizeof(fc_handler), FC_JOB, kind, nullptr, &detail::handle_job<Handle>, nullptr};
}

}  // namespace fc

/// The library's entry. Id and version equal plugin.json's; the rest are fc::operation, fc::event and fc::job.
#define FORECOURT_PLUGIN(id, version, ...)                                                          \
  extern "C" FC_EXPORT const fc_plugin* fc_plugin_entry_1(uint32_t host_abi_major) {                \
    static constexpr fc_handler k_handlers[] = {__VA_ARGS__};                                       \
    static constexpr auto k_pointers = []<size_t... I>(std::index_sequence<I...>) {                 \
      return std::array<const fc_handler*, sizeof...(I)>{&k_handlers[I]...};                        \
    }(std::make_index_sequence<sizeof(k_handlers) / sizeof(k_handlers[0])>());                      \
    static constexpr fc_plugin k_plugin{sizeof(fc_plugin),                                          \
                                        FC_ABI_MAJOR,                                               \
                                        id,                                                         \
                                        version,                                                    \
                                        k_pointers.data(),                                          \
                                        k_pointers.size(),                                          \
                                        &fc::detail::open_instance,                                 \
                                        nullptr,                                                    \
                                        nullptr,                                                    \
                                        &fc::detail::close_instance};                               \
    return host_abi_major == FC_ABI_MAJOR ? &k_plugin : nullptr;                                    \
  }
