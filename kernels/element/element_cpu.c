#include "kernels/element/element_cpu.h"
#include "kernels/element/element_tables.h"

#if defined(PH_X86_VARIANTS)
/* What -march=x86-64-v3 and -v4 may use, as far as compilers do here. */
static bool has_v3(void)
{
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2");
}

static bool has_v4(void)
{
    return has_v3() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq");
}
#endif

int ph_element_cpu_level(void)
{
#if defined(PH_X86_VARIANTS)
    return has_v4() ? 2 : has_v3() ? 1 : 0;
#else
    return 0;
#endif
}

const ph_element_kernels *ph_element_cpu_variant(int index, const char **name)
{
    static const char *const names[PH_ELEMENT_CPU_VARIANTS] = {"base", "v3", "v4"};
    static const ph_element_kernels *const tables[PH_ELEMENT_CPU_VARIANTS] = {
        &ph_element_table_base,
#if defined(PH_X86_VARIANTS)
        &ph_element_table_v3,
        &ph_element_table_v4,
#endif
    };
    if (index < 0 || index > ph_element_cpu_level())
        return NULL;
    if (name)
        *name = names[index];
    return tables[index];
}

const ph_element_kernels *ph_element_cpu(void)
{
    return ph_element_cpu_variant(ph_element_cpu_level(), NULL);
}

/* A function's result is no constant initializer, so this table forwards to the one that fits the machine. */
#define PH_ELEMENT(name)                                                                                               \
    static ph_status best_##name(ph_device *device, int64_t count, ph_##name##_args args, ph_error *err)               \
    {                                                                                                                  \
        return ph_element_cpu()->name(device, count, args, err);                                                       \
    }
#include "kernels/element/element.def"
#undef PH_ELEMENT

const ph_element_kernels ph_element_cpu_kernels = {
#define PH_ELEMENT(name) .name = best_##name,
#include "kernels/element/element.def"
#undef PH_ELEMENT
};
