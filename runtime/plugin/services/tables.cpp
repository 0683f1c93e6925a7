#include "plugin/services/tables.hpp"

namespace forecourt::plugin {

const void* table_of(Service service) {
  switch (service) {
    case Service::http: return k_http_table;
    case Service::sql: return k_sql_table;
    case Service::events: return k_events_table;
    case Service::jobs: return k_jobs_table;
    case Service::org: return k_org_table;
    case Service::config: return k_config_table;
    case Service::secrets: return k_secrets_table;
    case Service::clock: return k_clock_table;
    case Service::ids: return k_ids_table;
    case Service::log: return k_log_table;
    case Service::metrics: return k_metrics_table;
    case Service::audit: return k_audit_table;
  }
  return nullptr;
}

}  // namespace forecourt::plugin
