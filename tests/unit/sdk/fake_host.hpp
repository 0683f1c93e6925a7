#pragma once

#include <forecourt/cpp/plugin.hpp>

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

/// A host of tables that answer from this struct and write down what they were given. The C tables
/// carry no context, so there is one at a time.
class FakeHost {
 public:
  FakeHost() { current = this; }
  ~FakeHost() { current = nullptr; }
  FakeHost(const FakeHost&) = delete;
  FakeHost& operator=(const FakeHost&) = delete;

  static constexpr fc_handle k_call = 7;
  static constexpr fc_handle k_rows = 11;

  // What it answers.
  std::map<std::pair<uint32_t, std::string>, std::string> parameters;
  std::string body;
  std::vector<std::vector<fc_sql_value>> rows;
  fc_status query_status = FC_OK;
  fc_status next_status = FC_OK;  ///< given after the last row
  fc_status service_status = FC_OK;
  std::string without;  ///< a service this host does not have
  std::string config_json;

  // What it was given.
  std::string failure;
  int reply_status = 0;
  std::string reply_media_type;
  std::string reply_body;
  std::vector<std::pair<std::string, std::string>> reply_headers;
  std::string sql;
  std::vector<fc_sql_value> sql_values;
  std::vector<std::string> given;  ///< one line for each call of another service
  int rows_open = 0;

  const fc_host* table() const { return &k_host; }
  fc::Services services() const { return fc::detail::services_of(&k_host); }

 private:
  static inline FakeHost* current = nullptr;
  size_t next_row_ = 0;

  static fc_status answer(const std::string& text, fc_view* out) {
    *out = fc::view(text);
    return FC_OK;
  }
  static std::string copy(const fc_view* view) { return std::string(fc::text(*view)); }
  static fc_status give(std::string line) {
    current->given.push_back(std::move(line));
    return current->service_status;
  }

  static const void* query_service(const fc_host*, const char* name, uint32_t min_size);

  static void fail(fc_handle, const fc_view* message) { current->failure = copy(message); }
  static int32_t cancelled(fc_handle) { return 0; }
  static int64_t deadline_ms(fc_handle) { return 0; }

  static fc_status parameter(fc_handle, uint32_t where, const fc_view* name, fc_view* value) {
    const auto found = current->parameters.find({where, copy(name)});
    return found == current->parameters.end() ? FC_E_NOT_FOUND : answer(found->second, value);
  }
  static fc_status get_body(fc_handle, fc_view* out) { return answer(current->body, out); }
  static fc_status body_size(fc_handle, uint64_t* size) {
    *size = current->body.size();
    return FC_OK;
  }
  static fc_status body_read(fc_handle, uint64_t, uint8_t*, uint64_t, uint64_t*) {
    return FC_E_STATE;
  }
  static fc_status reply(fc_handle, int32_t status, const fc_view* media_type,
                         const fc_view* body) {
    if (current->service_status < 0) return current->service_status;
    current->reply_status = status;
    current->reply_media_type = copy(media_type);
    current->reply_body = copy(body);
    return FC_OK;
  }
  static fc_status reply_header(fc_handle, const fc_view* name, const fc_view* value) {
    if (copy(name) == "Content-Length") return FC_E_INVALID;
    current->reply_headers.emplace_back(copy(name), copy(value));
    return FC_OK;
  }

  static fc_status execute(fc_handle call, const fc_view* sql, const fc_sql_value* values,
                           uint32_t count, int64_t* changes) {
    fc_handle rows = 0;
    *changes = 1;
    const fc_status status = query(call, sql, values, count, &rows);
    current->rows_open = 0;
    return status;
  }
  static fc_status query(fc_handle, const fc_view* sql, const fc_sql_value* values, uint32_t count,
                         fc_handle* rows) {
    current->sql = copy(sql);
    current->sql_values.assign(values, values + count);
    current->next_row_ = 0;
    if (current->query_status < 0) return current->query_status;
    *rows = k_rows;
    ++current->rows_open;
    return FC_OK;
  }
  static fc_status next(fc_handle, const fc_sql_value** values, uint32_t* count) {
    if (current->next_row_ == current->rows.size()) return current->next_status;
    const auto& row = current->rows[current->next_row_++];
    *values = row.data();
    *count = static_cast<uint32_t>(row.size());
    return FC_ROW;
  }
  static fc_status close_rows(fc_handle) {
    --current->rows_open;
    return FC_OK;
  }

