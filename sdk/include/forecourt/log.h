/* "fc.log/1": structured log lines, tagged by the host with plugin, generation, call and trace. */
#ifndef FORECOURT_LOG_H
#define FORECOURT_LOG_H

#include <forecourt/types.h>

#ifdef __cplusplus
extern "C" {
#endif

#define FC_SERVICE_LOG "fc.log/1"

#define FC_LOG_DEBUG 1u
#define FC_LOG_INFO 2u
#define FC_LOG_WARN 3u
#define FC_LOG_ERROR 4u

typedef struct fc_log_1 {
  uint32_t size;
  uint32_t reserved;

  /* `subject` is a call, or the host table's `self` outside one. `fields` is a JSON object or empty. At most
   * 16 KiB, longer is cut. Never write secrets or personal data. [any-thread] */
  fc_status (*write)(fc_handle subject, uint32_t level, const fc_view *message, const fc_view *fields);
} fc_log_1;

#ifdef __cplusplus
}
#endif
#endif
