/* One table of loops per instruction set. Private to loops.c and loops_choice.c. */
#ifndef PH_CPU_LOOPS_TABLES_H
#define PH_CPU_LOOPS_TABLES_H

#include "kernels/cpu/loops.h"

#define PH_LOOPS_JOIN(a, b) a##b
#define PH_LOOPS_TABLE(variant) PH_LOOPS_JOIN(ph_cpu_loops_, variant)

extern const ph_cpu_loops ph_cpu_loops_base, ph_cpu_loops_v3, ph_cpu_loops_v4;

#endif
