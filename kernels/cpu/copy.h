/* Copying or adding `count` floats over all threads. */
#ifndef PH_CPU_COPY_H
#define PH_CPU_COPY_H

#include "kernels/cpu/loops.h"

static inline void ph_cpu_copy(const float *from, float *to, int64_t count, bool add)
{
    enum { WIDTH = 4096 };
    const ph_cpu_loops *loops = ph_cpu_best_loops();
    const ph_rows_loop whole = {from, to, WIDTH, WIDTH, WIDTH, add};
    ph_cpu_parallel(loops->rows, &whole, count / WIDTH, WIDTH);
    const int64_t done = count / WIDTH * WIDTH;
    const ph_rows_loop rest = {from + done, to + done, count - done, 0, 0, add};
    ph_cpu_parallel(loops->rows, &rest, 1, 1);
}

#endif
