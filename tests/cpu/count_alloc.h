/* Counts what the code under test allocates, and makes its N-th allocation fail. Link with
 * "-Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc"; libraries' own allocations are not seen. */
#ifndef TESTS_CPU_COUNT_ALLOC_H
#define TESTS_CPU_COUNT_ALLOC_H

#include <stdbool.h>
#include <stddef.h>

/* From now on count, and let the n-th allocation fail (0: none). */
void count_alloc_start(long n);
/* Stops. Bytes asked for since the start, growth of arrays counted by its new sizes; true in *failed if one failed. */
size_t count_alloc_stop(bool *failed);

#endif