  static fc_status publish(fc_handle, const fc_view* type, const fc_view* subject,
                           const fc_view* data) {
    return give("publish " + copy(type) + " " + copy(subject) + " " + copy(data));
  }
  static fc_status event_received(fc_handle, uint32_t attribute, fc_view* value) {
    static const std::string k_values[] = {"",
                                           "evt_1",
                                           "payments.payment.verified",
                                           "payments",
                                           "pay_1",
                                           "2026-11-22T13:34:00.000Z",
                                           R"({"fen":100})"};
    return current->service_status < 0 ? current->service_status
                                       : answer(k_values[attribute], value);
  }
  static fc_status schedule(fc_handle, const fc_view* kind, const fc_view* key, int64_t due_ms,
                            const fc_view* payload) {
    return give("schedule " + copy(kind) + " " + copy(key) + " " + std::to_string(due_ms) + " " +
                copy(payload));
  }
  static fc_status cancel_job(fc_handle, const fc_view* kind, const fc_view* key) {
    return give("cancel " + copy(kind) + " " + copy(key));
  }
  static fc_status job_received(fc_handle, uint32_t attribute, fc_view* value) {
    static const std::string k_values[] = {"", "note_1", "payload"};
    return answer(k_values[attribute], value);
  }
  static fc_status caller(fc_handle, fc_view* out) { return answer(current->body, out); }
  static fc_status current_org(fc_handle, fc_view* out) {
    static const std::string k_org = "store-1";
    return answer(k_org, out);
  }
  static fc_status adopt(fc_handle, const fc_view* org) { return give("adopt " + copy(org)); }
  static fc_status describe(fc_handle, const fc_view*, uint32_t, fc_view* value) {
    static const std::string k_kind = "store";
    return current->service_status < 0 ? current->service_status : answer(k_kind, value);
  }
  static fc_status within(fc_handle, const fc_view*, const fc_view*) {
    return current->service_status;
  }
  static fc_status at_level(fc_handle, const fc_view*, const fc_view*, fc_view* found) {
    static const std::string k_group = "group";
    return current->service_status < 0 ? current->service_status : answer(k_group, found);
  }
  static fc_status get_config(fc_handle, const fc_view*, const fc_view*, fc_view* json) {
    return current->config_json.empty() ? FC_E_NOT_FOUND : answer(current->config_json, json);
  }
  static int64_t now_ms(fc_handle) { return 1'700'000'000'000; }
  static fc_status record(fc_handle, const fc_view* action, const fc_view* subject,
                          const fc_view* detail) {
    return give("audit " + copy(action) + " " + copy(subject) + " " + copy(detail));
  }

  static constexpr fc_host k_host{sizeof(fc_host), FC_ABI_MAJOR, 1,           &query_service,
                                  &fail,           &cancelled,   &deadline_ms};
  static constexpr fc_http_1 k_http{sizeof(fc_http_1), 0,          &parameter, &get_body,
                                    &body_size,        &body_read, &reply,     &reply_header};
  static constexpr fc_sql_1 k_sql{sizeof(fc_sql_1), 0, &execute, &query, &next, &close_rows};
  static constexpr fc_events_1 k_events{sizeof(fc_events_1), 0, &publish, &event_received};
  static constexpr fc_jobs_1 k_jobs{sizeof(fc_jobs_1), 0, &schedule, &cancel_job, &job_received};
  static constexpr fc_org_1 k_org{sizeof(fc_org_1), 0,         &caller, &current_org,
                                  &adopt,           &describe, &within, &at_level};
  static constexpr fc_config_1 k_config{sizeof(fc_config_1), 0, &get_config};
  static constexpr fc_clock_1 k_clock{sizeof(fc_clock_1), 0, &now_ms};
  static constexpr fc_audit_1 k_audit{sizeof(fc_audit_1), 0, &record};
};

inline const void* FakeHost::query_service(const fc_host*, const char* name, uint32_t) {
  const std::map<std::string, const void*> tables = {
      {FC_SERVICE_HTTP, &k_http},   {FC_SERVICE_SQL, &k_sql},    {FC_SERVICE_EVENTS, &k_events},
      {FC_SERVICE_JOBS, &k_jobs},   {FC_SERVICE_ORG, &k_org},    {FC_SERVICE_CONFIG, &k_config},
      {FC_SERVICE_CLOCK, &k_clock}, {FC_SERVICE_AUDIT, &k_audit}};
  const auto found = tables.find(name);
  return found == tables.end() || current->without == name ? nullptr : found->second;
}
