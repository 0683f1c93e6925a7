#pragma once

#include <forecourt/forecourt.h>
#include <forecourt/cpp/reply.hpp>
#include <forecourt/cpp/sql.hpp>

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace fc {

/// The services a plugin was granted; a null one is asked for only by a call that needs it, which
/// then fails with FC_E_DENIED and its name.
struct Services {
  const fc_host* host = nullptr;
  const fc_http_1* http = nullptr;
  const fc_sql_1* sql = nullptr;
  const fc_events_1* events = nullptr;
  const fc_jobs_1* jobs = nullptr;
  const fc_org_1* org = nullptr;
  const fc_config_1* config = nullptr;
  const fc_secrets_1* secrets = nullptr;
  const fc_clock_1* clock = nullptr;
  const fc_ids_1* ids = nullptr;
  const fc_log_1* log = nullptr;
  const fc_metrics_1* metrics = nullptr;
  const fc_audit_1* audit = nullptr;
};

/// One execution of an operation, event or job: everything a handler can see and do. Views it hands
/// out last until the handler returns. Failures of the host are thrown as fc::Error; a handler that
/// does not catch it has failed.
class Call {
 public:
  using HostError = fc::HostError;

  Call(const Services& services, fc_handle handle) : services_(services), handle_(handle) {}

  // The request.
  std::string_view path(std::string_view name) const { return required(FC_IN_PATH, name); }
  std::optional<std::string_view> query_parameter(std::string_view name) const {
    return parameter(FC_IN_QUERY, name);
  }
  std::optional<std::string_view> header(std::string_view name) const {
    return parameter(FC_IN_HEADER, name);
  }
  std::string_view body() const {
    fc_view out{};
    checked(http().body(handle_, &out), "body");
    return text(out);
  }
  Json json() const { return Json::parse(body()); }
  template <class T>
  T body_as() const {
    return from_json<T>(json());
  }

  // The database. `$1` is the first argument.
  template <class... Args>
  int64_t execute(std::string_view sql, const Args&... args) const {
    const std::array<fc_sql_value, sizeof...(Args)> values{detail::sql_value(args)...};
    const fc_view statement = view(sql);
    int64_t changes = 0;
    checked(database().execute(handle_, &statement, values.data(), values.size(), &changes), "SQL");
    return changes;
  }
  template <class... Args>
  Rows query(std::string_view sql, const Args&... args) const {
    const std::array<fc_sql_value, sizeof...(Args)> values{detail::sql_value(args)...};
    const fc_view statement = view(sql);
    fc_handle rows = 0;
    checked(database().query(handle_, &statement, values.data(), values.size(), &rows), "SQL");
    return Rows(database(), rows);
  }
  template <class... Args>
  First first(std::string_view sql, const Args&... args) const {
    return First(query(sql, args...));
  }

  // Time, identifiers, randomness: the same when the call is run again.
  int64_t now_ms() const { return need(services_.clock, FC_SERVICE_CLOCK).now_ms(handle_); }
  std::string id(std::string_view prefix) const {
    const fc_view name = view(prefix);
    fc_view out{};
    checked(need(services_.ids, FC_SERVICE_IDS).make(handle_, &name, &out), "ids");
    return std::string(text(out));
  }
  void random(std::span<uint8_t> out) const {
    checked(need(services_.ids, FC_SERVICE_IDS).random(handle_, out.data(), out.size()), "ids");
  }

  // Who asks, and the tree.
  std::string_view caller() const {
    fc_view out{};
    checked(orgs().caller(handle_, &out), "caller");
    return text(out);
  }
  std::string_view org() const {
    fc_view out{};
    checked(orgs().current(handle_, &out), "org");
    return text(out);
  }
  void adopt(std::string_view org) const {
    const fc_view name = view(org);
    checked(orgs().adopt(handle_, &name), "adopt");
  }
  bool within(std::string_view org, std::string_view ancestor) const {
    const fc_view a = view(org);
    const fc_view b = view(ancestor);
    const fc_status status = orgs().within(handle_, &a, &b);
    if (status == FC_E_NOT_FOUND) return false;
    checked(status, "within");
    return status == FC_YES;
  }
  bool org_exists(std::string_view org) const { return describe(org, FC_ORG_KIND).has_value(); }
  /// A field (FC_ORG_*) of an org; nullopt when there is no such org.
  std::optional<std::string_view> describe(std::string_view org, uint32_t field) const {
    const fc_view name = view(org);
    fc_view out{};
    const fc_status status = orgs().describe(handle_, &name, field, &out);
    if (status == FC_E_NOT_FOUND) return std::nullopt;
    checked(status, "describe");
    return text(out);
  }
  /// The nearest of `org` and its ancestors of this kind ("group", "region" ...).
  std::optional<std::string_view> at_level(std::string_view org, std::string_view kind) const {
    const fc_view a = view(org);
    const fc_view b = view(kind);
    fc_view out{};
    const fc_status status = orgs().at_level(handle_, &a, &b, &out);
    if (status == FC_E_NOT_FOUND) return std::nullopt;
    checked(status, "at_level");
    return text(out);
  }

  /// The effective value of a setting at the call's org, or at `org`; null when it has neither
  /// value nor default.
  Json config(std::string_view key, std::string_view org = {}) const {
    const fc_view where = view(org);
    const fc_view name = view(key);
    fc_view out{};
    const fc_status status =
        need(services_.config, FC_SERVICE_CONFIG).get(handle_, &where, &name, &out);
    if (status == FC_E_NOT_FOUND) return Json();
    checked(status, "config");
    return Json::parse(text(out));
  }

  // What the commit releases.
  template <class T>
  void publish(std::string_view type, std::string_view subject, const T& data) const {
    const std::string document = to_json_text(data);
    const fc_view a = view(type), b = view(subject), c = view(document);
    checked(need(services_.events, FC_SERVICE_EVENTS).publish(handle_, &a, &b, &c), "publish");
  }
  void schedule(std::string_view kind, std::string_view key, int64_t due_ms,
                std::string_view payload) const {
    const fc_view a = view(kind), b = view(key), c = view(payload);
    checked(need(services_.jobs, FC_SERVICE_JOBS).schedule(handle_, &a, &b, due_ms, &c),
            "schedule");
  }
  /// False when no such job waits.
  bool cancel_job(std::string_view kind, std::string_view key) const {
    const fc_view a = view(kind), b = view(key);
    const fc_status status = need(services_.jobs, FC_SERVICE_JOBS).cancel(handle_, &a, &b);
    if (status == FC_E_NOT_FOUND) return false;
    checked(status, "cancel job");
    return true;
  }
  void audit(std::string_view action, std::string_view subject,
             const Json& detail = Json::object()) const {
    const std::string document = detail.dump();
    const fc_view a = view(action), b = view(subject), c = view(document);
    checked(need(services_.audit, FC_SERVICE_AUDIT).record(handle_, &a, &b, &c), "audit");
  }

  // Secrets at rest: keep what `seal` returns in a BLOB column; `context` ties it to its row.
  std::string seal(std::string_view context, std::string_view plain) const {
    const fc_view a = view(context), b = view(plain);
    fc_view out{};
    checked(need(services_.secrets, FC_SERVICE_SECRETS).seal(handle_, &a, &b, &out), "seal");
    return std::string(text(out));
  }
  /// The plain bytes, wiped by the host when the handler returns.
  std::string_view unseal(std::string_view context, std::string_view sealed) const {
    const fc_view a = view(context), b = view(sealed);
    fc_view out{};
    checked(need(services_.secrets, FC_SERVICE_SECRETS).open(handle_, &a, &b, &out), "unseal");
    return text(out);
  }

  // Telling.
  void log(uint32_t level, std::string_view message, const Json& fields = Json::object()) const {
    if (!services_.log) return;
    const std::string document = fields.dump();
    const fc_view a = view(message), b = view(document);
    services_.log->write(handle_, level, &a, &b);
  }
  void count(std::string_view name, std::string_view label = {}, double delta = 1) const {
    if (!services_.metrics) return;
    const fc_view a = view(name), b = view(label);
    services_.metrics->count(handle_, &a, &b, delta);
  }

  bool cancelled() const { return services_.host->cancelled(handle_) != 0; }
  fc_handle handle() const { return handle_; }
  const Services& services() const { return services_; }

 private:
  template <class T>
  static const T& need(const T* service, const char* name) {
    if (!service) throw Error(FC_E_DENIED, std::string(name) + " is not granted to this plugin");
    return *service;
  }
  const fc_http_1& http() const { return need(services_.http, FC_SERVICE_HTTP); }
  const fc_sql_1& database() const { return need(services_.sql, FC_SERVICE_SQL); }
  const fc_org_1& orgs() const { return need(services_.org, FC_SERVICE_ORG); }

  static void checked(fc_status status, const char* what) { check(status, what); }
  std::optional<std::string_view> parameter(uint32_t where, std::string_view name) const {
    const fc_view key = view(name);
    fc_view out{};
    const fc_status status = http().parameter(handle_, where, &key, &out);
    if (status == FC_E_NOT_FOUND) return std::nullopt;
    checked(status, "parameter");
    return text(out);
  }
  std::string_view required(uint32_t where, std::string_view name) const {
    const auto found = parameter(where, name);
    if (!found)
      throw Error(FC_E_INTERNAL, "no parameter " + std::string(name) + ": is it in openapi.json?");
    return *found;
  }

  const Services& services_;
  fc_handle handle_;
};

/// The event an event handler is called for.
struct Event {
  std::string_view id;
  std::string_view type;
  std::string_view source;
  std::string_view subject;
  std::string_view time;
  std::string_view data_text;
  Json data() const { return Json::parse(data_text); }
  template <class T>
  T data_as() const {
    return from_json<T>(data());
  }
};

/// The job a job handler is called for.
struct Job {
  std::string_view key;
  std::string_view payload;
};

}  // namespace fc
