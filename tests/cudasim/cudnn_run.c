/* Plans carried out: every tensor as doubles in the order N, H, W, C, convolutions as their definition says. */
#include "cudnn.h"

#include <stdlib.h>

static int64_t count_of(const sim_tensor *t)
{
    return t->dim[0] * t->dim[1] * t->dim[2] * t->dim[3];
}

size_t sim_tensor_extent(const sim_tensor *t)
{
    int64_t last = 0;
    for (int i = 0; i < 4; i++)
        last += (t->dim[i] - 1) * t->stride[i];
    return (size_t)(last + 1) * sim_type_size(t->type);
}

static bool packed(const sim_tensor *t)
{
    return sim_tensor_extent(t) == (size_t)count_of(t) * sim_type_size(t->type);
}

/* Where element i stands, counted in the order N, H, W, C. */
static int64_t place_of(const sim_tensor *t, int64_t i)
{
    const int64_t C = t->dim[1], H = t->dim[2], W = t->dim[3];
    if (t->stride[1] == 1 && t->stride[3] == C && packed(t))
        return i;
    return i % C * t->stride[1] + i / C % W * t->stride[3] + i / C / W % H * t->stride[2] +
           i / C / W / H * t->stride[0];
}

static double *load(const sim_tensor *t, const void *memory)
{
    const size_t size = sim_type_size(t->type);
    if (packed(t))
        sim_memory_check(memory, sim_tensor_extent(t), true, "a convolution of cuDNN");
    double *values = sim_new((size_t)count_of(t) * sizeof *values);
    for (int64_t i = 0; i < count_of(t); i++) {
        const int64_t at = place_of(t, i);
        if (!packed(t))
            sim_memory_check((const char *)memory + (size_t)at * size, size, true, "a convolution of cuDNN");
        values[i] = sim_load(t->type, memory, at);
    }
    return values;
}

static void store(const sim_tensor *t, void *memory, const double *values)
{
    const size_t size = sim_type_size(t->type);
    for (int64_t i = 0; i < count_of(t); i++) {
        const int64_t at = place_of(t, i);
        sim_store(t->type, memory, at, values[i]);
        sim_memory_written((char *)memory + (size_t)at * size, size);
    }
}

/* ---- operations ---------------------------------------------------------------------------------------------------
 */

/* [k][r][s][c] to [r][s][c][k] or, for the way back, [r][s][k][c]. */
static double *turn_filter(const sim_tensor *w, const double *values, bool back)
{
    const int64_t K = w->dim[0], C = w->dim[1], RS = w->dim[2] * w->dim[3];
    double *turned = sim_new((size_t)count_of(w) * sizeof *turned);
    for (int64_t k = 0; k < K; k++)
        for (int64_t rs = 0; rs < RS; rs++)
            for (int64_t c = 0; c < C; c++)
                turned[back ? (rs * K + k) * C + c : (rs * C + c) * K + k] = values[(k * RS + rs) * C + c];
    return turned;
}

/* The arithmetic of one tap, `channels` in and `outputs` out per group: to[j] += from[i] w[i][j]. */
static void add_product(double *to, int64_t outputs, const double *from, int64_t channels, const double *w,
                        int64_t pitch)
{
    for (int64_t i = 0; i < channels; i++) {
        const double x = from[i];
        const double *row = w + i * pitch;
        for (int64_t j = 0; j < outputs; j++)
            to[j] += x * row[j];
    }
}

/* x and y are the tensors with the convolution's input and output shape; forward adds to y, backward to x. */
static void convolve(const sim_operation *op, const sim_tensor *tx, double *x, const sim_tensor *tw, const double *w,
                     const sim_tensor *ty, double *y)
{
    const int64_t C = tx->dim[1], H = tx->dim[2], W = tx->dim[3], K = ty->dim[1], P = ty->dim[2], Q = ty->dim[3];
    const int64_t R = tw->dim[2], S = tw->dim[3], Cg = tw->dim[1], groups = C / Cg, Kg = K / groups;
    const bool back = op->kind == SIM_BACKWARD;
    double *turned = turn_filter(tw, w, back);
    for (int64_t place = 0; place < ty->dim[0] * P * Q; place++) {
        const int64_t n = place / (P * Q), p = place / Q % P, q = place % Q;
        double *out = y + place * K;
        for (int64_t rs = 0; rs < R * S; rs++) {
            const int64_t h = p * op->stride[0] - op->pad[0] + rs / S * op->dilation[0];
            const int64_t v = q * op->stride[1] - op->pad[1] + rs % S * op->dilation[1];
            if (h < 0 || h >= H || v < 0 || v >= W)
                continue;
            double *in = x + ((n * H + h) * W + v) * C;
            for (int64_t g = 0; g < groups; g++)
                if (back)
                    add_product(in + g * Cg, Cg, out + g * Kg, Kg, turned + (rs * K + g * Kg) * Cg, Cg);
                else
                    add_product(out + g * Kg, Kg, in + g * Cg, Cg, turned + rs * Cg * K + g * Kg, K);
        }
    }
    free(turned);
}

