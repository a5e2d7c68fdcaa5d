#include "host/engine/arena.h"
#include "host/base/alloc.h"
#include "host/base/status.h"

#include <stdlib.h>

static const int64_t LIMIT = INT64_C(1) << 62;

/* By size, largest first; equal sizes in the order given, so that the outcome does not depend on the sort. */
static int by_size(const void *a, const void *b)
{
    const ph_interval *x = *(ph_interval *const *)a, *y = *(ph_interval *const *)b;
    if (x->size != y->size)
        return x->size < y->size ? 1 : -1;
    return x < y ? -1 : x > y;
}

static bool meet(const ph_interval *a, const ph_interval *b)
{
    return a->first <= b->last && b->first <= a->last;
}

/* The lowest multiple of `alignment` where `wanted` overlaps none of the `count` placed ones that live at its time.
 * Every pass moves beyond some placed interval, so there are at most count + 1 passes. */
static int64_t lowest_free(const ph_interval *wanted, ph_interval *const *placed, size_t count, int64_t alignment)
{
    int64_t offset = 0;
    for (bool moved = true; moved;) {
        moved = false;
        for (size_t i = 0; i < count; i++) {
            const ph_interval *other = placed[i];
            if (!meet(wanted, other) || offset >= other->offset + other->size || other->offset >= offset + wanted->size)
                continue;
            offset = (other->offset + other->size + alignment - 1) / alignment * alignment;
            moved = true;
        }
    }
    return offset;
}

void ph_interval_use(ph_interval *interval, int64_t size, int time)
{
    const bool first = interval->size == 0;
    interval->first = first || time < interval->first ? time : interval->first;
    interval->last = first || time > interval->last ? time : interval->last;
    interval->size = size > interval->size ? size : interval->size;
}

ph_status ph_arena_place(ph_interval *intervals, size_t count, int64_t alignment, int64_t *total, ph_error *err)
{
    int64_t sum = 0;
    for (size_t i = 0; i < count; i++) {
        if (intervals[i].size < 0 || intervals[i].size > LIMIT - sum - alignment)
            return ph_fail(err, PH_NO_MEMORY,
                           "the buffers of the network are larger than any memory: use a smaller "
                           "picture");
        sum += intervals[i].size + alignment;
    }
    ph_interval **order = ph_alloc(count, sizeof *order);
    if (!order)
        return ph_fail_memory(err, count * sizeof *order, "the plan of the buffers");
    for (size_t i = 0; i < count; i++)
        order[i] = &intervals[i];
    qsort(order, count, sizeof *order, by_size);
    *total = 0;
    for (size_t i = 0; i < count; i++) {
        ph_interval *interval = order[i];
        interval->offset = interval->size ? lowest_free(interval, order, i, alignment) : 0;
        if (interval->offset + interval->size > *total)
            *total = interval->offset + interval->size;
    }
    ph_free(order);
    return PH_OK;
}
