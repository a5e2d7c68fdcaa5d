/* TRANSPOSE, PAD and SLICE: axis by axis, every output index has at most one input index. So each axis has a table from
 * output to input, and one from input to all its outputs; both directions are the same gather over their tables. */
#include "host/base/alloc.h"
#include "host/base/status.h"
#include "kernels/cpu/plan.h"
#include "kernels/cpu/threads.h"

#include <string.h>

/* Destination index i of an axis gathers the sources at offset[begin[i]] … offset[begin[i+1]-1]. */
typedef struct axis_map {
    int64_t length;
    int64_t *begin, *offset;
    bool run; /* one source each, one after the other in memory */
} axis_map;

typedef struct gather {
    int rank;
    axis_map axis[PH_MAX_RANK]; /* in the destination's memory order */
    float fill;                 /* where an axis has no source */
} gather;

typedef struct gather_state {
    gather forward, backward;
    int64_t *tables; /* the memory of all axes */
} gather_state;

/* ---- Planning ---------------------------------------------------------------------------------------------------- */

static int64_t reflected(int64_t i, int64_t length)
{
    const int64_t period = 2 * (length - 1);
    if (period <= 0)
        return 0;
    i = ((i % period) + period) % period;
    return i < length ? i : period - i;
}

static int64_t clamped(int64_t i, int64_t length)
{
    return i < 0 ? 0 : i >= length ? length - 1 : i;
}

/* The input axis that output axis `axis` runs through. */
static int source_axis(const ph_op *op, int axis)
{
    return op->kind == PH_OP_TRANSPOSE ? op->p.perm[axis] : axis;
}

/* The index on the input axis for index i on output axis `axis`; -1 for none. */
static int64_t source_index(const ph_op *op, int axis, int64_t i, int64_t in_length)
{
    switch (op->kind) {
    case PH_OP_SLICE:
        return op->p.slice.start[axis] + i * op->p.slice.step[axis];
    case PH_OP_PAD: {
        const int64_t at = i - op->p.pad.begin[axis];
        if (op->p.pad.mode == PH_PAD_REFLECT)
            return reflected(at, in_length);
        if (op->p.pad.mode == PH_PAD_EDGE)
            return clamped(at, in_length);
        return at >= 0 && at < in_length ? at : -1;
    }
    default:
        return i;
    }
}

static void find_run(axis_map *map)
{
    map->run = map->begin[map->length] == map->length;
    for (int64_t i = 0; i < map->length && map->run; i++)
        map->run = map->begin[i] == i && map->offset[i] == map->offset[0] + i;
}

/* Both tables of one axis. in_stride, out_stride: distances in memory along it. */
static void fill_axis(const ph_op *op, int axis, int64_t in_stride, int64_t out_stride, axis_map *forward,
                      axis_map *backward)
{
    int64_t found = 0;
    for (int64_t o = 0; o < forward->length; o++) {
        const int64_t i = source_index(op, axis, o, backward->length);
        forward->begin[o] = found;
        if (i < 0 || i >= backward->length)
            continue;
        forward->offset[found++] = i * in_stride;
        backward->begin[i + 1]++;
    }
    forward->begin[forward->length] = found;
    for (int64_t i = 0; i < backward->length; i++)
        backward->begin[i + 1] += backward->begin[i];
    /* Each list is filled from its start; begin[i] moves to the list's end, the start of the next, and is put back. */
    for (int64_t o = 0; o < forward->length; o++)
        if (forward->begin[o + 1] > forward->begin[o]) {
            const int64_t i = source_index(op, axis, o, backward->length);
            backward->offset[backward->begin[i]++] = o * out_stride;
        }
    for (int64_t i = backward->length; i > 0; i--)
        backward->begin[i] = backward->begin[i - 1];
    backward->begin[0] = 0;
    find_run(forward);
    find_run(backward);
}

static int64_t table_length(const ph_shape *in, const ph_shape *out)
{
    int64_t length = 0;
    for (int i = 0; i < out->rank; i++)
        length += 3 * out->dim[i] + in->dim[i] + 2;
    return length;
}

/* Cuts the tables out of one block. */
static void lay_out(gather_state *s, const ph_op *op, const ph_shape *in, const ph_shape *out,
                    axis_map forward[PH_MAX_RANK], axis_map backward[PH_MAX_RANK])
{
    int64_t *free = s->tables;
    for (int i = 0; i < out->rank; i++) {
        axis_map *f = &forward[i], *b = &backward[source_axis(op, i)];
        f->length = out->dim[i];
        b->length = in->dim[source_axis(op, i)];
        f->begin = free;
        f->offset = f->begin + f->length + 1;
        b->begin = f->offset + f->length;
        b->offset = b->begin + b->length + 1;
        free = b->offset + f->length;
    }
}

static void in_memory_order(const ph_cpu_plan *plan, const ph_cpu_value *value, const axis_map by_axis[PH_MAX_RANK],
                            gather *g)
{
    int64_t dim[PH_MAX_RANK];
    int axis_at[PH_MAX_RANK];
    g->rank = ph_cpu_memory_order(plan, value, dim, axis_at);
    for (int i = 0; i < g->rank; i++)
        g->axis[i] = by_axis[axis_at[i]];
}

