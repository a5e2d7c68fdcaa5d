/* How values stand in memory. */
#include "kernels/cpu/plan.h"

int ph_cpu_memory_order(const ph_cpu_plan *plan, const ph_cpu_value *value, int64_t dim[PH_MAX_RANK],
                        int axis_at[PH_MAX_RANK])
{
    const ph_shape *shape = &plan->net->tensors[value->tensor].shape;
    for (int i = 0; i < shape->rank; i++) {
        axis_at[i] = i;
        if (value->layout == PH_LAST && i > 0)
            axis_at[i] = i == shape->rank - 1 ? 1 : i + 1;
    }
    for (int i = 0; i < shape->rank; i++)
        dim[i] = shape->dim[axis_at[i]];
    return shape->rank;
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
    int64_t dim[PH_MAX_RANK], step = 1;
    int axis_at[PH_MAX_RANK];
    for (int i = ph_cpu_memory_order(plan, value, dim, axis_at) - 1; i >= 0; i--) {
        stride[axis_at[i]] = step;
        step *= dim[i];
    }
}