/* y = x + b, b of one picture and one position: a bias; or of y's shape. */
static void add(const sim_tensor *ty, double *y, const double *x, const sim_tensor *tb, const double *b)
{
    const int64_t C = ty->dim[1];
    const bool bias = count_of(tb) == C && count_of(ty) != C;
    if (!bias && count_of(tb) != count_of(ty))
        sim_die("cuDNN: an addition of these shapes is not simulated");
    for (int64_t i = 0; i < count_of(ty); i++)
        y[i] = x[i] + b[bias ? i % C : i];
}

/* ---- a plan -------------------------------------------------------------------------------------------------------
 */

typedef struct values {
    double *of[SIM_TENSORS];
} values;

static double *input(const sim_plan *plan, void *const memory[], values *v, int t)
{
    if (!v->of[t]) {
        if (plan->tensors[t].is_virtual)
            sim_die("cuDNN: tensor %lld is read before it is computed", (long long)plan->tensors[t].uid);
        v->of[t] = load(&plan->tensors[t], memory[t]);
    }
    return v->of[t];
}

static double *rounded(const sim_plan *plan, const sim_tensor *t, const double *from)
{
    double *copy = sim_new((size_t)count_of(t) * sizeof *copy);
    for (int64_t i = 0; i < count_of(t); i++)
        copy[i] = plan->tf32 && t->type == SIM_FLOAT ? sim_round_tf32(from[i]) : from[i];
    return copy;
}

static void run_convolution(const sim_plan *plan, const sim_operation *op, void *const memory[], values *v)
{
    const sim_tensor *tensors = plan->tensors;
    const bool back = op->kind == SIM_BACKWARD;
    const int result = back ? op->x : op->y, from = back ? op->y : op->x;
    const int64_t count = count_of(&tensors[result]);
    double *source = rounded(plan, &tensors[from], input(plan, memory, v, from));
    double *filter = rounded(plan, &tensors[op->b], input(plan, memory, v, op->b));
    double *sum = sim_new((size_t)count * sizeof *sum);
    convolve(op, &tensors[op->x], back ? sum : source, &tensors[op->b], filter, &tensors[op->y], back ? source : sum);
    const double *before = op->beta != 0 ? input(plan, memory, v, result) : NULL;
    for (int64_t i = 0; i < count; i++)
        sum[i] = (double)op->alpha * sum[i] + (before ? (double)op->beta * before[i] : 0);
    free(source);
    free(filter);
    free(v->of[result]);
    v->of[result] = sum;
}

static void run_pointwise(const sim_plan *plan, const sim_operation *op, void *const memory[], values *v)
{
    const sim_tensor *ty = &plan->tensors[op->y];
    const double *x = input(plan, memory, v, op->x);
    double *y = sim_new((size_t)count_of(ty) * sizeof *y);
    if (op->kind == SIM_ADD)
        add(ty, y, x, &plan->tensors[op->b], input(plan, memory, v, op->b));
    else
        for (int64_t i = 0; i < count_of(ty); i++)
            y[i] = x[i] > 0 ? x[i] : 0; /* NaN becomes 0, as in a fused engine */
    free(v->of[op->y]);
    v->of[op->y] = y;
}

void sim_plan_run(const sim_plan *plan, void *const memory[SIM_TENSORS], void *workspace)
{
    values v = {{NULL}};
    if (plan->workspace)
        sim_memory_spoil(workspace, (size_t)plan->workspace);
    for (int i = 0; i < plan->operation_count; i++) {
        const sim_operation *op = &plan->operations[i];
        const bool convolution = op->kind == SIM_FORWARD || op->kind == SIM_BACKWARD;
        (convolution ? run_convolution : run_pointwise)(plan, op, memory, &v);
        const int result = op->kind == SIM_BACKWARD ? op->x : op->y;
        const sim_tensor *t = &plan->tensors[result];
        if (!t->is_virtual)
            store(t, memory[result], v.of[result]);
        for (int64_t k = 0; t->is_virtual && k < count_of(t); k++)
            v.of[result][k] = (double)(float)v.of[result][k];
    }
    for (int t = 0; t < plan->tensor_count; t++)
        free(v.of[t]);
}
