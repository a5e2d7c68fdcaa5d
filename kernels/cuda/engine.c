#include "kernels/cuda/engine.h"

#include "host/base/alloc.h"
#include "host/base/status.h"
#include "kernels/cuda/plan.h"

struct ph_engine {
    ph_cuda_plan *plan;
};

ph_status ph_cuda_engine_bytes(ph_device *device, const ph_net *net, int batch, bool gradient, int64_t *bytes,
                               ph_error *err)
{
    ph_cuda_plan *plan = NULL;
    PH_TRY(ph_cuda_plan_new(device, net, batch, gradient, &plan, err));
    *bytes = plan->bytes;
    ph_cuda_plan_free(plan);
    return PH_OK;
}

ph_status ph_cuda_engine_new(ph_device *device, const ph_net *net, int batch, bool gradient, ph_engine **out,
                             ph_error *err)
{
    *out = NULL;
    ph_engine *engine = ph_alloc(1, sizeof *engine);
    if (!engine)
        return ph_fail_memory(err, sizeof *engine, "the network on the GPU");
    ph_status status = ph_cuda_plan_new(device, net, batch, gradient, &engine->plan, err);
    if (status == PH_OK)
        status = ph_cuda_plan_make(engine->plan, err);
    if (status == PH_OK)
        *out = engine;
    else
        ph_cuda_engine_free(engine);
    return status;
}

void ph_cuda_engine_free(ph_engine *engine)
{
    if (!engine)
        return;
    ph_cuda_plan_free(engine->plan);
    ph_free(engine);
}

float *ph_cuda_engine_input(ph_engine *engine)
{
    return engine->plan->input;
}

float *ph_cuda_engine_input_gradient(ph_engine *engine)
{
    return engine->plan->input_gradient;
}

float *ph_cuda_engine_output(ph_engine *engine, int output)
{
    return engine->plan->outputs[output];
}

float *ph_cuda_engine_output_gradient(ph_engine *engine, int output)
{
    return engine->plan->output_gradients[output];
}

static ph_status check_alive(const ph_cuda_plan *plan, ph_error *err)
{
    return plan->device->dead ? ph_fail(err, PH_BACKEND,
                                        "cuda: the GPU failed before and cannot be used any more by "
                                        "this process: start the program again")
                              : PH_OK;
}

ph_status ph_cuda_engine_forward(ph_engine *engine, ph_error *err)
{
    const ph_cuda_plan *plan = engine->plan;
    PH_TRY(check_alive(plan, err));
    for (size_t i = 0; i < plan->node_count; i++)
        PH_TRY(plan->nodes[i].kernel->forward(plan, &plan->nodes[i], err));
    return PH_OK;
}

ph_status ph_cuda_engine_backward(ph_engine *engine, ph_relu_mode mode, ph_error *err)
{
    const ph_cuda_plan *plan = engine->plan;
    PH_TRY(check_alive(plan, err));
    if (!plan->gradient)
        return ph_fail(err, PH_MISUSE, "cuda: backward on an engine made for forward only: make it with gradient");
    for (size_t i = plan->node_count; i-- > 0;)
        if (plan->nodes[i].backward)
            PH_TRY(plan->nodes[i].kernel->backward(plan, &plan->nodes[i], mode, err));
    return PH_OK;
}
