#include "host/cli/memory.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void *ph_cli_must(void *pointer)
{
    if (!pointer) {
        fputs("phosphene: out of memory\n", stderr);
        exit(EXIT_FAILURE);
    }
    return pointer;
}

void *ph_cli_alloc(size_t count, size_t size)
{
    return ph_cli_must(calloc(count ? count : 1, size ? size : 1));
}

void *ph_cli_grow(void *array, size_t count, size_t size)
{
    /* Full at 0 and at every power of two. */
    if ((count & (count - 1)) != 0)
        return array;
    const size_t wanted = count ? 2 * count : 1;
    return ph_cli_must(wanted <= (size_t)-1 / size ? realloc(array, wanted * size) : NULL);
}

char *ph_cli_format(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const int length = vsnprintf(NULL, 0, format, args);
    va_end(args);
    char *text = ph_cli_must(length < 0 ? NULL : malloc((size_t)length + 1));
    va_start(args, format);
    vsnprintf(text, (size_t)length + 1, format, args);
    va_end(args);
    return text;
}
