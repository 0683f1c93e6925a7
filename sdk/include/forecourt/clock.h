/* "fc.clock/1": the call's time. Fixed when the call is admitted, the same when it is run again. */
#ifndef FORECOURT_CLOCK_H
#define FORECOURT_CLOCK_H

#include <forecourt/types.h>

#ifdef __cplusplus
extern "C" {
#endif

#define FC_SERVICE_CLOCK "fc.clock/1"

typedef struct fc_clock_1 {
  uint32_t size;
  uint32_t reserved;

  /* When the call was admitted. 0 for a stale handle. [call-thread] */
  int64_t (*now_ms)(fc_handle call);
} fc_clock_1;

#ifdef __cplusplus
}
#endif
#endif
