/* "fc.metrics/1": counters and histograms of the plugin's own, served at /metrics as
 * forecourt_plugin_<name>{plugin="<id>",...}. Operations, events and jobs are measured by the host already.
 */
#ifndef FORECOURT_METRICS_H
#define FORECOURT_METRICS_H

#include <forecourt/types.h>

#ifdef __cplusplus
extern "C" {
#endif

#define FC_SERVICE_METRICS "fc.metrics/1"

typedef struct fc_metrics_1 {
  uint32_t size;
  uint32_t reserved;

  /* Adds to a counter. `subject` is a call or `self`; `name` is [a-z_][a-z0-9_]*; `label` (may be empty) is
   * the value of the one label "kind": keep its set small, FC_E_LIMIT after 100 per name. Takes effect at
   * once, also when the call is rolled back. [any-thread] */
  fc_status (*count)(fc_handle subject, const fc_view *name, const fc_view *label, double delta);

  /* One observation, in the unit the name ends with (`_seconds`, `_bytes`, `_fen`). [any-thread] */
  fc_status (*observe)(fc_handle subject, const fc_view *name, const fc_view *label, double value);
} fc_metrics_1;

#ifdef __cplusplus
}
#endif
#endif
