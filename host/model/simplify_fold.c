/* Multiplications, additions and ReLUs into the operators before them. Nothing is folded into an operator whose own
 * output is wanted or has other readers. */
#include "host/model/simplify.h"

#include "host/base/alloc.h"
#include "host/model/affine.h"
#include "host/model/shape_rules.h"

/* The operator that makes `tensor` for this one reader; NULL when others need the tensor, too. */
static ph_op *sole_producer(const ph_net *net, const int *readers, int tensor)
{
    const ph_tensor *t = &net->tensors[tensor];
    return t->producer >= 0 && !t->wanted && readers[tensor] == 1 ? &net->ops[t->producer] : NULL;
}

/* The same, looking through a Reshape that leaves the channels where they are (convolutions of one dimension). *last is
 * the operator that makes the tensor itself. */
static ph_op *channel_producer(const ph_net *net, const int *readers, int tensor, ph_op **last)
{
    *last = sole_producer(net, readers, tensor);
    if (!*last || (*last)->kind != PH_OP_RESHAPE)
        return *last;
    const ph_shape *in = &net->tensors[(*last)->in[0]].shape, *out = &net->tensors[tensor].shape;
    if (in->rank < 2 || out->rank < 2 || in->dim[0] != out->dim[0] || in->dim[1] != out->dim[1])
        return *last;
    return sole_producer(net, readers, (*last)->in[0]);
}

/* `last` writes what `op` wrote; `op` is dropped. */
static void take_over(ph_net *net, ph_op *last, ph_op *op)
{
    last->out = op->out;
    net->tensors[op->out].producer = (int)(last - net->ops);
    op->kind = PH_OP_COUNT;
}

/* ---- y = scale x + shift ----------------------------------------------------------------------------------------- */

/* Weights in blocks of `run` numbers; block i makes the output channel i / outer * inner + i % inner. */
typedef struct ph_weight_layout {
    int64_t blocks, run;
    int64_t outer, inner;
} ph_weight_layout;

static bool fold_weights(ph_net *net, const float **weight, const float **bias, const ph_weight_layout *layout,
                         int64_t channels, const ph_affine_params *affine)
{
    float *scaled = ph_net_alloc(net, (size_t)(layout->blocks * layout->run), sizeof *scaled);
    float *shifted = ph_net_alloc(net, (size_t)channels, sizeof *shifted);
    if (!scaled || !shifted)
        return false;
    for (int64_t i = 0; i < layout->blocks; i++) {
        const double factor = (double)affine->scale[i / layout->outer * layout->inner + i % layout->inner];
        for (int64_t k = 0; k < layout->run; k++)
            scaled[i * layout->run + k] = (float)((double)(*weight)[i * layout->run + k] * factor);
    }
    for (int64_t c = 0; c < channels; c++) {
        const double old = *bias ? (double)(*bias)[c] : 0;
        shifted[c] = (float)(old * (double)affine->scale[c] + (double)affine->shift[c]);
    }
    *weight = scaled;
    *bias = shifted;
    return true;
}

static bool fold_conv(ph_net *net, ph_op *conv, const ph_affine_params *affine)
{
    ph_conv_params *p = &conv->p.conv;
    const int64_t channels = net->tensors[conv->in[0]].shape.dim[1], area = p->kernel[0] * p->kernel[1];
    const int64_t per_group = p->out_channels / p->groups;
    ph_weight_layout layout = {.blocks = p->out_channels, .run = channels / p->groups * area, .outer = 1, .inner = 1};
    if (conv->kind == PH_OP_DECONV) /* [C, K/groups, R, S] */
        layout = (ph_weight_layout){
            .blocks = channels * per_group, .run = area, .outer = channels / p->groups * per_group, .inner = per_group};
    return fold_weights(net, &p->weight, &p->bias, &layout, p->out_channels, affine);
}

static bool fold_dense(ph_net *net, ph_op *dense, const ph_affine_params *affine)
{
    ph_dense_params *p = &dense->p.dense;
    const ph_weight_layout layout = {.blocks = p->out_features, .run = p->in_features, .outer = 1, .inner = 1};
    return fold_weights(net, &p->weight, &p->bias, &layout, p->out_features, affine);
}

static bool fold_affine(ph_net *net, ph_op *before, const ph_affine_params *affine)
{
    ph_affine_params *p = &before->p.affine;
    const int64_t channels = net->tensors[before->out].shape.dim[1];
    const ph_weight_layout layout = {.blocks = channels, .run = 1, .outer = 1, .inner = 1};
    return fold_weights(net, &p->scale, &p->shift, &layout, channels, affine);
}

