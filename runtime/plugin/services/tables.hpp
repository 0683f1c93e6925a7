#pragma once

#include "plugin/scope.hpp"

namespace forecourt::plugin {

// The service tables, each in the file of its name.
extern const void* const k_http_table;
extern const void* const k_sql_table;
extern const void* const k_events_table;
extern const void* const k_jobs_table;
extern const void* const k_org_table;
extern const void* const k_config_table;
extern const void* const k_secrets_table;
extern const void* const k_clock_table;
extern const void* const k_ids_table;
extern const void* const k_log_table;
extern const void* const k_metrics_table;
extern const void* const k_audit_table;

/// Every table starts with its size.
const void* table_of(Service service);

}  // namespace forecourt::plugin
