/* "fc.config/1": the admin's settings for this plugin, checked against the descriptor's schema. The nearest
 * org upward that sets a value wins, unless an ancestor locked it. A change applies from the next call; one
 * call sees one state.
 */
#ifndef FORECOURT_CONFIG_H
#define FORECOURT_CONFIG_H

#include <forecourt/types.h>

#ifdef __cplusplus
extern "C" {
#endif

#define FC_SERVICE_CONFIG "fc.config/1"

typedef struct fc_config_1 {
  uint32_t size;
  uint32_t reserved;

  /* The effective value of a top-level key at `org` (empty view: the call's current org), as a JSON text;
   * the schema's `default` when nobody set it. FC_E_NOT_FOUND when there is neither. [call-thread] */
  fc_status (*get)(fc_handle call, const fc_view *org, const fc_view *key, fc_view *json);
} fc_config_1;

#ifdef __cplusplus
}
#endif
#endif
