/* Gemm, MatMul. */
#include "host/model/lowering.h"

#include <string.h>

/* out[k, c] = factor * in[c, k] */
static ph_status transposed(ph_lowering *l, const float *in, int64_t rows, int64_t columns, float factor,
                            const float **out)
{
    *out = in;
    if (l->dry)
        return PH_OK;
    float *copy = ph_lowering_floats(l, rows * columns);
    if (!copy)
        return PH_NO_MEMORY;
    /* Blocks of lines that fit a cache together. */
    enum { BLOCK = 32 };
    for (int64_t top = 0; top < rows; top += BLOCK)
        for (int64_t c = 0; c < columns; c++)
            for (int64_t r = top; r < rows && r < top + BLOCK; r++)
                copy[c * rows + r] = factor * in[r * columns + c];
    *out = copy;
    return PH_OK;
}

static ph_status scaled(ph_lowering *l, const float *in, int64_t count, float factor, const float **out)
{
    *out = in;
    if (l->dry || factor == 1)
        return PH_OK;
    float *copy = ph_lowering_floats(l, count);
    if (!copy)
        return PH_NO_MEMORY;
    for (int64_t i = 0; i < count; i++)
        copy[i] = factor * in[i];
    *out = copy;
    return PH_OK;
}

static ph_status needs_inputs(ph_lowering *l, int64_t needs, int64_t gets)
{
    if (needs == gets)
        return PH_OK;
    return ph_lowering_misfit(l, "needs %lld inputs but gets %lld", (long long)needs, (long long)gets);
}

/* ---- Gemm: alpha A' B' + beta C ---------------------------------------------------------------------------------- */

/* C as the bias of a DENSE: one number or one row. */
static ph_status row_bias(ph_lowering *l, int64_t features, float beta, const float **bias)
{
    ph_known c;
    *bias = NULL;
    PH_TRY(ph_input(l, 2, &c));
    const int64_t count = c.array ? ph_shape_count(&c.shape) : 0;
    const bool row = c.shape.rank >= 1 && c.shape.dim[c.shape.rank - 1] == features;
    if (!c.array || (count != 1 && !(row && count == features)))
        return PH_OK;
    ph_shape shape;
    const float *values;
    PH_TRY(ph_input_floats(l, 2, &values, &shape));
    if (count == features)
        return scaled(l, values, features, beta, bias);
    float *copy = ph_lowering_floats(l, features);
    if (!copy)
        return PH_NO_MEMORY;
    for (int64_t k = 0; k < features; k++)
        copy[k] = beta * values[0];
    *bias = copy;
    return PH_OK;
}

static ph_status gemm_product(ph_lowering *l, int a, const ph_known *b, bool b_turned, float alpha, float beta,
                              bool *biased, int *out)
{
    const ph_shape from = *ph_tensor_shape(l, a);
    const int64_t features = b->shape.dim[b_turned ? 0 : 1], inner = b->shape.dim[b_turned ? 1 : 0];
    PH_TRY(needs_inputs(l, inner, from.dim[1]));
    if (!b->array) {
        int right;
        PH_TRY(ph_input_tensor(l, 1, &right));
        if (b_turned)
            PH_TRY(ph_emit_transpose(l, right, (const int[]){1, 0}, &right));
        const ph_shape to = {.rank = 2, .dim = {from.dim[0], features}};
        PH_TRY(ph_emit(l, (ph_op){.kind = PH_OP_MATMUL}, (const int[]){a, right}, 2, &to, out));
        return alpha == 1 ? PH_OK : ph_emit_scaled(l, *out, alpha, 0, out);
    }
    ph_op op = {.kind = PH_OP_DENSE, .p.dense = {.in_features = inner, .out_features = features}};
    ph_shape shape;
    const float *weight;
    PH_TRY(ph_input_floats(l, 1, &weight, &shape));
    if (b_turned)
        PH_TRY(scaled(l, weight, inner * features, alpha, &op.p.dense.weight));
    else
        PH_TRY(transposed(l, weight, inner, features, alpha, &op.p.dense.weight));
    if (ph_has_input(l, 2) && beta != 0)
        PH_TRY(row_bias(l, features, beta, &op.p.dense.bias));
    *biased = op.p.dense.bias != NULL;
    return ph_emit(l, op, &a, 1, &(ph_shape){.rank = 2, .dim = {from.dim[0], features}}, out);
}

