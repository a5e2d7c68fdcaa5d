/* Where everything stands: one block of the card's memory, [values and gradients | weights | plain ends | scratch |
 * workspace], the first part placed by lifetimes. */
#include "kernels/cuda/join.h"
#include "kernels/cuda/plan.h"

#include "host/base/alloc.h"
#include "host/base/status.h"
#include "host/engine/arena.h"

#include <string.h>

enum { ALIGN = 256 };

static const int64_t LIMIT = INT64_C(1) << 50;

/* Adds count x times bytes, aligned, and returns where they begin; -1 in *sum once it is beyond any memory. */
static int64_t take(int64_t *sum, int64_t count, int64_t times)
{
    const int64_t begin = *sum;
    if (begin < 0 || count < 0 || (times && count > LIMIT / times) || count * times > LIMIT - begin) {
        *sum = -1;
        return 0;
    }
    *sum += (count * times + ALIGN - 1) / ALIGN * ALIGN;
    return begin;
}

static ph_status fail_size(const ph_cuda_plan *plan, ph_error *err)
{
    return ph_fail(err, PH_NO_MEMORY,
                   "cuda: the network for %d pictures is larger than any memory: use a smaller batch or picture",
                   plan->batch);
}

/* ---- Lifetimes ----------------------------------------------------------------------------------------------------
 * Forward visits node i at time i, backward at 2 nodes - 1 - i. */

static int64_t value_bytes(const ph_cuda_plan *plan, const ph_cuda_value *value)
{
    return value->step * plan->batch * (int64_t)ph_cuda_type_size(plan->type);
}

/* life: of values, then of gradients (both by root), then of what nodes keep. A kept value lives until the backward
 * visit of every node that touches it. */
static void find_lives(const ph_cuda_plan *plan, ph_interval *life)
{
    ph_interval *slopes = life + plan->value_count, *kept = slopes + plan->value_count;
    const int nodes = (int)plan->node_count;
    for (int i = 0; i < nodes; i++) {
        const ph_cuda_node *node = &plan->nodes[i];
        const int back = 2 * nodes - 1 - i;
        for (int k = -1; k < node->in_count; k++) {
            const int index = k < 0 ? node->out : node->in[k];
            if (index < 0)
                continue;
            const ph_cuda_value *value = &plan->values[index];
            if (!value->constant) {
                ph_interval_use(&life[value->root], value_bytes(plan, value), i);
                if (plan->values[value->root].keep)
                    ph_interval_use(&life[value->root], value_bytes(plan, value), back);
            }
            if (!node->backward || !value->gradient)
                continue;
            ph_interval_use(&slopes[value->gradient_root], value_bytes(plan, value), back);
        }
        if (node->kept_bytes) {
            ph_interval_use(&kept[i], node->kept_bytes, i);
            ph_interval_use(&kept[i], node->kept_bytes, back);
        }
    }
}

/* Offsets into the block become pointers when there is memory: until then they stand in the pointers' place. */
static ph_status place(ph_cuda_plan *plan, ph_interval *life, ph_error *err)
{
    find_lives(plan, life);
    return ph_arena_place(life, 2 * plan->value_count + plan->node_count, ALIGN, &plan->arena_bytes, err);
}

/* ---- Sizes ------------------------------------------------------------------------------------------------------- */

static int64_t constant_bytes(const ph_cuda_plan *plan, const ph_cuda_value *value)
{
    return (value->layout == PH_LAST ? value->n * value->area * value->pitch : value->pitch) *
           (int64_t)ph_cuda_type_size(plan->type);
}

/* The parts of the block one after the other; with `base`, their pointers are set. One function for both, so that the
 * estimate is the sum. Returns the bytes, -1 beyond any memory. */
static int64_t lay_out(ph_cuda_plan *plan, char *base)
{
    const ph_net *net = plan->net;
    int64_t sum = 0;
    take(&sum, plan->arena_bytes, 1);
    for (size_t i = 0; i < plan->value_count; i++)
        if (plan->values[i].constant) {
            const int64_t at = take(&sum, constant_bytes(plan, &plan->values[i]), 1);
            if (base)
                plan->values[i].data = base + at;
        }
    for (size_t i = 0; i < plan->node_count; i++) {
        const int64_t at = take(&sum, plan->nodes[i].weight_bytes, 1);
        if (base)
            plan->nodes[i].weights = base + at;
    }
    for (int i = -1; i < net->output_count; i++) {
        const int64_t count = ph_shape_count(&net->tensors[i < 0 ? net->input : net->outputs[i]].shape);
        const int64_t at = take(&sum, count * (int64_t)sizeof(float), plan->batch);
        const int64_t slope_at = plan->gradient ? take(&sum, count * (int64_t)sizeof(float), plan->batch) : 0;
        if (!base)
            continue;
        *(i < 0 ? &plan->input : &plan->outputs[i]) = (float *)(void *)(base + at);
        if (plan->gradient)
            *(i < 0 ? &plan->input_gradient : &plan->output_gradients[i]) = (float *)(void *)(base + slope_at);
    }
    const int64_t dead = take(&sum, (int64_t)sizeof(int) * PH_CUDA_PARTS, plan->batch);
    const int64_t scratch = take(&sum, plan->scratch_bytes, 1);
    const int64_t workspace = take(&sum, plan->workspace_bytes, 1);
    if (base) {
        plan->dead = (int *)(void *)(base + dead);
        plan->scratch = base + scratch;
        plan->workspace = base + workspace;
    }
    return sum;
}

