/* "fc.jobs/1": durable work due at a time, scheduled by the commit of the call that asks for it. */
#ifndef FORECOURT_JOBS_H
#define FORECOURT_JOBS_H

#include <forecourt/types.h>

#ifdef __cplusplus
extern "C" {
#endif

#define FC_SERVICE_JOBS "fc.jobs/1"

#define FC_JOB_KEY 1u     /* the key it was scheduled under */
#define FC_JOB_PAYLOAD 2u /* the payload, as scheduled */

typedef struct fc_jobs_1 {
  uint32_t size;
  uint32_t reserved;

  /* Plans a job of a kind the descriptor lists. (kind, key) is unique among waiting jobs: planning it again
   * replaces due time and payload. The job runs as a write call in the org of this call, not before
   * `due_ms`, once in effect; a failing one is retried with backoff, then parked. `payload` at most 256 KiB.
   * FC_E_STATE outside a write's handle, FC_E_DENIED for an unlisted kind. [call-thread] */
  fc_status (*schedule)(fc_handle call, const fc_view *kind, const fc_view *key, int64_t due_ms,
                        const fc_view *payload);

  /* Drops a waiting job. FC_E_NOT_FOUND when there is none. [call-thread] */
  fc_status (*cancel)(fc_handle call, const fc_view *kind, const fc_view *key);

  /* An attribute of the job this call runs. FC_E_STATE in calls of another kind. [call-thread] */
  fc_status (*received)(fc_handle call, uint32_t attribute, fc_view *value);
} fc_jobs_1;

#ifdef __cplusplus
}
#endif
#endif
