/* Errors inside the library: fill a ph_error and return its status in one expression. */
#ifndef PH_BASE_STATUS_H
#define PH_BASE_STATUS_H

#include "phosphene.h"

#if defined(__GNUC__)
#define PH_PRINTF(format_index, first_index) __attribute__((format(printf, format_index, first_index)))
#else
#define PH_PRINTF(format_index, first_index)
#endif

/* Writes the message (truncated to PH_MESSAGE_MAX, control characters replaced by '?') unless err is NULL; returns
 * `status`. */
ph_status ph_fail(ph_error *err, ph_status status, const char *format, ...) PH_PRINTF(3, 4);

/* "out of memory allocating N bytes for WHAT". */
ph_status ph_fail_memory(ph_error *err, size_t bytes, const char *what);

/* Returns from the calling function when `expression` is not PH_OK. */
#define PH_TRY(expression)                                                                                             \
    do {                                                                                                               \
        const ph_status ph_try_status = (expression);                                                                  \
        if (ph_try_status != PH_OK)                                                                                    \
            return ph_try_status;                                                                                      \
    } while (0)

/* The same for functions with one exit: sets `status` and jumps to `label`. */
#define PH_TRY_GOTO(status, label, expression)                                                                         \
    do {                                                                                                               \
        (status) = (expression);                                                                                       \
        if ((status) != PH_OK)                                                                                         \
            goto label;                                                                                                \
    } while (0)

#endif
