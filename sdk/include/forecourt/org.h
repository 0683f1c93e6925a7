/* "fc.org/1": who calls, on whose behalf, and the tree of organisations
 * (group → brand → region → dealer → store).
 */
#ifndef FORECOURT_ORG_H
#define FORECOURT_ORG_H

#include <forecourt/types.h>

#ifdef __cplusplus
extern "C" {
#endif

#define FC_SERVICE_ORG "fc.org/1"

#define FC_ORG_KIND 1u     /* "group", "brand", "region", "dealer" or "store" */
#define FC_ORG_PARENT 2u   /* an org id, empty at the root */
#define FC_ORG_NAME 3u     /* for people */
#define FC_ORG_TIMEZONE 4u /* IANA name, inherited when not set, e.g. "Asia/Shanghai" */

typedef struct fc_org_1 {
  uint32_t size;
  uint32_t reserved;

  /* Who asked: the id of an API key, "public" for operations without a credential, "event" or "job".
   * [call-thread] */
  fc_status (*caller)(fc_handle call, fc_view *caller);

  /* The org this call acts for; what $fc_org is bound to. FC_E_STATE in a public operation before adopt.
   * [call-thread] */
  fc_status (*current)(fc_handle call, fc_view *org);

  /* Binds the call to an org, once for each run of prepare and of handle: in a public operation after the
   * plugin verified who calls; in an event or job, to act at an ancestor of the org it carries (a member kept
   * at group level). FC_E_DENIED in a keyed operation and for an org that is not an ancestor, FC_E_CONFLICT
   * the second time, FC_E_NOT_FOUND for an unknown org. [call-thread] */
  fc_status (*adopt)(fc_handle call, const fc_view *org);

  /* A field of any org. FC_E_NOT_FOUND for an unknown one. [call-thread] */
  fc_status (*describe)(fc_handle call, const fc_view *org, uint32_t field, fc_view *value);

  /* FC_YES when `org` is `ancestor` or below it, FC_OK when not, FC_E_NOT_FOUND for an unknown one.
   * [call-thread] */
  fc_status (*within)(fc_handle call, const fc_view *org, const fc_view *ancestor);

  /* The nearest of `org` and its ancestors that has this kind. FC_E_NOT_FOUND when there is none.
   * [call-thread] */
  fc_status (*at_level)(fc_handle call, const fc_view *org, const fc_view *kind, fc_view *found);
} fc_org_1;

#ifdef __cplusplus
}
#endif
#endif
