/* How values stand in memory. */
#include "kernels/cuda/plan.h"

#include "host/base/status.h"

ph_cuda_rows ph_cuda_rows_of(const ph_cuda_plan *plan, const ph_cuda_value *value)
{
    const int64_t pictures = value->constant ? 1 : plan->batch;
    if (value->layout == PH_CUDA_LAST)
        return (ph_cuda_rows){.rows = pictures * value->n * value->area,
                              .width = value->c,
                              .pitch = value->pitch,
                              .inner = 1,
                              .channels = value->c};
    return (ph_cuda_rows){
        .rows = pictures, .width = value->count, .pitch = value->pitch, .inner = value->area, .channels = value->c};
}

bool ph_cuda_alike(const ph_cuda_plan *plan, const ph_cuda_value *a, const ph_cuda_value *b)
{
    return a->layout == b->layout && a->step == b->step &&
           ph_shape_equal(&plan->net->tensors[a->tensor].shape, &plan->net->tensors[b->tensor].shape);
}

int ph_cuda_memory_order(const ph_cuda_plan *plan, const ph_cuda_value *value, int64_t dim[PH_MAX_RANK],
                         int axis_at[PH_MAX_RANK])
{
    const ph_shape *shape = &plan->net->tensors[value->tensor].shape;
    for (int i = 0; i < shape->rank; i++) {
        axis_at[i] = i;
        if (value->layout == PH_CUDA_LAST && i > 0)
            axis_at[i] = i == shape->rank - 1 ? 1 : i + 1;
    }
    for (int i = 0; i < shape->rank; i++)
        dim[i] = shape->dim[axis_at[i]];
    return shape->rank;
}

void ph_cuda_strides(const ph_cuda_plan *plan, const ph_cuda_value *value, int64_t stride[PH_MAX_RANK])
{
    int64_t dim[PH_MAX_RANK], step = 1;
    int axis_at[PH_MAX_RANK];
    const int rank = ph_cuda_memory_order(plan, value, dim, axis_at);
    for (int i = rank - 1; i >= 0; i--) {
        stride[axis_at[i]] = step;
        step *= value->layout == PH_CUDA_LAST && i == rank - 1 ? value->pitch : dim[i];
    }
}

ph_status ph_cuda_upload(const ph_cuda_plan *plan, void *to, const void *from, size_t bytes, ph_error *err)
{
    return ph_cuda_write(plan->device, to, from, bytes, err);
}
