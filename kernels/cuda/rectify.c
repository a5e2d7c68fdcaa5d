/* The gradient through a ReLU, fused or not, and through ReLU6, in both modes of backend.h. */
#include "kernels/cuda/plan.h"

#include "host/base/status.h"

ph_status ph_cuda_rectify(const ph_cuda_plan *plan, const ph_cuda_node *node, const ph_cuda_value *out, float upper,
                          const void *x, void *to, bool add, ph_relu_mode mode, ph_error *err)
{
    const ph_cuda_rows r = ph_cuda_rows_of(plan, out);
    const int64_t each = r.rows / plan->batch;
    const bool redirected = mode == PH_RELU_REDIRECTED;
    cudaStream_t stream = plan->device->stream;
    cudaError_t code = cudaSuccess;
    if (redirected)
        code =
            ph_cuda_relu_dead(plan->type, r, upper, x, out->slope, out->pitch, plan->dead, plan->batch, each, stream);
    if (code == cudaSuccess)
        code = ph_cuda_relu_backward(plan->type, r, upper, x, out->slope, to, add, redirected ? plan->dead : NULL, each,
                                     stream);
    return ph_cuda_node_check(plan, node, code, err);
}
