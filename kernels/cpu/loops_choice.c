#include "kernels/cpu/loops_tables.h"
#include "kernels/element/element_tables.h"

const ph_cpu_loops *ph_cpu_loops_variant(int index)
{
    static const ph_cpu_loops *const tables[PH_ELEMENT_CPU_VARIANTS] = {
        &ph_cpu_loops_base,
#if defined(PH_X86_VARIANTS)
        &ph_cpu_loops_v3,
        &ph_cpu_loops_v4,
#endif
    };
    return index < 0 || index > ph_element_cpu_level() ? NULL : tables[index];
}

const ph_cpu_loops *ph_cpu_best_loops(void)
{
    return ph_cpu_loops_variant(ph_element_cpu_level());
}
