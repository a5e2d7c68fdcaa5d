/* Where everything stands. Per picture: values that backward reads and what kernels keep. Per place in a wave: all that
 * passes, placed by lifetimes; each wave uses it anew. */
#include "host/base/alloc.h"
#include "host/base/status.h"
#include "host/engine/arena.h"
#include "kernels/cpu/plan.h"

#include <string.h>

enum { ALIGN = 64, ALIGN_FLOATS = ALIGN / (int)sizeof(float) };

static const int64_t LIMIT = INT64_C(1) << 60;

static int64_t aligned(int64_t bytes)
{
    return (bytes + ALIGN - 1) / ALIGN * ALIGN;
}

static bool add_bytes(int64_t *sum, int64_t bytes, int64_t times)
{
    if (bytes < 0 || (times && bytes > LIMIT / times) || *sum > LIMIT - bytes * times)
        return false;
    *sum += bytes * times;
    return true;
}

static ph_status fail_size(const ph_cpu_plan *plan, ph_error *err)
{
    return ph_fail(err, PH_NO_MEMORY,
                   "cpu: the network for %d pictures is larger than any memory: use a smaller batch or picture",
                   plan->batch);
}

/* The engine's own input buffer and the net's constants stand elsewhere. */
static bool is_placed(const ph_cpu_plan *plan, int value)
{
    const ph_cpu_value *v = &plan->values[value];
    return v->root == value && !v->constant && value != plan->plain[plan->net->input];
}

/* Being kept is a property of memory: all views of a root share it. */
static void gather_keeps(ph_cpu_plan *plan)
{
    for (size_t i = 0; i < plan->value_count; i++)
        if (plan->values[i].keep)
            plan->values[plan->values[i].root].keep = true;
    for (size_t i = 0; i < plan->value_count; i++)
        plan->values[i].keep = plan->values[plan->values[i].root].keep;
}

static bool place_kept(ph_cpu_plan *plan)
{
    for (size_t i = 0; i < plan->value_count; i++) {
        ph_cpu_value *value = &plan->values[i];
        if (!is_placed(plan, (int)i) || !value->keep)
            continue;
        value->offset = plan->kept_bytes / (int64_t)sizeof(float);
        if (value->count > LIMIT || !add_bytes(&plan->kept_bytes, aligned(value->count * (int64_t)sizeof(float)), 1))
            return false;
    }
    for (size_t i = 0; i < plan->node_count; i++) {
        ph_cpu_node *node = &plan->nodes[i];
        node->kept_offset = plan->kept_bytes;
        if (!add_bytes(&plan->kept_bytes, aligned(node->kept_bytes), 1))
            return false;
        if (node->scratch_bytes > plan->scratch_bytes)
            plan->scratch_bytes = aligned(node->scratch_bytes);
    }
    return true;
}

/* Lifetimes of passing values (first half of `life`) and of gradients (second half), by root. Forward visits node i at
 * time i, backward at 2 nodes - 1 - i. */
static void find_lives(const ph_cpu_plan *plan, ph_interval *life)
{
    ph_interval *gradient_life = life + plan->value_count;
    const int nodes = (int)plan->node_count;
    for (int i = 0; i < nodes; i++) {
        const ph_cpu_node *node = &plan->nodes[i];
        for (int k = -1; k < node->in_count; k++) {
            const int index = k < 0 ? node->out : node->in[k];
            if (index < 0)
                continue;
            const ph_cpu_value *value = &plan->values[index];
            if (is_placed(plan, value->root) && !value->keep)
                ph_interval_use(&life[value->root], value->count, i);
            if (node->backward && value->gradient && value->gradient_root != plan->plain[plan->net->input])
                ph_interval_use(&gradient_life[value->gradient_root], value->count, 2 * nodes - 1 - i);
        }
    }
}

static ph_status place_passing(ph_cpu_plan *plan, ph_error *err)
{
    const size_t count = plan->value_count;
    ph_interval *life = ph_alloc(count, 2 * sizeof *life);
    if (!life)
        return ph_fail_memory(err, count * 2 * sizeof *life, "the plan of the buffers");
    find_lives(plan, life);
    int64_t floats = 0;
    const ph_status status = ph_arena_place(life, 2 * count, ALIGN_FLOATS, &floats, err);
    for (size_t i = 0; status == PH_OK && i < count; i++) {
        ph_cpu_value *value = &plan->values[i];
        if (life[i].size)
            value->offset = life[i].offset;
        value->gradient_offset = life[count + i].offset;
    }
    ph_free(life);
    if (status != PH_OK)
        return status;
    return floats < LIMIT / 8 && add_bytes(&plan->passing_bytes, aligned(floats * (int64_t)sizeof(float)), 1)
               ? PH_OK
               : fail_size(plan, err);
}

/* Plain buffers at the ends of the network: input, outputs, and their gradients. */
static bool add_ends(const ph_cpu_plan *plan, int64_t *bytes)
{
    const ph_net *net = plan->net;
    const int64_t times = (int64_t)plan->batch * (plan->gradient ? 2 : 1);
    bool fits = true;
    for (int i = -1; i < net->output_count; i++) {
        const int64_t count = ph_shape_count(&net->tensors[i < 0 ? net->input : net->outputs[i]].shape);
        fits &= count < LIMIT && add_bytes(bytes, count * (int64_t)sizeof(float), times) && add_bytes(bytes, ALIGN, 4);
    }
    return fits;
}

ph_status ph_cpu_plan_memory(ph_cpu_plan *plan, ph_error *err)
{
    gather_keeps(plan);
    if (!place_kept(plan))
        return fail_size(plan, err);
    PH_TRY(place_passing(plan, err));
    int64_t packing = 0;
    bool fits = add_bytes(&plan->bytes, plan->kept_bytes, plan->batch) &&
                add_bytes(&plan->bytes, plan->passing_bytes, (int64_t)plan->lanes * plan->wave) &&
                add_bytes(&plan->bytes, plan->scratch_bytes, plan->lanes) && add_ends(plan, &plan->bytes);
    for (size_t i = 0; i < plan->node_count; i++) {
        const ph_cpu_node *node = &plan->nodes[i];
        fits = fits && add_bytes(&plan->bytes, node->weight_bytes, 1);
        if (node->packing_bytes > packing)
            packing = node->packing_bytes;
    }
    /* The lists of the plan, and for each node what oneDNN needs for code and descriptors. */
    enum { NODE_OVERHEAD = 64 << 10, LANE_OVERHEAD = 8 << 10 };
    fits = fits && add_bytes(&plan->bytes, packing, 1) &&
           add_bytes(&plan->bytes, NODE_OVERHEAD + (int64_t)LANE_OVERHEAD * plan->lanes, (int64_t)plan->node_count + 1);
    return fits ? PH_OK : fail_size(plan, err);
}
