/* Memory of the command line: never NULL. A full heap ends the program with one line and exit status 1. */
#ifndef PH_CLI_MEMORY_H
#define PH_CLI_MEMORY_H

#include <stddef.h>

#if defined(__GNUC__)
#define PH_CLI_PRINTF(format_index, first_index) __attribute__((format(printf, format_index, first_index)))
#else
#define PH_CLI_PRINTF(format_index, first_index)
#endif

/* Returns `pointer` unless it is NULL. */
void *ph_cli_must(void *pointer);
/* count x size bytes, zeroed. */
void *ph_cli_alloc(size_t count, size_t size);
/* `array` of count elements with room for one more; use the result in its place. */
void *ph_cli_grow(void *array, size_t count, size_t size);
/* A new string. */
char *ph_cli_format(const char *format, ...) PH_CLI_PRINTF(1, 2);

#endif
