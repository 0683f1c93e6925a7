/* The boundary of ABI 1, pinned: a change that moves a field, resizes a struct or renumbers a
 * constant does not compile. A table that grows gets new lines at its end and a new size; nothing
 * else here ever changes. */
#include <forecourt/forecourt.h>

#ifdef __cplusplus
#define PINNED(condition, text) static_assert(condition, text)
#else
#define PINNED(condition, text) _Static_assert(condition, text)
#endif
#define SIZE(type, bytes) PINNED(sizeof(type) == (bytes), "size of " #type)
#define AT(type, field, bytes) \
  PINNED(offsetof(type, field) == (bytes), "offset of " #type "." #field)
#define IS(name, value) PINNED((name) == (value), "value of " #name)

PINNED(sizeof(void*) == 8, "64-bit only");
SIZE(fc_handle, 8);
SIZE(fc_status, 4);

SIZE(fc_view, 16);
AT(fc_view, p, 0);
AT(fc_view, n, 8);

SIZE(fc_host, 48);
AT(fc_host, size, 0);
AT(fc_host, abi_major, 4);
AT(fc_host, self, 8);
AT(fc_host, query, 16);
AT(fc_host, fail, 24);
AT(fc_host, cancelled, 32);
AT(fc_host, deadline_ms, 40);

SIZE(fc_handler, 40);
AT(fc_handler, size, 0);
AT(fc_handler, kind, 4);
AT(fc_handler, name, 8);
AT(fc_handler, prepare, 16);
AT(fc_handler, handle, 24);
AT(fc_handler, finish, 32);

SIZE(fc_plugin, 72);
AT(fc_plugin, size, 0);
AT(fc_plugin, abi_major, 4);
AT(fc_plugin, id, 8);
AT(fc_plugin, version, 16);
AT(fc_plugin, handlers, 24);
AT(fc_plugin, handler_count, 32);
AT(fc_plugin, open, 40);
AT(fc_plugin, start, 48);
AT(fc_plugin, drain, 56);
AT(fc_plugin, close, 64);

SIZE(fc_http_1, 56);
AT(fc_http_1, size, 0);
AT(fc_http_1, reserved, 4);
AT(fc_http_1, parameter, 8);
AT(fc_http_1, body, 16);
AT(fc_http_1, body_size, 24);
AT(fc_http_1, body_read, 32);
AT(fc_http_1, reply, 40);
AT(fc_http_1, reply_header, 48);

SIZE(fc_sql_value, 40);
AT(fc_sql_value, type, 0);
AT(fc_sql_value, reserved, 4);
AT(fc_sql_value, integer, 8);
AT(fc_sql_value, real, 16);
AT(fc_sql_value, bytes, 24);

SIZE(fc_sql_1, 40);
AT(fc_sql_1, size, 0);
AT(fc_sql_1, reserved, 4);
AT(fc_sql_1, execute, 8);
AT(fc_sql_1, query, 16);
AT(fc_sql_1, next, 24);
AT(fc_sql_1, close, 32);

SIZE(fc_events_1, 24);
AT(fc_events_1, size, 0);
AT(fc_events_1, reserved, 4);
AT(fc_events_1, publish, 8);
AT(fc_events_1, received, 16);

SIZE(fc_jobs_1, 32);
AT(fc_jobs_1, size, 0);
AT(fc_jobs_1, reserved, 4);
AT(fc_jobs_1, schedule, 8);
AT(fc_jobs_1, cancel, 16);
AT(fc_jobs_1, received, 24);

SIZE(fc_org_1, 56);
AT(fc_org_1, size, 0);
AT(fc_org_1, reserved, 4);
AT(fc_org_1, caller, 8);
AT(fc_org_1, current, 16);
AT(fc_org_1, adopt, 24);
AT(fc_org_1, describe, 32);
AT(fc_org_1, within, 40);
AT(fc_org_1, at_level, 48);

SIZE(fc_config_1, 16);
AT(fc_config_1, size, 0);
AT(fc_config_1, reserved, 4);
AT(fc_config_1, get, 8);

SIZE(fc_secrets_1, 24);
AT(fc_secrets_1, size, 0);
AT(fc_secrets_1, reserved, 4);
AT(fc_secrets_1, seal, 8);
AT(fc_secrets_1, open, 16);

SIZE(fc_clock_1, 16);
AT(fc_clock_1, size, 0);
AT(fc_clock_1, reserved, 4);
AT(fc_clock_1, now_ms, 8);

SIZE(fc_ids_1, 24);
AT(fc_ids_1, size, 0);
AT(fc_ids_1, reserved, 4);
AT(fc_ids_1, make, 8);
AT(fc_ids_1, random, 16);

SIZE(fc_log_1, 16);
AT(fc_log_1, size, 0);
AT(fc_log_1, reserved, 4);
AT(fc_log_1, write, 8);

SIZE(fc_metrics_1, 24);
AT(fc_metrics_1, size, 0);
AT(fc_metrics_1, reserved, 4);
AT(fc_metrics_1, count, 8);
AT(fc_metrics_1, observe, 16);

SIZE(fc_audit_1, 16);
AT(fc_audit_1, size, 0);
AT(fc_audit_1, reserved, 4);
AT(fc_audit_1, record, 8);

IS(FC_ABI_MAJOR, 1u);
IS(FC_OK, 0);
IS(FC_ROW, 1);
IS(FC_DONE, 2);
IS(FC_YES, 3);
IS(FC_E_INTERNAL, -1);
IS(FC_E_INVALID, -2);
IS(FC_E_DENIED, -3);
IS(FC_E_NOT_FOUND, -4);
IS(FC_E_CONFLICT, -5);
IS(FC_E_STALE, -6);
IS(FC_E_STATE, -7);
IS(FC_E_LIMIT, -8);
IS(FC_E_CANCELLED, -9);
IS(FC_E_UNAVAILABLE, -10);
IS(FC_E_READ_ONLY, -11);
IS(FC_E_CONSTRAINT, -12);
IS(FC_E_ROLLBACK, -13);
IS(FC_OPERATION, 1u);
IS(FC_EVENT, 2u);
IS(FC_JOB, 3u);
IS(FC_IN_PATH, 1u);
IS(FC_IN_QUERY, 2u);
IS(FC_IN_HEADER, 3u);
IS(FC_SQL_NULL, 0u);
IS(FC_SQL_INTEGER, 1u);
IS(FC_SQL_DOUBLE, 2u);
IS(FC_SQL_TEXT, 3u);
IS(FC_SQL_BLOB, 4u);
IS(FC_EVENT_ID, 1u);
IS(FC_EVENT_TYPE, 2u);
IS(FC_EVENT_SOURCE, 3u);
IS(FC_EVENT_SUBJECT, 4u);
IS(FC_EVENT_TIME, 5u);
IS(FC_EVENT_DATA, 6u);
IS(FC_JOB_KEY, 1u);
IS(FC_JOB_PAYLOAD, 2u);
IS(FC_ORG_KIND, 1u);
IS(FC_ORG_PARENT, 2u);
IS(FC_ORG_NAME, 3u);
IS(FC_ORG_TIMEZONE, 4u);
IS(FC_LOG_DEBUG, 1u);
IS(FC_LOG_INFO, 2u);
IS(FC_LOG_WARN, 3u);
IS(FC_LOG_ERROR, 4u);
