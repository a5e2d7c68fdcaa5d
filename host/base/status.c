#include "host/base/status.h"

#include <stdarg.h>
#include <stdio.h>

const char *ph_status_text(ph_status status)
{
    switch (status) {
#define PH_STATUS_CASE(name, text)                                                                                     \
    case PH_##name:                                                                                                    \
        return text;
        PH_STATUS_LIST(PH_STATUS_CASE)
#undef PH_STATUS_CASE
    }
    return "unknown status";
}

const char *ph_version(void)
{
    return PH_VERSION_STRING;
}

ph_status ph_fail(ph_error *err, ph_status status, const char *format, ...)
{
    if (!err)
        return status;
    err->status = status;
    va_list args;
    va_start(args, format);
    const int written = vsnprintf(err->message, sizeof err->message, format, args);
    va_end(args);
    if (written < 0)
        err->message[0] = '\0';
    /* Names come from files that anyone may have made: they must not drive a terminal. */
    for (char *c = err->message; *c; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7f)
            *c = '?';
    return status;
}

ph_status ph_fail_memory(ph_error *err, size_t bytes, const char *what)
{
    return ph_fail(err, PH_NO_MEMORY, "out of memory allocating %zu bytes for %s", bytes, what);
}