/* False: out of memory. */
static bool try_affine(ph_net *net, const int *readers, ph_op *op)
{
    ph_op *last, *before = channel_producer(net, readers, op->in[0], &last);
    bool done;
    if (!before)
        return true;
    const ph_affine_params affine = op->p.affine;
    if ((before->kind == PH_OP_CONV && !before->p.conv.relu) || before->kind == PH_OP_DECONV)
        done = fold_conv(net, before, &affine);
    else if (before->kind == PH_OP_DENSE && net->tensors[before->out].shape.rank == 2)
        done = fold_dense(net, before, &affine);
    else if (before->kind == PH_OP_AFFINE)
        done = fold_affine(net, before, &affine);
    else
        return true;
    if (done)
        take_over(net, last, op);
    return done;
}

/* ---- Constants in BINARY ----------------------------------------------------------------------------------------- */

/* The constant varies along the last axis alone: a bias of the matrix product before it. */
static bool try_bias(ph_net *net, const int *readers, ph_op *op, int x, int c)
{
    ph_op *before = sole_producer(net, readers, x);
    const ph_tensor *constant = &net->tensors[c];
    if (!before || before->kind != PH_OP_DENSE || op->p.binary != PH_BINARY_ADD ||
        constant->shape.rank > net->tensors[x].shape.rank || constant->shape.rank < 1)
        return true;
    ph_dense_params *p = &before->p.dense;
    const int64_t count = ph_shape_count(&constant->shape);
    if (count != p->out_features || constant->shape.dim[constant->shape.rank - 1] != count)
        return true;
    float *bias = ph_net_alloc(net, (size_t)count, sizeof *bias);
    if (!bias)
        return false;
    for (int64_t k = 0; k < count; k++)
        bias[k] = (float)((p->bias ? (double)p->bias[k] : 0) + (double)constant->constant[k]);
    p->bias = bias;
    take_over(net, before, op);
    return true;
}

/* BINARY with a constant per channel becomes AFFINE: Transposes that have moved may have made it so. */
static bool binary_to_affine(ph_net *net, ph_op *op, int x, int c)
{
    const ph_tensor *constant = &net->tensors[c];
    const ph_shape *shape = &net->tensors[x].shape;
    const bool first = c == op->in[0];
    const int64_t count = ph_shape_count(&constant->shape);
    if (!ph_shape_per_channel(&constant->shape, shape) ||
        !ph_affine_exact(op->p.binary, first, constant->constant, count))
        return true;
    ph_affine_params affine;
    if (!ph_affine_from(net, op->p.binary, first, constant->constant, count, shape->dim[1], &affine))
        return false;
    op->kind = PH_OP_AFFINE;
    op->p.affine = affine;
    op->in[0] = x;
    op->in_count = 1;
    return true;
}

static bool try_binary(ph_net *net, const int *readers, ph_op *op)
{
    const bool first = net->tensors[op->in[0]].constant != NULL, second = net->tensors[op->in[1]].constant != NULL;
    if (first == second)
        return true;
    const int x = op->in[first ? 1 : 0], c = op->in[first ? 0 : 1];
    if (!try_bias(net, readers, op, x, c))
        return false;
    return op->kind != PH_OP_BINARY || binary_to_affine(net, op, x, c);
}

/* ---- The pass ---------------------------------------------------------------------------------------------------- */

static void fuse_relu(ph_net *net, const int *readers, ph_op *op)
{
    ph_op *last, *before = channel_producer(net, readers, op->in[0], &last);
    if (!before || before->kind != PH_OP_CONV || before->p.conv.relu)
        return;
    before->p.conv.relu = true;
    take_over(net, last, op);
}

bool ph_simplify_folds(ph_net *net)
{
    int *readers = ph_alloc((size_t)net->tensor_count, sizeof *readers);
    bool done = readers != NULL;
    for (int i = 0; done && i < net->op_count; i++)
        for (int k = 0; k < net->ops[i].in_count; k++)
            readers[net->ops[i].in[k]]++;
    for (int i = 0; done && i < net->op_count; i++) {
        ph_op *op = &net->ops[i];
        if (op->kind == PH_OP_BINARY)
            done = try_binary(net, readers, op);
        if (done && op->kind == PH_OP_AFFINE)
            done = try_affine(net, readers, op);
        if (op->kind == PH_OP_ACT && op->p.act.kind == PH_ACT_RELU)
            fuse_relu(net, readers, op);
    }
    ph_free(readers);
    return done;
}