ph_status ph_rule_gemm(ph_lowering *l)
{
    ph_known known, b;
    int a, out, c;
    bool biased = false;
    const float alpha = ph_node_float(l->node, "alpha", 1), beta = ph_node_float(l->node, "beta", 1);
    PH_TRY(ph_input(l, 0, &known));
    PH_TRY(ph_input(l, 1, &b));
    if (known.shape.rank != 2 || b.shape.rank != 2)
        return ph_lowering_misfit(l, "needs two matrices but gets tensors of %d and %d dimensions", known.shape.rank,
                                  b.shape.rank);
    PH_TRY(ph_input_tensor(l, 0, &a));
    if (ph_node_int(l->node, "transA", 0))
        PH_TRY(ph_emit_transpose(l, a, (const int[]){1, 0}, &a));
    PH_TRY(gemm_product(l, a, &b, ph_node_int(l->node, "transB", 0) != 0, alpha, beta, &biased, &out));
    if (ph_has_input(l, 2) && beta != 0 && !biased) {
        const ph_shape product = *ph_tensor_shape(l, out);
        PH_TRY(ph_input_tensor(l, 2, &c));
        if (beta != 1 && l->net->tensors[c].constant) {
            const ph_shape shape = *ph_tensor_shape(l, c);
            const float *values;
            PH_TRY(scaled(l, l->net->tensors[c].constant, ph_shape_count(&shape), beta, &values));
            PH_TRY(ph_constant_tensor(l, values, &shape, &c));
        } else if (beta != 1) {
            PH_TRY(ph_emit_scaled(l, c, beta, 0, &c));
        }
        PH_TRY(ph_emit_binary(l, PH_BINARY_ADD, out, c, &out));
        if (!ph_shape_equal(ph_tensor_shape(l, out), &product))
            return ph_lowering_misfit(l, "has a C that is larger than its product");
    }
    ph_give_tensor(l, 0, out);
    return PH_OK;
}

/* ---- MatMul ------------------------------------------------------------------------------------------------------ */

/* The right factor is a constant matrix or vector. */
static ph_status matmul_dense(ph_lowering *l, int a, const ph_shape *b)
{
    ph_shape to = *ph_tensor_shape(l, a), shape;
    const int64_t inner = b->dim[0], features = b->rank == 2 ? b->dim[1] : 1;
    PH_TRY(needs_inputs(l, inner, to.rank ? to.dim[to.rank - 1] : 1));
    if (to.rank == 0)
        return ph_lowering_fail(l, PH_FORMAT, "multiplies a scalar");
    ph_op op = {.kind = PH_OP_DENSE, .p.dense = {.in_features = inner, .out_features = features}};
    const float *weight;
    int out;
    PH_TRY(ph_input_floats(l, 1, &weight, &shape));
    PH_TRY(transposed(l, weight, inner, features, 1, &op.p.dense.weight));
    to.dim[to.rank - 1] = features;
    PH_TRY(ph_emit(l, op, &a, 1, &to, &out));
    if (b->rank == 1) {
        to.rank--;
        PH_TRY(ph_emit_reshape(l, out, &to, &out));
    }
    ph_give_tensor(l, 0, out);
    return PH_OK;
}

/* A vector counts as a matrix of one row (left) or one column (right). */
static ph_status as_matrix(ph_lowering *l, int tensor, bool left, int *out)
{
    const ph_shape shape = *ph_tensor_shape(l, tensor);
    *out = tensor;
    if (shape.rank == 0)
        return ph_lowering_fail(l, PH_FORMAT, "multiplies a scalar");
    if (shape.rank > 1)
        return PH_OK;
    ph_shape matrix = {.rank = 2, .dim = {1, 1}};
    matrix.dim[left ? 1 : 0] = shape.dim[0];
    const float *constant = l->net->tensors[tensor].constant;
    return constant ? ph_constant_tensor(l, constant, &matrix, out) : ph_emit_reshape(l, tensor, &matrix, out);
}

ph_status ph_rule_matmul(ph_lowering *l)
{
    int a, b, out;
    ph_known known;
    PH_TRY(ph_input(l, 1, &known));
    PH_TRY(ph_input_tensor(l, 0, &a));
    const bool constant_left = l->net->tensors[a].constant != NULL;
    if (known.array && !constant_left && (known.shape.rank == 1 || known.shape.rank == 2))
        return matmul_dense(l, a, &known.shape);
    PH_TRY(ph_input_tensor(l, 1, &b));
    const int a_rank = ph_tensor_shape(l, a)->rank, b_rank = ph_tensor_shape(l, b)->rank;
    PH_TRY(as_matrix(l, a, true, &a));
    PH_TRY(as_matrix(l, b, false, &b));
    const ph_shape x = *ph_tensor_shape(l, a), y = *ph_tensor_shape(l, b);
    PH_TRY(needs_inputs(l, y.dim[y.rank - 2], x.dim[x.rank - 1]));
    ph_shape x_lead = x, y_lead = y, to;
    x_lead.rank -= 2;
    y_lead.rank -= 2;
    if (!ph_shape_broadcast(&x_lead, &y_lead, &to))
        return ph_lowering_misfit(l, "multiplies stacks of matrices that do not fit each other");
    to.dim[to.rank++] = x.dim[x.rank - 2];
    to.dim[to.rank++] = y.dim[y.rank - 1];
    PH_TRY(ph_emit(l, (ph_op){.kind = PH_OP_MATMUL}, (const int[]){a, b}, 2, &to, &out));
    ph_shape final = {0};
    for (int axis = 0; axis < to.rank; axis++)
        if (!(a_rank == 1 && axis == to.rank - 2) && !(b_rank == 1 && axis == to.rank - 1))
            final.dim[final.rank++] = to.dim[axis];
    PH_TRY(ph_emit_reshape(l, out, &final, &out));
    ph_give_tensor(l, 0, out);
    return PH_OK;
}
