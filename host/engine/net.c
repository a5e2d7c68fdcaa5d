#include "host/engine/net.h"

#include "host/base/alloc.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

struct ph_net_memory {
    void **blocks; /* each from ph_alloc_aligned */
    size_t count, capacity;
    int tensor_capacity, op_capacity;
};

/* ---- Shapes ------------------------------------------------------------------------------------------------------ */

int64_t ph_shape_count(const ph_shape *shape)
{
    int64_t count = 1;
    for (int axis = 0; axis < shape->rank; axis++)
        count *= shape->dim[axis];
    return count;
}

bool ph_shape_equal(const ph_shape *a, const ph_shape *b)
{
    if (a->rank != b->rank)
        return false;
    for (int axis = 0; axis < a->rank; axis++)
        if (a->dim[axis] != b->dim[axis])
            return false;
    return true;
}

char *ph_shape_text(const ph_shape *shape, char text[PH_SHAPE_TEXT])
{
    size_t used = 0;
    text[0] = '\0';
    if (shape->rank == 0)
        snprintf(text, PH_SHAPE_TEXT, "scalar");
    for (int axis = 0; axis < shape->rank; axis++) {
        const int wrote =
            snprintf(text + used, PH_SHAPE_TEXT - used, axis ? "x%lld" : "%lld", (long long)shape->dim[axis]);
        if (wrote < 0 || (size_t)wrote >= PH_SHAPE_TEXT - used)
            break;
        used += (size_t)wrote;
    }
    return text;
}

const char *ph_op_name(ph_op_kind kind)
{
    static const char *const names[PH_OP_COUNT] = {
#define PH_OP_TEXT(name, text) [PH_OP_##name] = text,
        PH_OP_LIST(PH_OP_TEXT)
#undef PH_OP_TEXT
    };
    return (int)kind >= 0 && kind < PH_OP_COUNT ? names[kind] : "unknown";
}

/* ---- Memory ------------------------------------------------------------------------------------------------------ */

ph_net *ph_net_new(void)
{
    ph_net *net = ph_alloc(1, sizeof *net);
    if (net)
        net->input = -1;
    return net;
}

void ph_net_free(ph_net **net)
{
    if (!net || !*net)
        return;
    struct ph_net_memory *memory = (*net)->memory;
    if (memory) {
        for (size_t i = 0; i < memory->count; i++)
            ph_free_aligned(memory->blocks[i]);
        ph_free(memory->blocks);
        ph_free(memory);
    }
    ph_free(*net);
    *net = NULL;
}

void *ph_net_alloc(ph_net *net, size_t count, size_t size)
{
    if (!net->memory)
        net->memory = ph_alloc(1, sizeof *net->memory);
    struct ph_net_memory *memory = net->memory;
    if (!memory)
        return NULL;
    void *blocks = memory->blocks;
    if (ph_grow(&blocks, memory->count, &memory->capacity, sizeof *memory->blocks))
        return NULL;
    memory->blocks = blocks;
    void *block = ph_alloc_aligned(count, size);
    if (block)
        memory->blocks[memory->count++] = block;
    return block;
}

/* Twice the room for `count` elements; the old block stays with the net until its end. */
static void *grown(ph_net *net, const void *old, int count, int *capacity, size_t size)
{
    if (count > INT_MAX / 4)
        return NULL;
    const int wanted = count < 16 ? 32 : 2 * count;
    void *bigger = ph_net_alloc(net, (size_t)wanted, size);
    if (!bigger)
        return NULL;
    if (count)
        memcpy(bigger, old, (size_t)count * size);
    *capacity = wanted;
    return bigger;
}

int ph_net_add_tensor(ph_net *net, const ph_tensor *tensor)
{
    if (!net->memory || net->tensor_count >= net->memory->tensor_capacity) {
        int capacity = 0;
        ph_tensor *bigger = grown(net, net->tensors, net->tensor_count, &capacity, sizeof *bigger);
        if (!bigger)
            return -1;
        net->tensors = bigger;
        net->memory->tensor_capacity = capacity;
    }
    net->tensors[net->tensor_count] = *tensor;
    return net->tensor_count++;
}

