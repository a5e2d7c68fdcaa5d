/* How values stand in memory. */
#include "kernels/cpu/plan.h"

int ph_cpu_memory_order(const ph_cpu_plan *plan, const ph_cpu_value *value, int64_t dim[PH_MAX_RANK],
                        int axis_at[PH_MAX_RANK])
{
    return ph_layout_order(&plan->net->tensors[value->tensor].shape, value->layout, dim, axis_at);
}

ph_cpu_axis ph_cpu_around(const ph_cpu_plan *plan, const ph_cpu_value *value, int axis)
{
    int64_t dim[PH_MAX_RANK];
    int axis_at[PH_MAX_RANK];
    const int rank = ph_cpu_memory_order(plan, value, dim, axis_at);
    ph_cpu_axis around = {1, 1, 1};
    /* A vector's only axis is also its axis 1. */
    const int wanted = axis < rank ? axis : rank - 1;
    for (int i = 0, seen = 0; i < rank; i++) {
        if (axis_at[i] == wanted) {
            around.length = dim[i];
            seen = 1;
        } else if (seen) {
            around.inner *= dim[i];
        } else {
            around.outer *= dim[i];
        }
    }
    return around;
}

void ph_cpu_strides(const ph_cpu_plan *plan, const ph_cpu_value *value, int64_t stride[PH_MAX_RANK])
{
    ph_layout_strides(&plan->net->tensors[value->tensor].shape, value->layout, value->c, stride);
}
