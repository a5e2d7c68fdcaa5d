/* Transposes travel towards the outputs. One sweep in execution order: a Transpose is not written but noted as a view
 * of its input; operators that work the same in another layout read the views' bases and become views themselves;
 * inverse Transposes compose to nothing on the way. A view is written as an operator only where somebody needs it as it
 * is. */
#include "host/model/simplify.h"

#include "host/base/alloc.h"
#include "host/model/shape_rules.h"

#include <string.h>

typedef struct ph_view { /* tensor = base with axes permuted: dim[i] = base.dim[perm[i]] */
    int base;
    int perm[PH_MAX_RANK];
    bool moved;   /* false: tensor = base */
    bool written; /* an operator makes the tensor */
    const char *name;
} ph_view;

typedef struct ph_sweep {
    ph_net *net;
    ph_view *views; /* of the tensors before the sweep */
    ph_op *old;
    int old_count;
} ph_sweep;

/* ---- Views ------------------------------------------------------------------------------------------------------- */

static ph_shape to_base(const ph_shape *shape, const int *perm)
{
    ph_shape base = {.rank = shape->rank};
    for (int i = 0; i < shape->rank; i++)
        base.dim[perm[i]] = shape->dim[i];
    return base;
}

/* True when the permutation moves axes of size 1 only past each other and others: the values stay in order. */
static bool keeps_order(const ph_shape *base, const int *perm)
{
    int last = -1;
    for (int i = 0; i < base->rank; i++) {
        if (base->dim[perm[i]] == 1)
            continue;
        if (perm[i] < last)
            return false;
        last = perm[i];
    }
    return true;
}

/* The tensor as it is, written where necessary; -1 when out of memory. */
static int materialize(ph_sweep *s, int tensor)
{
    ph_view *view = &s->views[tensor];
    if (!view->moved)
        return view->base;
    if (view->written)
        return tensor;
    ph_op op = {.kind = PH_OP_TRANSPOSE, .name = view->name, .out = tensor};
    if (keeps_order(&s->net->tensors[view->base].shape, view->perm))
        op.kind = PH_OP_RESHAPE;
    else
        memcpy(op.p.perm, view->perm, sizeof op.p.perm);
    view->written = true;
    return ph_net_add_op(s->net, &op, &view->base, 1) < 0 ? -1 : tensor;
}

static void note_transpose(ph_sweep *s, const ph_op *op)
{
    const ph_view *from = &s->views[op->in[0]];
    ph_view *to = &s->views[op->out];
    const int rank = s->net->tensors[op->out].shape.rank;
    to->base = from->base;
    to->name = op->name;
    to->moved = false;
    for (int i = 0; i < rank; i++) {
        to->perm[i] = from->moved ? from->perm[op->p.perm[i]] : op->p.perm[i];
        to->moved = to->moved || to->perm[i] != i;
    }
}

/* ---- Operators in the base's layout ------------------------------------------------------------------------------ */

static ph_shape aligned(const ph_shape *shape, int rank)
{
    ph_shape out = {.rank = rank};
    for (int i = 0; i < rank; i++) {
        const int own = i - (rank - shape->rank);
        out.dim[i] = own < 0 ? 1 : shape->dim[own];
    }
    return out;
}

static int long_axes(const ph_shape *shape)
{
    int count = 0;
    for (int i = 0; i < shape->rank; i++)
        count += shape->dim[i] != 1;
    return count;
}

/* A constant in the base's layout; -1 when out of memory. */
static int constant_in_base(ph_sweep *s, int tensor, const int *perm, int rank)
{
    ph_tensor moved = s->net->tensors[tensor];
    const ph_shape shape = aligned(&moved.shape, rank);
    moved.shape = to_base(&shape, perm);
    if (long_axes(&shape) > 1) {
        const int64_t count = ph_shape_count(&shape);
        float *values = ph_net_alloc(s->net, (size_t)count, sizeof *values);
        if (!values)
            return -1;
        int64_t own[PH_MAX_RANK] = {0}, stride[PH_MAX_RANK] = {0};
        ph_shape_strides(&shape, own);
        for (int i = 0; i < rank; i++)
            stride[perm[i]] = own[i];
        ph_walk walk = ph_walk_start(&moved.shape, stride, 0);
        for (int64_t i = 0; i < count; i++, ph_walk_next(&walk))
            values[i] = moved.constant[walk.offset];
        moved.constant = values;
    }
    return ph_net_add_tensor(s->net, &moved);
}

/* Whether an input can be read in the layout that `perm` leads from: constants, views by the same permutation, and
 * tensors with one long axis, which a Reshape moves. */
static bool fits_base(const ph_sweep *s, int tensor, const int *perm, int rank, bool reshapes)
{
    const ph_view *view = &s->views[tensor];
    const ph_tensor *t = &s->net->tensors[tensor];
    if (t->constant)
        return true;
    if (view->moved)
        return t->shape.rank == rank && !memcmp(view->perm, perm, (size_t)rank * sizeof *perm);
    return reshapes && long_axes(&t->shape) <= 1;
}

