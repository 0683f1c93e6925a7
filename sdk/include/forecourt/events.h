/* "fc.events/1": facts, published by the commit that made them true and delivered once in effect.
 *
 * An event is a CloudEvents 1.0 fact. Types are "<plugin>.<thing>.<verb>"; the descriptor lists what a plugin
 * publishes ("events.publishes") and consumes ("events.consumes"). A subscriber sees a publisher's events in
 * commit order; its handler and the cursor commit together.
 */
#ifndef FORECOURT_EVENTS_H
#define FORECOURT_EVENTS_H

#include <forecourt/types.h>

#ifdef __cplusplus
extern "C" {
#endif

#define FC_SERVICE_EVENTS "fc.events/1"

/* Attributes of a received event. */
#define FC_EVENT_ID 1u      /* unique, stable over redelivery */
#define FC_EVENT_TYPE 2u    /* "payments.payment.verified" */
#define FC_EVENT_SOURCE 3u  /* the publishing plugin's id */
#define FC_EVENT_SUBJECT 4u /* what it is about; order holds within a subject even when one fails */
#define FC_EVENT_TIME 5u    /* RFC 3339, when it became true */
#define FC_EVENT_DATA 6u    /* a JSON document */

typedef struct fc_events_1 {
  uint32_t size;
  uint32_t reserved;

  /* Writes an event into the transaction; it is delivered after the commit and only then. It carries the
   * call's current org. `subject` may be empty, `data` is a JSON document, at most 256 KiB. FC_E_STATE
   * outside a write's handle, FC_E_DENIED for a type the descriptor does not publish, FC_E_INVALID for data
   * that is not JSON. [call-thread] */
  fc_status (*publish)(fc_handle call, const fc_view *type, const fc_view *subject, const fc_view *data);

  /* An attribute of the event this call handles. FC_E_STATE in calls of another kind. [call-thread] */
  fc_status (*received)(fc_handle call, uint32_t attribute, fc_view *value);
} fc_events_1;

#ifdef __cplusplus
}
#endif
#endif
