#include "kernels/cpu/threads.h"

#include <omp.h>

/* Below this many elements starting the other threads costs more than they save. */
static const int64_t WORTH_A_THREAD = 4096;

int ph_cpu_threads_set(int threads)
{
    const int before = omp_get_max_threads();
    if (threads > 0)
        omp_set_num_threads(threads);
    return before;
}

void ph_cpu_parallel(ph_cpu_range range, const void *args, int64_t count, int64_t item_cost)
{
    if (count <= 0)
        return;
    const int64_t worth = 1 + count * (item_cost > 0 ? item_cost : 1) / WORTH_A_THREAD;
    int threads = omp_in_parallel() ? 1 : omp_get_max_threads();
    if (threads > count)
        threads = (int)count;
    if (threads > worth)
        threads = (int)worth;
    if (threads <= 1) {
        range(args, 0, 0, count);
        return;
    }
#pragma omp parallel num_threads(threads)
    {
        const int64_t parts = omp_get_num_threads(), part = omp_get_thread_num();
        range(args, (int)part, count * part / parts, count * (part + 1) / parts);
    }
}
