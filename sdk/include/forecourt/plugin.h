/* What a plugin gives the host: one exported function, one table, one entry a handler.
 *
 * Life of a generation: entry → open → start → (prepare, handle, finish)* → drain → close. Each lifecycle
 * function is called once, on the main thread. Handlers run on many threads at once unless said otherwise;
 * `handle` of a write operation, event or job runs on the plugin's lane, one at a time.
 *
 * A handler may run more than once for one call (the lane re-runs a group when a neighbour destroyed its
 * transaction): ids, clock and randomness of a call are fixed when it is admitted, so a second run is the
 * same run. Keep no business state in memory; the database is the truth.
 */
#ifndef FORECOURT_PLUGIN_H
#define FORECOURT_PLUGIN_H

#include <forecourt/host.h>
#include <forecourt/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What a handler serves. */
#define FC_OPERATION 1u /* `name` is an operationId of the plugin's OpenAPI document */
#define FC_EVENT 2u     /* `name` is an event type the descriptor consumes, e.g. "payments.payment.verified" */
#define FC_JOB 3u       /* `name` is a job kind the descriptor lists */

typedef struct fc_handler {
  uint32_t size; /* bytes the plugin really provides */
  uint32_t kind; /* FC_OPERATION, FC_EVENT or FC_JOB */
  const char *name;

  /* Optional (NULL), only for writes: runs on a worker with a read snapshot, before the lane: verify
   * signatures, parse, call out. May leave a pointer in `*prepared`; it is the plugin's and opaque to the
   * host. FC_OK goes on to `handle`; FC_DONE means a reply was given and `handle` is not run; a negative
   * status ends the call. [worker-thread] */
  fc_status (*prepare)(void *instance, fc_handle call, void **prepared);

  /* Runs the call. For a write: inside the lane's transaction, under a savepoint of its own. FC_OK commits,
   * whatever the reply's HTTP status. FC_E_ROLLBACK undoes the writes and sends the reply given. Any other
   * negative status undoes the writes and the host answers an error made from it. `prepared` is what
   * `prepare` left, else NULL. [call-thread] */
  fc_status (*handle)(void *instance, fc_handle call, void *prepared);

  /* Optional (NULL): frees `prepared`. Called exactly once for each prepare that ran, by the same
   * generation, whatever happened to the call, after the last `handle`; the call handle is gone by then.
   * [any-thread] */
  void (*finish)(void *instance, void *prepared);
} fc_handler;

typedef struct fc_plugin {
  uint32_t size;       /* bytes the plugin really provides */
  uint32_t abi_major;  /* FC_ABI_MAJOR the plugin was built with */
  const char *id;      /* equals the descriptor's id */
  const char *version; /* equals the descriptor's version */

  const fc_handler *const *handlers; /* `handler_count` pointers, constant for the plugin's life */
  uint64_t handler_count;

  /* Makes an instance; asks for services. No threads, no database yet. Leaves its pointer in `*instance`.
   * `host` stays valid until close returned. [main-thread] */
  fc_status (*open)(const fc_host *host, void **instance);

  /* Optional (NULL): migrations are applied, handlers may run as soon as this returns FC_OK. [main-thread] */
  fc_status (*start)(void *instance);

  /* Optional (NULL): no new calls come; those running end by `deadline_ms`. [main-thread] */
  fc_status (*drain)(void *instance, int64_t deadline_ms);

  /* Frees the instance. Every thread the plugin started has ended when this returns. [main-thread] */
  void (*close)(void *instance);
} fc_plugin;

/* The one exported symbol; its name is frozen forever. Returns a table that lives as long as the library,
 * or NULL when the plugin cannot serve a host of this major version. Runs no I/O. [main-thread] */
#define FC_ENTRY_NAME "fc_plugin_entry_1"
#if defined(__GNUC__)
#define FC_EXPORT __attribute__((visibility("default")))
#else
#define FC_EXPORT
#endif
FC_EXPORT const fc_plugin *fc_plugin_entry_1(uint32_t host_abi_major);

#ifdef __cplusplus
}
#endif
#endif
