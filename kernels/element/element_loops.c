/* element.def as loops over this machine's threads. This file is compiled once per instruction set; PH_VARIANT names
 * the one at hand, and its table is all that is visible from outside. */
#include "host/base/status.h"
#include "kernels/element/element_tables.h"

#include <omp.h>

/* Elements begin … end-1 of one kernel. */
typedef void range_fn(int64_t begin, int64_t end, const void *args);

/* Threads share the elements evenly, each a contiguous part. Below `grain` elements per thread, starting one costs more
 * than it saves. Elements are independent, so the split does not show in the results. */
static ph_status spread(struct ph_device *device, int64_t count, int64_t grain, range_fn *range, const void *args)
{
    if (count <= 0)
        return PH_OK;
    const int64_t most = count / grain;
    const int threads = ((const ph_cpu_device_head *)(const void *)device)->threads;
    if (threads < 2 || most < 2) {
        range(0, count, args);
        return PH_OK;
    }
#pragma omp parallel num_threads((int)(most < threads ? most : threads))
    {
        const int64_t n = omp_get_num_threads(), t = omp_get_thread_num();
        const int64_t share = count / n, rest = count % n;
        const int64_t begin = t * share + (t < rest ? t : rest);
        range(begin, begin + share + (t < rest), args);
    }
    return PH_OK;
}

/* How many elements are worth a thread: few where an element is a long sum. */
#define GRAIN(args)                                                                                                    \
    _Generic((args), ph_head_channels_args : 16, ph_square_sums_args : 4, ph_norm_args : 64, ph_draw_args : 64,        \
             ph_head_value_args : 8, ph_warp_args : 512, ph_warp_vjp_args : 512, default : 4096)

#define PH_ELEMENT(name)                                                                                               \
    static void name##_range(int64_t begin, int64_t end, const void *args)                                             \
    {                                                                                                                  \
        const ph_##name##_args a = *(const ph_##name##_args *)args;                                                    \
        for (int64_t i = begin; i < end; i++)                                                                          \
            ph_##name##_at(i, a);                                                                                      \
    }                                                                                                                  \
    static ph_status name##_run(struct ph_device *device, int64_t count, ph_##name##_args args, ph_error *err)         \
    {                                                                                                                  \
        (void)err;                                                                                                     \
        return spread(device, count, GRAIN(args), name##_range, &args);                                                \
    }

#define PH_ELEMENT_SPAN(name)                                                                                          \
    static void name##_range(int64_t begin, int64_t end, const void *args)                                             \
    {                                                                                                                  \
        const ph_##name##_args a = *(const ph_##name##_args *)args;                                                    \
        const int64_t length = ph_##name##_row(a);                                                                     \
        int64_t row = begin / length, first = begin % length;                                                          \
        while (begin < end) {                                                                                          \
            const int64_t count = length - first < end - begin ? length - first : end - begin;                         \
            ph_##name##_span(row, first, count, a);                                                                    \
            begin += count;                                                                                            \
            row++;                                                                                                     \
            first = 0;                                                                                                 \
        }                                                                                                              \
    }                                                                                                                  \
    static ph_status name##_run(struct ph_device *device, int64_t count, ph_##name##_args args, ph_error *err)         \
    {                                                                                                                  \
        if (ph_##name##_row(args) < 1)                                                                                 \
            return ph_fail(err, PH_MISUSE, "kernel " #name ": rows must have at least one element");                   \
        return spread(device, count, GRAIN(args), name##_range, &args);                                                \
    }

#include "kernels/element/element.def"
#undef PH_ELEMENT

const ph_element_kernels PH_TABLE(PH_VARIANT) = {
#define PH_ELEMENT(name) .name = name##_run,
#include "kernels/element/element.def"
#undef PH_ELEMENT
};
