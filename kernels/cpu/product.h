/* The matrix product of loops.h over all threads. */
#ifndef PH_CPU_PRODUCT_H
#define PH_CPU_PRODUCT_H

#include "kernels/cpu/loops.h"

static inline void ph_cpu_product(const ph_product_loop *loop)
{
    const int64_t blocks = (loop->m + PH_BLOCK - 1) / PH_BLOCK, panels = (loop->n + PH_PANEL - 1) / PH_PANEL;
    ph_cpu_parallel(ph_cpu_best_loops()->product, loop, blocks * panels, loop->k * PH_PANEL);
}

#endif