static ph_status gather_plan(ph_cpu_plan *plan, ph_cpu_node *node, ph_error *err)
{
    const ph_op *op = node->op;
    const ph_shape *in = &plan->net->tensors[op->in[0]].shape, *out = &plan->net->tensors[op->out].shape;
    const int64_t length = table_length(in, out);
    gather_state *s = node->state = ph_alloc(1, sizeof *s);
    if (s)
        s->tables = ph_alloc((size_t)length, sizeof *s->tables);
    if (!s || !s->tables)
        return ph_fail_memory(err, (size_t)length * sizeof(int64_t), "the tables of a change of shape");
    node->weight_bytes = length * (int64_t)sizeof(int64_t);
    axis_map forward[PH_MAX_RANK] = {{0}}, backward[PH_MAX_RANK] = {{0}};
    lay_out(s, op, in, out, forward, backward);
    int64_t in_stride[PH_MAX_RANK], out_stride[PH_MAX_RANK];
    ph_cpu_strides(plan, &plan->values[node->in[0]], in_stride);
    ph_cpu_strides(plan, &plan->values[node->out], out_stride);
    for (int i = 0; i < out->rank; i++)
        fill_axis(op, i, in_stride[source_axis(op, i)], out_stride[i], &forward[i], &backward[source_axis(op, i)]);
    in_memory_order(plan, &plan->values[node->out], forward, &s->forward);
    in_memory_order(plan, &plan->values[node->in[0]], backward, &s->backward);
    s->forward.fill = op->kind == PH_OP_PAD && op->p.pad.mode == PH_PAD_CONSTANT ? op->p.pad.value : 0.0f;
    return PH_OK;
}

static void gather_free(void *state)
{
    gather_state *s = state;
    ph_free(s->tables);
    ph_free(s);
}

/* ---- Running ----------------------------------------------------------------------------------------------------- */

typedef struct gather_args {
    const gather *g;
    const float *from;
    float *to;
    bool add;
} gather_args;

/* One line of the destination from the sources that start at `from`; `first`: the line holds nothing yet. */
static void gather_line(const axis_map *map, const float *from, float *to, float fill, bool first)
{
    if (map->run && first) {
        memcpy(to, from + map->offset[0], (size_t)map->length * sizeof *to);
        return;
    }
    for (int64_t i = 0; i < map->length; i++) {
        const int64_t begin = map->begin[i], end = map->begin[i + 1];
        float sum = first ? (begin < end ? from[map->offset[begin]] : fill) : to[i];
        for (int64_t k = first ? begin + 1 : begin; k < end; k++)
            sum += from[map->offset[k]];
        to[i] = sum;
    }
}

/* How many combinations of sources the outer axes have for a line. digit: its index on each of them. */
static int64_t combinations(const gather *g, int64_t line, int64_t digit[PH_MAX_RANK])
{
    int64_t count = 1;
    for (int i = g->rank - 2; i >= 0; i--) {
        const axis_map *map = &g->axis[i];
        digit[i] = line % map->length;
        line /= map->length;
        count *= map->begin[digit[i] + 1] - map->begin[digit[i]];
    }
    return count;
}

static int64_t combination(const gather *g, const int64_t digit[PH_MAX_RANK], int64_t index)
{
    int64_t at = 0;
    for (int i = g->rank - 2; i >= 0; i--) {
        const axis_map *map = &g->axis[i];
        const int64_t begin = map->begin[digit[i]], count = map->begin[digit[i] + 1] - begin;
        at += map->offset[begin + index % count];
        index /= count;
    }
    return at;
}

static void gather_lines(const void *args, int part, int64_t begin, int64_t end)
{
    (void)part;
    const gather_args *a = args;
    const gather *g = a->g;
    const axis_map *inner = &g->axis[g->rank - 1];
    for (int64_t line = begin; line < end; line++) {
        int64_t digit[PH_MAX_RANK] = {0};
        float *to = a->to + line * inner->length;
        const int64_t count = combinations(g, line, digit);
        for (int64_t i = 0; i < inner->length && !count && !a->add; i++)
            to[i] = g->fill;
        for (int64_t k = 0; k < count; k++)
            gather_line(inner, a->from + combination(g, digit, k), to, g->fill, !a->add && k == 0);
    }
}

static void run(const gather *g, const float *from, float *to, bool add)
{
    if (!g->rank) {
        *to = add ? *to + *from : *from;
        return;
    }
    int64_t lines = 1;
    for (int i = 0; i < g->rank - 1; i++)
        lines *= g->axis[i].length;
    const gather_args args = {g, from, to, add};
    ph_cpu_parallel(gather_lines, &args, lines, g->axis[g->rank - 1].length);
}

static ph_status gather_forward(const ph_cpu_call *call, ph_error *err)
{
    (void)err;
    const gather_state *s = call->node->state;
    run(&s->forward, ph_cpu_read(call, ph_cpu_in(call, 0)), ph_cpu_write(call, ph_cpu_out(call)), false);
    return PH_OK;
}

static ph_status gather_backward(const ph_cpu_call *call, ph_error *err)
{
    (void)err;
    const gather_state *s = call->node->state;
    run(&s->backward, ph_cpu_gradient(call, ph_cpu_out(call)), ph_cpu_gradient(call, ph_cpu_in(call, 0)),
        call->node->add[0]);
    return PH_OK;
}

const ph_cpu_kernel ph_cpu_transpose = {gather_plan, NULL, gather_forward, gather_backward, gather_free};
const ph_cpu_kernel ph_cpu_pad = {gather_plan, NULL, gather_forward, gather_backward, gather_free};
const ph_cpu_kernel ph_cpu_slice = {gather_plan, NULL, gather_forward, gather_backward, gather_free};
