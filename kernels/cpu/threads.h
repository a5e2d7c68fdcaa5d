/* Threads of the loops. The number is set for the calling thread alone: OpenMP keeps it per thread. */
#ifndef PH_CPU_THREADS_H
#define PH_CPU_THREADS_H

#include "phosphene.h"

/* Sets how many threads parallel regions that this thread starts will have (oneDNN's too); returns what it was. */
int ph_cpu_threads_set(int threads);

/* A loop: does the items begin … end-1. part < number of threads: which share of the items this is, for scratch. */
typedef void (*ph_cpu_range)(const void *args, int part, int64_t begin, int64_t end);

/* Runs a loop over `count` items in equal shares, one per thread; item_cost is about how many elements one item
 * handles: little work stays in one thread. Within a parallel region everything stays in the calling thread as part 0.
 */
void ph_cpu_parallel(ph_cpu_range range, const void *args, int64_t count, int64_t item_cost);

#endif
