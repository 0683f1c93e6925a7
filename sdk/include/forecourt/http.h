/* "fc.http/1": the request of an operation and its reply. Only in calls of kind FC_OPERATION. */
#ifndef FORECOURT_HTTP_H
#define FORECOURT_HTTP_H

#include <forecourt/types.h>

#ifdef __cplusplus
extern "C" {
#endif

#define FC_SERVICE_HTTP "fc.http/1"

/* Where a parameter stands; only those the operation's OpenAPI declares are there, already validated. */
#define FC_IN_PATH 1u
#define FC_IN_QUERY 2u
#define FC_IN_HEADER 3u /* names compare without case */

typedef struct fc_http_1 {
  uint32_t size;
  uint32_t reserved;

  /* The percent-decoded value. FC_E_NOT_FOUND when the request does not have it; the schema's `default` is
   * not filled in. [call-thread] */
  fc_status (*parameter)(fc_handle call, uint32_t where, const fc_view *name, fc_view *value);

  /* The whole body, byte for byte as received (after chunked decoding). Empty when there is none.
   * FC_E_LIMIT when the host spooled it to disk: use body_read. [call-thread] */
  fc_status (*body)(fc_handle call, fc_view *body);

  /* Bytes in the body, in memory or spooled. [call-thread] */
  fc_status (*body_size)(fc_handle call, uint64_t *size);

  /* Copies up to `capacity` bytes from `offset` into the plugin's `buffer`; `*got` is 0 at the end.
   * [call-thread] */
  fc_status (*body_read)(fc_handle call, uint64_t offset, uint8_t *buffer, uint64_t capacity, uint64_t *got);

  /* Sets the reply: status 200 to 599, a media type (empty: none) and a body, both copied. The last reply
   * of a run wins. It leaves the host when the call has ended and, for writes, when the commit is on disk.
   * FC_E_INVALID for a bad status or media type, FC_E_LIMIT above the host's reply limit. [call-thread] */
  fc_status (*reply)(fc_handle call, int32_t status, const fc_view *media_type, const fc_view *body);

  /* Adds one header to the reply. FC_E_INVALID for a name or value HTTP does not allow, and for those the
   * host sets itself (Content-Length, Content-Type, Connection, Date, Transfer-Encoding ...). [call-thread] */
  fc_status (*reply_header)(fc_handle call, const fc_view *name, const fc_view *value);
} fc_http_1;

#ifdef __cplusplus
}
#endif
#endif
