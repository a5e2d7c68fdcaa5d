/* Buffers that live at different times share memory: from lifetimes and sizes to offsets in one block. */
#ifndef PH_ENGINE_ARENA_H
#define PH_ENGINE_ARENA_H

#include "phosphene.h"

typedef struct ph_interval {
    int64_t size;    /* in any unit; 0 is fine */
    int first, last; /* times of use, both included */
    int64_t offset;  /* out: a multiple of the alignment */
} ph_interval;

/* One more time at which it is used, with `size` then; the largest counts. A new one is all zeros. */
void ph_interval_use(ph_interval *interval, int64_t size, int time);

/* Places the largest first, each at the lowest offset that is free during its whole life. Intervals that share a time
 * never overlap. *total: the size of the block. PH_NO_MEMORY: no memory to work in, or sums beyond 2^62. */
ph_status ph_arena_place(ph_interval *intervals, size_t count, int64_t alignment, int64_t *total, ph_error *err);

#endif