static int in_base(ph_sweep *s, int tensor, const int *perm, int rank, const char *name)
{
    if (s->net->tensors[tensor].constant)
        return constant_in_base(s, tensor, perm, rank);
    if (s->views[tensor].moved)
        return s->views[tensor].base;
    const ph_shape shape = aligned(&s->net->tensors[tensor].shape, rank);
    const int from = s->views[tensor].base;
    ph_tensor moved = {.shape = to_base(&shape, perm), .name = s->net->tensors[tensor].name, .producer = -1};
    const ph_op op = {.kind = PH_OP_RESHAPE, .name = name, .out = ph_net_add_tensor(s->net, &moved)};
    return op.out < 0 || ph_net_add_op(s->net, &op, &from, 1) < 0 ? -1 : op.out;
}

/* The permutation by which all inputs of the operator can be read as their bases; NULL when there is none. */
static const int *common_layout(const ph_sweep *s, const ph_op *op)
{
    const int rank = s->net->tensors[op->out].shape.rank;
    const int *perm = NULL;
    for (int k = 0; !perm && k < op->in_count; k++)
        if (s->views[op->in[k]].moved)
            perm = s->views[op->in[k]].perm;
    for (int k = 0; perm && k < op->in_count; k++)
        if (!fits_base(s, op->in[k], perm, rank, op->kind == PH_OP_BINARY))
            return NULL;
    return perm;
}

/* The operator for the base's layout; false when it works in its own layout only. */
static bool turn(ph_op *op, const int *perm, int rank)
{
    const ph_op own = *op;
    switch (op->kind) {
    case PH_OP_BINARY:
        return true;
    case PH_OP_ACT:
        return op->p.act.kind != PH_ACT_PRELU || perm[1] == 1;
    case PH_OP_AFFINE:
        return perm[1] == 1;
    case PH_OP_CONCAT:
        op->p.concat_axis = perm[own.p.concat_axis];
        return true;
    case PH_OP_SOFTMAX:
        op->p.softmax_axis = perm[own.p.softmax_axis];
        return true;
    case PH_OP_PAD:
        for (int i = 0; i < rank; i++)
            op->p.pad.begin[perm[i]] = own.p.pad.begin[i];
        return true;
    case PH_OP_SLICE:
        for (int i = 0; i < rank; i++) {
            op->p.slice.start[perm[i]] = own.p.slice.start[i];
            op->p.slice.step[perm[i]] = own.p.slice.step[i];
        }
        return true;
    default:
        return false;
    }
}

/* Writes the operator on its inputs' bases and notes its output as a view. */
static bool write_turned(ph_sweep *s, ph_op *op, const int *given)
{
    int perm[PH_MAX_RANK];
    const ph_tensor own = s->net->tensors[op->out];
    const int out = op->out;
    memcpy(perm, given, sizeof perm);
    for (int k = 0; k < op->in_count; k++) {
        op->in[k] = in_base(s, op->in[k], perm, own.shape.rank, op->name);
        if (op->in[k] < 0)
            return false;
    }
    ph_tensor moved = {.shape = to_base(&own.shape, perm), .name = own.name, .producer = -1};
    op->out = ph_net_add_tensor(s->net, &moved);
    if (op->out < 0)
        return false;
    ph_view *view = &s->views[out];
    *view = (ph_view){.base = op->out, .moved = true, .name = op->name};
    memcpy(view->perm, perm, sizeof perm);
    return ph_net_add_op(s->net, op, op->in, op->in_count) >= 0;
}

static bool sweep_op(ph_sweep *s, ph_op op)
{
    if (op.kind == PH_OP_TRANSPOSE) {
        note_transpose(s, &op);
        return true;
    }
    const int *perm = common_layout(s, &op);
    ph_op turned = op;
    if (perm && turn(&turned, perm, s->net->tensors[op.out].shape.rank))
        return write_turned(s, &turned, perm);
    for (int k = 0; k < op.in_count; k++) {
        op.in[k] = materialize(s, op.in[k]);
        if (op.in[k] < 0)
            return false;
    }
    return ph_net_add_op(s->net, &op, op.in, op.in_count) >= 0;
}

bool ph_simplify_transposes(ph_net *net)
{
    bool any = false;
    for (int i = 0; i < net->op_count; i++)
        any = any || net->ops[i].kind == PH_OP_TRANSPOSE;
    if (!any)
        return true;
    ph_sweep s = {.net = net, .old_count = net->op_count};
    s.views = ph_alloc((size_t)net->tensor_count, sizeof *s.views);
    s.old = ph_alloc((size_t)net->op_count, sizeof *s.old);
    bool done = s.views && s.old;
    if (done) {
        memcpy(s.old, net->ops, (size_t)net->op_count * sizeof *s.old);
        for (int t = 0; t < net->tensor_count; t++)
            s.views[t].base = t;
        net->op_count = 0;
    }
    for (int i = 0; done && i < s.old_count; i++)
        done = sweep_op(&s, s.old[i]);
    for (int i = 0; done && i < net->output_count; i++) {
        net->outputs[i] = materialize(&s, net->outputs[i]);
        done = net->outputs[i] >= 0;
    }
    ph_free(s.views);
    ph_free(s.old);
    return done;
}
