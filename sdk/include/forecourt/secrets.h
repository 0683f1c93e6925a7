/* "fc.secrets/1": encryption at rest under a key that only the host has. The ciphertext lives in the
 * plugin's own tables, inside its transaction. Bound to the plugin: another one cannot open it.
 */
#ifndef FORECOURT_SECRETS_H
#define FORECOURT_SECRETS_H

#include <forecourt/types.h>

#ifdef __cplusplus
extern "C" {
#endif

#define FC_SERVICE_SECRETS "fc.secrets/1"

typedef struct fc_secrets_1 {
  uint32_t size;
  uint32_t reserved;

  /* Encrypts and authenticates. `context` (may be empty) must be the same at open: bind a secret to its row.
   * At most 64 KiB. [call-thread] */
  fc_status (*seal)(fc_handle call, const fc_view *context, const fc_view *plain, fc_view *sealed);

  /* FC_E_INVALID when the bytes were not sealed by this plugin under this context. The plain bytes are
   * wiped when the current function returns. [call-thread] */
  fc_status (*open)(fc_handle call, const fc_view *context, const fc_view *sealed, fc_view *plain);
} fc_secrets_1;

#ifdef __cplusplus
}
#endif
#endif
