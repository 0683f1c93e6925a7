/* What the host gives a plugin at open: one small root; every ability is asked for by name. */
#ifndef FORECOURT_HOST_H
#define FORECOURT_HOST_H

#include <forecourt/types.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct fc_host {
  uint32_t size;      /* bytes this host really provides */
  uint32_t abi_major; /* FC_ABI_MAJOR of the host */
  fc_handle self;     /* this generation of this plugin: for log and metrics outside a call */

  /* The table of a service, e.g. "fc.sql/1" (FC_SERVICE_SQL). NULL when this host does not have it, when
   * the manifest does not grant it, or when its table is shorter than `min_size`. The table lives as long
   * as the host. Ask in open. [any-thread] */
  const void *(*query)(const struct fc_host *host, const char *service, uint32_t min_size);

  /* Says why the status about to be returned is not FC_OK. `subject` is a call, or `self` during a
   * lifecycle function. The last text wins; it is copied. The text goes to the log and, for 4xx, to the
   * client: no secrets. [call-thread] */
  void (*fail)(fc_handle subject, const fc_view *message);

  /* 1 when the call's answer is no longer wanted (deadline, client gone, host stops): return soon with
   * FC_E_CANCELLED. A stale handle counts as cancelled. [any-thread] */
  int32_t (*cancelled)(fc_handle call);

  /* When the call must have ended, host clock. 0 for a stale handle. [any-thread] */
  int64_t (*deadline_ms)(fc_handle call);
} fc_host;

#ifdef __cplusplus
}
#endif
#endif
