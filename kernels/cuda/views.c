/* How values stand in memory. */
#include "kernels/cuda/plan.h"

#include "host/base/status.h"

ph_cuda_rows ph_cuda_rows_of(const ph_cuda_plan *plan, const ph_cuda_value *value)
{
    const int64_t pictures = value->constant ? 1 : plan->batch;
    if (value->layout == PH_LAST)
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
    return ph_layout_order(&plan->net->tensors[value->tensor].shape, value->layout, dim, axis_at);
}

void ph_cuda_strides(const ph_cuda_plan *plan, const ph_cuda_value *value, int64_t stride[PH_MAX_RANK])
{
    ph_layout_strides(&plan->net->tensors[value->tensor].shape, value->layout, value->pitch, stride);
}

ph_status ph_cuda_upload(const ph_cuda_plan *plan, void *to, const void *from, size_t bytes, ph_error *err)
{
    return ph_cuda_write(plan->device, to, from, bytes, err);
}
