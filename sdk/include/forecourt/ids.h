/* "fc.ids/1": identifiers and randomness. The n-th answer within a call is the same when the call is run
 * again; nobody outside can predict it.
 */
#ifndef FORECOURT_IDS_H
#define FORECOURT_IDS_H

#include <forecourt/types.h>

#ifdef __cplusplus
extern "C" {
#endif

#define FC_SERVICE_IDS "fc.ids/1"

typedef struct fc_ids_1 {
  uint32_t size;
  uint32_t reserved;

  /* "<prefix>_<26 characters>": a UUIDv7 (RFC 9562) in Crockford base 32, so ids of one kind sort by time.
   * `prefix` is 1 to 16 of [a-z0-9]. [call-thread] */
  fc_status (*make)(fc_handle call, const fc_view *prefix, fc_view *id);

  /* Fills `buffer` with `n` (at most 4096) unpredictable bytes, e.g. for a coupon code. [call-thread] */
  fc_status (*random)(fc_handle call, uint8_t *buffer, uint64_t n);
} fc_ids_1;

#ifdef __cplusplus
}
#endif
#endif
