#include "kernels/ref/ref_op.h"

static void dense_forward(const ph_ref_call *call)
{
    const ph_dense_params *p = &call->op->p.dense;
    const int64_t rows = ph_shape_count(ph_ref_in_shape(call, 0)) / p->in_features;
    for (int64_t m = 0; m < rows; m++)
        for (int64_t k = 0; k < p->out_features; k++) {
            double sum = 0;
            for (int64_t c = 0; c < p->in_features; c++)
                sum += call->in[0][m * p->in_features + c] * (double)p->weight[k * p->in_features + c];
            call->out[m * p->out_features + k] = sum + (p->bias ? (double)p->bias[k] : 0);
        }
}

static void dense_backward(const ph_ref_call *call)
{
    const ph_dense_params *p = &call->op->p.dense;
    const int64_t rows = ph_shape_count(ph_ref_in_shape(call, 0)) / p->in_features;
    double *gradient = call->in_gradient[0];
    for (int64_t m = 0; gradient && m < rows; m++)
        for (int64_t k = 0; k < p->out_features; k++)
            for (int64_t c = 0; c < p->in_features; c++)
                gradient[m * p->in_features + c] +=
                    call->out_gradient[m * p->out_features + k] * (double)p->weight[k * p->in_features + c];
}

/* NumPy: a vector on the left is a row, on the right a column; leading dimensions broadcast. */
typedef struct product {
    int64_t rows, columns, depth;
    ph_shape lead;                                        /* broadcast leading dimensions of the output */
    int64_t a_stride[PH_MAX_RANK], b_stride[PH_MAX_RANK]; /* in matrices, along `lead`; 0 where broadcast */
} product;

static void lead_strides(const ph_shape *shape, int lead_rank, int64_t stride[PH_MAX_RANK])
{
    int64_t step = 1;
    for (int i = 0; i < lead_rank; i++) {
        const int own = shape->rank - 3 - i;
        const int64_t dim = own >= 0 ? shape->dim[own] : 1;
        stride[lead_rank - 1 - i] = dim == 1 ? 0 : step;
        step *= dim;
    }
}

static int64_t lead_dim(const ph_shape *shape, int from_end)
{
    const int own = shape->rank - 3 - from_end;
    return own >= 0 ? shape->dim[own] : 1;
}

static product matmul_product(const ph_ref_call *call)
{
    const ph_shape *a = ph_ref_in_shape(call, 0), *b = ph_ref_in_shape(call, 1);
    product m = {
        .rows = a->rank > 1 ? a->dim[a->rank - 2] : 1,
        .columns = b->rank > 1 ? b->dim[b->rank - 1] : 1,
        .depth = a->dim[a->rank - 1],
    };
    const int widest = a->rank > b->rank ? a->rank : b->rank;
    m.lead.rank = widest > 2 ? widest - 2 : 0;
    for (int i = 0; i < m.lead.rank; i++) {
        const int64_t da = lead_dim(a, i), db = lead_dim(b, i);
        m.lead.dim[m.lead.rank - 1 - i] = da == 1 ? db : da;
    }
    lead_strides(a, m.lead.rank, m.a_stride);
    lead_strides(b, m.lead.rank, m.b_stride);
    return m;
}

static void product_offsets(const product *m, const int64_t index[PH_MAX_RANK], int64_t *a, int64_t *b)
{
    *a = *b = 0;
    for (int i = 0; i < m->lead.rank; i++) {
        *a += index[i] * m->a_stride[i] * m->rows * m->depth;
        *b += index[i] * m->b_stride[i] * m->depth * m->columns;
    }
}

static void matmul_forward(const ph_ref_call *call)
{
    const product m = matmul_product(call);
    const int64_t matrices = ph_shape_count(&m.lead);
    int64_t index[PH_MAX_RANK] = {0};
    double *out = call->out;
    for (int64_t n = 0; n < matrices; n++, ph_ref_next(&m.lead, index)) {
        int64_t a, b;
        product_offsets(&m, index, &a, &b);
        for (int64_t i = 0; i < m.rows; i++)
            for (int64_t j = 0; j < m.columns; j++) {
                double sum = 0;
                for (int64_t k = 0; k < m.depth; k++)
                    sum += call->in[0][a + i * m.depth + k] * call->in[1][b + k * m.columns + j];
                *out++ = sum;
            }
    }
}

static void matmul_backward(const ph_ref_call *call)
{
    const product m = matmul_product(call);
    const int64_t matrices = ph_shape_count(&m.lead);
    int64_t index[PH_MAX_RANK] = {0};
    const double *out_gradient = call->out_gradient;
    for (int64_t n = 0; n < matrices; n++, ph_ref_next(&m.lead, index)) {
        int64_t a, b;
        product_offsets(&m, index, &a, &b);
        for (int64_t i = 0; i < m.rows; i++)
            for (int64_t j = 0; j < m.columns; j++, out_gradient++)
                for (int64_t k = 0; k < m.depth; k++) {
                    const int64_t at_a = a + i * m.depth + k, at_b = b + k * m.columns + j;
                    if (call->in_gradient[0])
                        call->in_gradient[0][at_a] += *out_gradient * call->in[1][at_b];
                    if (call->in_gradient[1])
                        call->in_gradient[1][at_b] += *out_gradient * call->in[0][at_a];
                }
    }
}

const ph_ref_op ph_ref_dense = {dense_forward, dense_backward};
const ph_ref_op ph_ref_matmul = {matmul_forward, matmul_backward};
