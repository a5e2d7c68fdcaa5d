#include "kernels/cpu/loops_tables.h"
#include "kernels/element/element_tables.h"

const ph_cpu_loops *ph_cpu_best_loops(void)
{
    static const ph_cpu_loops *const tables[] = {
        &ph_cpu_loops_base,
#if defined(PH_X86_VARIANTS)
        &ph_cpu_loops_v3,
        &ph_cpu_loops_v4,
#endif
    };
    return tables[ph_element_cpu_level()];
}
