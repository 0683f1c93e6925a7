#pragma once

/// Between the C table and the author's functions: arguments one way, results and whatever is
/// thrown the other. Authors include plugin.hpp and never name anything here.

#include <forecourt/plugin.h>
#include <forecourt/cpp/call.hpp>
#include <forecourt/cpp/page.hpp>

#include <exception>
#include <memory>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>

namespace fc {

/// What an operation's prepare returns: something for handle, or a reply that ends the call without
/// the lane.
template <class T>
using Prepared = std::variant<Reply, std::unique_ptr<T>>;

/// `return fc::prepared(Parsed{...});`
template <class T>
Prepared<T> prepared(T value) {
  return std::make_unique<T>(std::move(value));
}

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

inline fc_status open_instance(const fc_host* host, void** instance) {
  try {
    *instance = new Instance{services_of(host)};
    return FC_OK;
  } catch (...) {
    return FC_E_INTERNAL;
  }
}
inline void close_instance(void* instance) { delete static_cast<Instance*>(instance); }

inline void fail(const Services& services, fc_handle subject, std::string_view why) {
  const fc_view message = view(why);
  services.host->fail(subject, &message);
}

/// Gives `reply` to the host. FC_OK, or why the host does not take it.
inline fc_status send(const Services& services, fc_handle call, const Reply& reply) {
  if (!services.http) {
    fail(services, call, "fc.http/1 is not granted to this plugin");
    return FC_E_DENIED;
  }
  const fc_view media_type = view(reply.media_type());
  const fc_view body = view(reply.body());
  fc_status status = services.http->reply(call, reply.status(), &media_type, &body);
  for (const auto& [name, value] : reply.headers()) {
    if (status < 0) break;
    const fc_view a = view(name), b = view(value);
    status = services.http->reply_header(call, &a, &b);
  }
  return status < 0 ? status : FC_OK;
}

/// What becomes of a reply, by the function that gave it.
struct FromHandle {
  static fc_status replied(const Services& services, fc_handle call, const Reply& reply) {
    const fc_status status = send(services, call, reply);
    if (status < 0) return status;
    return reply.commits() ? FC_OK : FC_E_ROLLBACK;
  }
  static fc_status refused(const Services& services, fc_handle call, const Refusal& refusal) {
    return replied(services, call, refusal.reply);
  }
};
struct FromPrepare {
  static fc_status replied(const Services& services, fc_handle call, const Reply& reply) {
    const fc_status status = send(services, call, reply);
    return status < 0 ? status : FC_DONE;
  }
  static fc_status refused(const Services& services, fc_handle call, const Refusal& refusal) {
    return replied(services, call, refusal.reply);
  }
};
/// Nobody waits for the answer of an event or job: a refusal is a failed attempt and its text the
/// reason.
struct FromDelivery {
  static fc_status refused(const Services& services, fc_handle call, const Refusal& refusal) {
    fail(services, call, refusal.reply.body());
    return FC_E_INVALID;
  }
};

/// Runs `work` and turns whatever it throws into a status.
template <class From, class Work>
fc_status guarded(const Services& services, fc_handle call, Work&& work) noexcept {
  try {
    return work();
  } catch (const Refusal& refusal) {
    return From::refused(services, call, refusal);
  } catch (const HostError& error) {
    return error.status();
  } catch (const Error& error) {
    fail(services, call, error.what());
    return error.status() < 0 ? error.status() : FC_E_INTERNAL;
  } catch (const std::exception& error) {
    fail(services, call, error.what());
    return FC_E_INTERNAL;
  } catch (...) {
    fail(services, call, "an exception of unknown type");
    return FC_E_INTERNAL;
  }
}

inline const Services& services_in(void* instance) {
  return static_cast<const Instance*>(instance)->services;
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
template <class R, class... A>
struct Signature<R (*)(A...) noexcept> : Signature<R (*)(A...)> {};

/// Calls a handler and gives its result as a reply: a Reply as it is, nothing as 204, anything else
/// as 200 with its JSON.
template <class F, class... A>
Reply reply_of(F* handle, A&&... arguments) {
  using R = std::invoke_result_t<F*, A...>;
  if constexpr (std::is_void_v<R>) {
    handle(std::forward<A>(arguments)...);
    return reply(204);
  } else if constexpr (std::is_same_v<std::remove_cvref_t<R>, Reply>) {
    return handle(std::forward<A>(arguments)...);
  } else {
    return ok(handle(std::forward<A>(arguments)...));
  }
}

template <auto Handle>
fc_status handle_operation(void* instance, fc_handle handle, void*) {
  using S = Signature<decltype(Handle)>;
  static_assert(S::k_arity == 1 || S::k_arity == 2,
                "an operation takes (fc::Call&) or (fc::Call&, const Body&)");
  const Services& services = services_in(instance);
  return guarded<FromHandle>(services, handle, [&] {
    Call call(services, handle);
    if constexpr (S::k_arity == 1) {
      return FromHandle::replied(services, handle, reply_of(Handle, call));
    } else {
      using Body = typename S::template Arg<1>;
      return FromHandle::replied(services, handle, reply_of(Handle, call, call.body_as<Body>()));
    }
  });
}

/// The T of a prepare function that returns Prepared<T> or std::unique_ptr<T>.
template <class R>
struct Made;
template <class T>
struct Made<std::unique_ptr<T>> {
  using Type = T;
};
template <class T>
struct Made<std::variant<Reply, std::unique_ptr<T>>> {
  using Type = T;
};
template <auto Prepare>
using MadeBy = typename Made<typename Signature<decltype(Prepare)>::Return>::Type;

template <auto Prepare>
fc_status keep(std::unique_ptr<MadeBy<Prepare>> made, void** prepared) {
  if (!made) throw Error(FC_E_INTERNAL, "prepare returned nothing for handle");
  *prepared = made.release();
  return FC_OK;
}

template <auto Prepare>
const MadeBy<Prepare>& kept(void* prepared) {
  if (!prepared) throw Error(FC_E_INTERNAL, "handle was called without what prepare made");
  return *static_cast<const MadeBy<Prepare>*>(prepared);
}

template <auto Prepare>
void finish_prepared(void*, void* prepared) {
  delete static_cast<MadeBy<Prepare>*>(prepared);
}

template <auto Prepare>
fc_status prepare_operation(void* instance, fc_handle handle, void** prepared) {
  const Services& services = services_in(instance);
  return guarded<FromPrepare>(services, handle, [&] {
    Call call(services, handle);
    auto outcome = Prepare(call);
    if (const Reply* reply = std::get_if<Reply>(&outcome)) {
      return FromPrepare::replied(services, handle, *reply);
    }
    return keep<Prepare>(std::get<1>(std::move(outcome)), prepared);
  });
}

template <auto Prepare, auto Handle>
fc_status handle_prepared_operation(void* instance, fc_handle handle, void* prepared) {
  const Services& services = services_in(instance);
  return guarded<FromHandle>(services, handle, [&] {
    Call call(services, handle);
    return FromHandle::replied(services, handle, reply_of(Handle, call, kept<Prepare>(prepared)));
  });
}

inline Event received_event(const Services& services, fc_handle call) {
  if (!services.events) throw Error(FC_E_DENIED, "fc.events/1 is not granted to this plugin");
  const auto get = [&](uint32_t attribute) {
    fc_view out{};
    check(services.events->received(call, attribute, &out), "event");
    return text(out);
  };
  return {get(FC_EVENT_ID),      get(FC_EVENT_TYPE), get(FC_EVENT_SOURCE),
          get(FC_EVENT_SUBJECT), get(FC_EVENT_TIME), get(FC_EVENT_DATA)};
}

inline Job received_job(const Services& services, fc_handle call) {
  if (!services.jobs) throw Error(FC_E_DENIED, "fc.jobs/1 is not granted to this plugin");
  const auto get = [&](uint32_t attribute) {
    fc_view out{};
    check(services.jobs->received(call, attribute, &out), "job");
    return text(out);
  };
  return {get(FC_JOB_KEY), get(FC_JOB_PAYLOAD)};
}

/// Events and jobs have the same three functions; `Receive` reads what is delivered.
template <auto Receive, auto Handle>
fc_status handle_delivery(void* instance, fc_handle handle, void*) {
  const Services& services = services_in(instance);
  return guarded<FromDelivery>(services, handle, [&] {
    Call call(services, handle);
    Handle(call, Receive(services, handle));
    return FC_OK;
  });
}

template <auto Receive, auto Prepare>
fc_status prepare_delivery(void* instance, fc_handle handle, void** prepared) {
  const Services& services = services_in(instance);
  return guarded<FromDelivery>(services, handle, [&] {
    Call call(services, handle);
    return keep<Prepare>(Prepare(call, Receive(services, handle)), prepared);
  });
}

template <auto Receive, auto Prepare, auto Handle>
fc_status handle_prepared_delivery(void* instance, fc_handle handle, void* prepared) {
  const Services& services = services_in(instance);
  return guarded<FromDelivery>(services, handle, [&] {
    Call call(services, handle);
    Handle(call, Receive(services, handle), kept<Prepare>(prepared));
    return FC_OK;
  });
}

}  // namespace detail
}  // namespace fc