ph_status ph_cuda_plan_memory(ph_cuda_plan *plan, ph_error *err)
{
    for (size_t i = 0; i < plan->value_count; i++) {
        const ph_cuda_value *value = &plan->values[i];
        if (value->count > LIMIT / 64 / (value->pitch > value->c ? value->pitch / value->c : 1) ||
            value->step > LIMIT / 8 / plan->batch)
            return fail_size(plan, err);
    }
    for (size_t i = 0; i < plan->node_count; i++) {
        const ph_cuda_node *node = &plan->nodes[i];
        plan->scratch_bytes = node->scratch_bytes > plan->scratch_bytes ? node->scratch_bytes : plan->scratch_bytes;
        plan->workspace_bytes =
            node->workspace_bytes > plan->workspace_bytes ? node->workspace_bytes : plan->workspace_bytes;
    }
    const size_t intervals = 2 * plan->value_count + plan->node_count;
    plan->life = ph_alloc(intervals, sizeof *plan->life);
    if (!plan->life)
        return ph_fail_memory(err, intervals * sizeof *plan->life, "the plan of the buffers");
    PH_TRY(place(plan, plan->life, err));
    plan->bytes = lay_out(plan, NULL);
    return plan->bytes < 0 ? fail_size(plan, err) : PH_OK;
}

/* ---- Making ------------------------------------------------------------------------------------------------------ */

static void set_pointers(ph_cuda_plan *plan, char *base)
{
    const ph_interval *life = plan->life, *slopes = life + plan->value_count, *kept = slopes + plan->value_count;
    lay_out(plan, base);
    for (size_t i = 0; i < plan->value_count; i++) {
        ph_cuda_value *value = &plan->values[i];
        if (!value->constant)
            value->data = base + life[value->root].offset;
        if (value->gradient)
            value->slope = base + slopes[value->gradient_root].offset;
    }
    for (size_t i = 0; i < plan->node_count; i++)
        plan->nodes[i].kept = base + kept[i].offset;
}

/* A constant in the layout of its value, encoded, its pads zero. */
static ph_status upload_constant(const ph_cuda_plan *plan, const ph_cuda_value *value, ph_error *err)
{
    const size_t bytes = (size_t)constant_bytes(plan, value);
    const size_t slots = bytes / ph_cuda_type_size(plan->type);
    float *laid = ph_alloc(slots, sizeof *laid);
    void *encoded = ph_alloc(bytes, 1);
    ph_status status = PH_OK;
    if (laid && encoded) {
        for (int64_t n = 0; n < value->n; n++)
            for (int64_t c = 0; c < value->c; c++)
                for (int64_t p = 0; p < value->area; p++) {
                    const int64_t from = (n * value->c + c) * value->area + p;
                    const int64_t to = value->layout == PH_LAST ? (n * value->area + p) * value->pitch + c : from;
                    laid[to] = value->constant[from];
                }
        ph_cuda_encode(plan->type, laid, encoded, (int64_t)slots);
        status = ph_cuda_upload(plan, value->data, encoded, bytes, err);
    } else {
        status = ph_fail_memory(err, slots * sizeof *laid, "a constant of the network");
    }
    ph_free(laid);
    ph_free(encoded);
    return status;
}

ph_status ph_cuda_plan_make(ph_cuda_plan *plan, ph_error *err)
{
    ph_device *device = plan->device;
    PH_TRY(ph_cuda_check(device, cudaMalloc(&plan->memory, (size_t)plan->bytes), "memory for the network", err));
    /* Pads of weights count on zeros. Values, gradients and what is kept do not: whatever is read of them was written
     * before, and tools that know which memory was never written can tell. */
    PH_TRY(ph_cuda_check(device,
                         cudaMemsetAsync((char *)plan->memory + plan->arena_bytes, 0,
                                         (size_t)(plan->bytes - plan->arena_bytes), device->stream),
                         "clearing memory", err));
    set_pointers(plan, plan->memory);
    for (size_t i = 0; i < plan->value_count; i++)
        if (plan->values[i].constant)
            PH_TRY(upload_constant(plan, &plan->values[i], err));
    for (size_t i = 0; i < plan->node_count; i++)
        if (plan->nodes[i].kernel->make)
            PH_TRY(plan->nodes[i].kernel->make(plan, &plan->nodes[i], err));
    return PH_OK;
}
