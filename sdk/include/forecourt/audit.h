/* "fc.audit/1": who did what to what. An entry is part of the call's transaction. */
#ifndef FORECOURT_AUDIT_H
#define FORECOURT_AUDIT_H

#include <forecourt/types.h>

#ifdef __cplusplus
extern "C" {
#endif

#define FC_SERVICE_AUDIT "fc.audit/1"

typedef struct fc_audit_1 {
  uint32_t size;
  uint32_t reserved;

  /* `action` is "<thing>.<verb>", `subject` an id, `detail` a JSON object or empty; caller, org, time and
   * plugin are added by the host. FC_E_STATE outside a write's handle. Never write secrets. [call-thread] */
  fc_status (*record)(fc_handle call, const fc_view *action, const fc_view *subject, const fc_view *detail);
} fc_audit_1;

#ifdef __cplusplus
}
#endif
#endif