int ph_net_add_op(ph_net *net, const ph_op *op, const int *in, int in_count)
{
    if (!net->memory || net->op_count >= net->memory->op_capacity) {
        int capacity = 0;
        ph_op *bigger = grown(net, net->ops, net->op_count, &capacity, sizeof *bigger);
        if (!bigger)
            return -1;
        net->ops = bigger;
        net->memory->op_capacity = capacity;
    }
    int *own = ph_net_alloc(net, (size_t)in_count, sizeof *own);
    if (!own)
        return -1;
    memcpy(own, in, (size_t)in_count * sizeof *own);
    ph_op *added = &net->ops[net->op_count];
    *added = *op;
    added->in = own;
    added->in_count = in_count;
    net->tensors[op->out].producer = net->op_count;
    return net->op_count++;
}

/* ---- Operators --------------------------------------------------------------------------------------------------- */

static double area(const int64_t kernel[2])
{
    return (double)kernel[0] * (double)kernel[1];
}

double ph_op_macs(const ph_net *net, const ph_op *op)
{
    const ph_shape *in = &net->tensors[op->in[0]].shape;
    const double in_count = (double)ph_shape_count(in);
    const double out_count = (double)ph_shape_count(&net->tensors[op->out].shape);
    switch (op->kind) {
    case PH_OP_CONV:
        return out_count * (double)(in->dim[1] / op->p.conv.groups) * area(op->p.conv.kernel);
    case PH_OP_DECONV:
        return in_count * (double)(op->p.conv.out_channels / op->p.conv.groups) * area(op->p.conv.kernel);
    case PH_OP_DENSE:
        return out_count * (double)op->p.dense.in_features;
    case PH_OP_MATMUL:
        return out_count * (double)in->dim[in->rank - 1];
    case PH_OP_POOL:
        return out_count * area(op->p.pool.kernel);
    case PH_OP_LRN:
        return out_count * (double)op->p.lrn.size;
    case PH_OP_AFFINE:
    case PH_OP_ACT:
    case PH_OP_BINARY:
    case PH_OP_SOFTMAX:
        return out_count;
    default:
        return 0;
    }
}

static bool is_constant(const ph_net *net, const ph_op *op, int input)
{
    return net->tensors[op->in[input]].constant != NULL;
}

static bool act_keeps_input(ph_act_kind kind)
{
    switch (kind) {
    case PH_ACT_LEAKY_RELU:
    case PH_ACT_PRELU:
    case PH_ACT_ELU:
    case PH_ACT_HARD_SIGMOID:
    case PH_ACT_HARD_SWISH:
        return true;
    default:
        return false;
    }
}

bool ph_op_keeps_input(const ph_net *net, const ph_op *op, int input)
{
    if (is_constant(net, op, input))
        return false;
    switch (op->kind) {
    case PH_OP_ACT:
        return act_keeps_input(op->p.act.kind);
    case PH_OP_POOL:
        return !op->p.pool.average;
    case PH_OP_LRN:
        return true;
    case PH_OP_MATMUL:
        return !is_constant(net, op, 1 - input);
    case PH_OP_BINARY:
        if (op->p.binary == PH_BINARY_MUL)
            return !is_constant(net, op, 1 - input);
        return op->p.binary == PH_BINARY_DIV && !is_constant(net, op, 1);
    default:
        return false;
    }
}

bool ph_op_keeps_output(const ph_net *net, const ph_op *op)
{
    (void)net;
    switch (op->kind) {
    case PH_OP_CONV:
        return op->p.conv.relu;
    case PH_OP_ACT:
        return !act_keeps_input(op->p.act.kind);
    case PH_OP_SOFTMAX:
        return true;
    default:
        return false;
    }
}
