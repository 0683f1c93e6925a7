/* The words every other header uses: handles, views and statuses.
 *
 * Rules of the boundary, for every header of this directory:
 *  - Handles are 64-bit and generation-tagged. 0 is "none"; a handle that has ended is answered with
 *    FC_E_STALE, never with a crash. They are never pointers.
 *  - Views are borrowed. What the plugin passes in is read before the function returns. What the host
 *    hands out stays valid until the plugin's current function (prepare, handle, open ...) returns,
 *    unless the function says less.
 *  - Each side frees its own memory; nothing is freed across the edge.
 *  - No exception, longjmp or signal crosses. Failures are statuses; unknown negative values mean
 *    FC_E_INTERNAL.
 *  - Text is UTF-8 and not NUL-terminated, except where the type is `const char *`.
 *  - Times are int64 milliseconds since 1970-01-01T00:00:00Z. Money is int64 fen.
 *  - Thread tags: [any-thread]; [call-thread] is the thread that runs the call's function right now;
 *    [main-thread] is the host's own, one lifecycle function at a time.
 *
 * Only 64-bit platforms are supported.
 */
#ifndef FORECOURT_TYPES_H
#define FORECOURT_TYPES_H

#include <stddef.h>
#include <stdint.h>

#define FC_ABI_MAJOR 1u

typedef uint64_t fc_handle;

/* `n` bytes at `p`. `p` may be NULL when `n` is 0. */
typedef struct fc_view {
  const uint8_t *p;
  uint64_t n;
} fc_view;

typedef int32_t fc_status;

#define FC_OK 0
#define FC_ROW 1  /* fc.sql next: a row is there */
#define FC_DONE 2 /* prepare: the reply stands, handle is not run */
#define FC_YES 3  /* a question answered with yes; FC_OK is no */

#define FC_E_INTERNAL (-1)     /* a bug or an unexpected failure */
#define FC_E_INVALID (-2)      /* an argument the function cannot take */
#define FC_E_DENIED (-3)       /* not granted, or not this caller's */
#define FC_E_NOT_FOUND (-4)    /* no such thing */
#define FC_E_CONFLICT (-5)     /* exists already, or done already */
#define FC_E_STALE (-6)        /* the handle has ended */
#define FC_E_STATE (-7)        /* not in this phase of the call */
#define FC_E_LIMIT (-8)        /* a size, count or quota was reached */
#define FC_E_CANCELLED (-9)    /* deadline passed or the host stops */
#define FC_E_UNAVAILABLE (-10) /* try again later */
#define FC_E_READ_ONLY (-11)   /* the store takes no writes now (disk or quota full) */
#define FC_E_CONSTRAINT (-12)  /* a unique key or check refused the row; the statement did nothing */
#define FC_E_ROLLBACK (-13)    /* handle: undo my writes, the reply I gave stands */

/* Whether the table behind `t` is long enough to hold `field` and has it set. */
#define FC_HAS(t, type, field) \
  ((t) != NULL && (t)->size >= offsetof(type, field) + sizeof((t)->field) && (t)->field != NULL)

#endif
