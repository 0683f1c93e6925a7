/* "fc.sql/1": the plugin's own database, inside the call's transaction (write) or snapshot (read, prepare).
 *
 * SQL is one statement in the portable subset, placeholders are $1, $2 ... and the host-bound $fc_org (the
 * call's current org). Refused when it is prepared, with FC_E_DENIED and a text: transaction statements,
 * PRAGMA, ATTACH, DDL, OR ROLLBACK clauses, host tables (fc_*, but fc_org may be read), and a statement on an
 * org-scoped table that does not use $fc_org (unless it starts with the comment "-- unscoped" or
 * "/" "* unscoped *" "/" and the manifest grants "unscoped").
 *
 * `fc_org(id, ancestor)` has a row for each org and each of its ancestors, itself included.
 *
 * When a write statement destroys the whole transaction, the call's further SQL answers FC_E_STATE and the
 * call ends unserved; its neighbours in the group are run again without it.
 */
#ifndef FORECOURT_SQL_H
#define FORECOURT_SQL_H

#include <forecourt/types.h>

#ifdef __cplusplus
extern "C" {
#endif

#define FC_SERVICE_SQL "fc.sql/1"

#define FC_SQL_NULL 0u
#define FC_SQL_INTEGER 1u /* `integer` */
#define FC_SQL_DOUBLE 2u  /* `real` */
#define FC_SQL_TEXT 3u    /* `bytes`, UTF-8 */
#define FC_SQL_BLOB 4u    /* `bytes` */

/* One value, as parameter or column. This struct stands in arrays: it is closed and never grows. */
typedef struct fc_sql_value {
  uint32_t type;
  uint32_t reserved;
  int64_t integer;
  double real;
  fc_view bytes;
} fc_sql_value;

typedef struct fc_sql_1 {
  uint32_t size;
  uint32_t reserved;

  /* Runs a statement to its end; rows it returns are dropped. `parameters[0]` is $1. `*changes` (may be
   * NULL) gets the rows inserted, updated or deleted. FC_E_CONSTRAINT when a key or check refuses,
   * FC_E_STATE for a write outside a write call's handle, FC_E_DENIED, FC_E_CANCELLED, FC_E_READ_ONLY.
   * [call-thread] */
  fc_status (*execute)(fc_handle call, const fc_view *sql, const fc_sql_value *parameters, uint32_t parameter_count,
                       int64_t *changes);

  /* Starts a statement that returns rows. `*rows` is open until close, or until the function that opened it
   * returns. Errors as execute. [call-thread] */
  fc_status (*query)(fc_handle call, const fc_view *sql, const fc_sql_value *parameters, uint32_t parameter_count,
                     fc_handle *rows);

  /* FC_ROW: `*values` points to `*count` columns, valid until the next call on `rows`. FC_OK: no more rows.
   * [call-thread] */
  fc_status (*next)(fc_handle rows, const fc_sql_value **values, uint32_t *count);

  /* Ends a query early. Closing twice answers FC_E_STALE. [call-thread] */
  fc_status (*close)(fc_handle rows);
} fc_sql_1;

#ifdef __cplusplus
}
#endif
#endif
