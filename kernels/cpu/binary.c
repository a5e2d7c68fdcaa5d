/* BINARY with NumPy broadcasting, each operand in its own layout: both are walked along the output's axes with strides
 * of their own, 0 where broadcast. */
#include "kernels/cpu/copy.h"
#include "kernels/cpu/plan.h"
#include "kernels/cpu/threads.h"
#include "kernels/element/pointwise.h"

/* Axes of the output in its memory order; y: the output, in[0], in[1]: the operands. */
typedef struct walk {
    int rank;
    int64_t dim[PH_MAX_RANK], y[PH_MAX_RANK], in[2][PH_MAX_RANK];
} walk;

typedef struct binary_args {
    ph_binary_kind kind;
    const float *a, *b, *dy;
    float *to; /* y, or the gradient of operand `of` */
    int of;
    bool add;
    walk kept, reduced; /* forward: all in kept */
} binary_args;

/* ---- Walks ------------------------------------------------------------------------------------------------------- */

static walk make_walk(const ph_cpu_plan *plan, const ph_cpu_node *node)
{
    walk w;
    int axis_at[PH_MAX_RANK];
    int64_t y[PH_MAX_RANK], in[2][PH_MAX_RANK];
    const ph_cpu_value *out = &plan->values[node->out];
    w.rank = ph_cpu_memory_order(plan, out, w.dim, axis_at);
    ph_cpu_strides(plan, out, y);
    for (int k = 0; k < 2; k++)
        ph_cpu_strides(plan, &plan->values[node->in[k]], in[k]);
    for (int i = 0; i < w.rank; i++) {
        w.y[i] = y[axis_at[i]];
        for (int k = 0; k < 2; k++) {
            const ph_shape *shape = &plan->net->tensors[node->op->in[k]].shape;
            const int axis = axis_at[i] - (w.rank - shape->rank);
            w.in[k][i] = axis < 0 || shape->dim[axis] == 1 ? 0 : in[k][axis];
        }
    }
    return w;
}

static bool joins(const walk *w, int i, int64_t length)
{
    return w->y[i - 1] == w->y[i] * length && w->in[0][i - 1] == w->in[0][i] * length &&
           w->in[1][i - 1] == w->in[1][i] * length;
}

static void append(walk *w, const walk *from, int i)
{
    const int at = w->rank++;
    w->dim[at] = from->dim[i];
    w->y[at] = from->y[i];
    w->in[0][at] = from->in[0][i];
    w->in[1][at] = from->in[1][i];
}

/* Merges neighbouring axes that all three walk through as one, so that inner loops are long. Never empty afterwards. */
static walk merged(const walk *w)
{
    walk m = {.rank = 0};
    for (int i = 0; i < w->rank; i++) {
        if (w->dim[i] == 1)
            continue;
        append(&m, w, i);
        const int last = m.rank - 1;
        if (last == 0 || !joins(&m, last, m.dim[last]))
            continue;
        m.dim[last - 1] *= m.dim[last];
        m.y[last - 1] = m.y[last];
        m.in[0][last - 1] = m.in[0][last];
        m.in[1][last - 1] = m.in[1][last];
        m.rank--;
    }
    if (!m.rank) {
        m.rank = 1;
        m.dim[0] = 1;
        m.y[0] = m.in[0][0] = m.in[1][0] = 0;
    }
    return m;
}

typedef struct place {
    int64_t y, in[2];
} place;

/* Adds to `p` where index `i` of the first `rank` axes is. */
static place placed(const walk *w, int rank, int64_t i, place p)
{
    for (int axis = rank - 1; axis >= 0; axis--) {
        const int64_t digit = i % w->dim[axis];
        i /= w->dim[axis];
        p.y += digit * w->y[axis];
        p.in[0] += digit * w->in[0][axis];
        p.in[1] += digit * w->in[1][axis];
    }
    return p;
}

static int64_t product_of(const walk *w, int rank)
{
    int64_t count = 1;
    for (int i = 0; i < rank; i++)
        count *= w->dim[i];
    return count;
}

/* ---- Forward ----------------------------------------------------------------------------------------------------- */

#define LINE(expression)                                                                                               \
    for (int64_t i = 0; i < length; i++)                                                                               \
    y[i * ys] = (expression)

static void forward_line(ph_binary_kind kind, const float *a, const float *b, float *y, int64_t as, int64_t bs,
                         int64_t ys, int64_t length)
{
    switch (kind) {
    case PH_BINARY_ADD:
        LINE(ph_binary_value(PH_BINARY_ADD, a[i * as], b[i * bs]));
        break;
    case PH_BINARY_SUB:
        LINE(ph_binary_value(PH_BINARY_SUB, a[i * as], b[i * bs]));
        break;
    case PH_BINARY_MUL:
        LINE(ph_binary_value(PH_BINARY_MUL, a[i * as], b[i * bs]));
        break;
    case PH_BINARY_DIV:
        LINE(ph_binary_value(PH_BINARY_DIV, a[i * as], b[i * bs]));
        break;
    }
}

static void forward_lines(const void *args, int part, int64_t begin, int64_t end)
{
    (void)part;
    const binary_args *g = args;
    const walk *w = &g->kept;
    const int last = w->rank - 1;
    const int64_t as = w->in[0][last], bs = w->in[1][last], ys = w->y[last], length = w->dim[last];
    for (int64_t i = begin; i < end; i++) {
        const place p = placed(w, last, i, (place){0});
        const float *a = g->a + p.in[0], *b = g->b + p.in[1];
        float *y = g->to + p.y;
        if (as == 1 && bs == 1 && ys == 1)
            forward_line(g->kind, a, b, y, 1, 1, 1, length);
        else
            forward_line(g->kind, a, b, y, as, bs, ys, length);
    }
}

static ph_status binary_forward(const ph_cpu_call *call, ph_error *err)
{
    (void)err;
    const walk w = make_walk(call->plan, call->node);
    const binary_args args = {.kind = call->node->op->p.binary,
                              .a = ph_cpu_read(call, ph_cpu_in(call, 0)),
                              .b = ph_cpu_read(call, ph_cpu_in(call, 1)),
                              .to = ph_cpu_write(call, ph_cpu_out(call)),
                              .kept = merged(&w)};
    const int last = args.kept.rank - 1;
    int64_t lines = product_of(&args.kept, last), length = args.kept.dim[last];
    binary_args split = args;
    /* One long line: cut it so that every thread gets some. */
    enum { CUT = 4096 };
    if (lines == 1 && length % CUT == 0 && length > CUT) {
        split.kept.rank = 2;
        split.kept.dim[0] = length / CUT;
        split.kept.dim[1] = CUT;
        for (int k = 0; k < 2; k++) {
            split.kept.in[k][1] = args.kept.in[k][0];
            split.kept.in[k][0] = args.kept.in[k][0] * CUT;
        }
        split.kept.y[1] = args.kept.y[0];
        split.kept.y[0] = args.kept.y[0] * CUT;
        lines = length / CUT;
        length = CUT;
    }
    ph_cpu_parallel(forward_lines, &split, lines, length);
    return PH_OK;
}

/* ---- Backward ---------------------------------------------------------------------------------------------------- */

enum { BLOCK = 64 };

/* What each output element gives to the gradient of operand `of`, added to sum[j] for `count` neighbours. */
static void backward_line(const binary_args *g, place p, int64_t count, double sum[BLOCK])
{
    const int last = g->kept.rank - 1;
    const int64_t as = g->kept.in[0][last], bs = g->kept.in[1][last], ys = g->kept.y[last];
    const float *a = g->a + p.in[0], *b = g->b + p.in[1], *dy = g->dy + p.y;
    const bool second = g->of == 1, operands = g->kind == PH_BINARY_MUL || g->kind == PH_BINARY_DIV;
    for (int64_t j = 0; j < count; j++) {
        const float left = operands && second ? a[j * as] : 0.0f, right = operands ? b[j * bs] : 0.0f;
        sum[j] += (double)ph_binary_gradient(g->kind, second, dy[j * ys], left, right);
    }
}

static void backward_blocks(const void *args, int part, int64_t begin, int64_t end)
{
    (void)part;
    const binary_args *g = args;
    const walk *w = &g->kept;
    const int last = w->rank - 1;
    const int64_t blocks = (w->dim[last] + BLOCK - 1) / BLOCK, terms = product_of(&g->reduced, g->reduced.rank);
    for (int64_t item = begin; item < end; item++) {
        const int64_t first = item % blocks * BLOCK;
        const int64_t count = w->dim[last] - first < BLOCK ? w->dim[last] - first : BLOCK;
        place p = placed(w, last, item / blocks, (place){0});
        p.y += first * w->y[last];
        p.in[0] += first * w->in[0][last];
        p.in[1] += first * w->in[1][last];
        double sum[BLOCK] = {0};
        for (int64_t t = 0; t < terms; t++)
            backward_line(g, placed(&g->reduced, g->reduced.rank, t, p), count, sum);
        float *to = g->to + p.in[g->of];
        const int64_t step = w->in[g->of][last];
        for (int64_t j = 0; j < count; j++)
            to[j * step] = g->add ? to[j * step] + (float)sum[j] : (float)sum[j];
    }
}

static ph_status binary_plan(ph_cpu_plan *plan, ph_cpu_node *node, ph_error *err)
{
    (void)err;
    ph_cpu_value *a = &plan->values[node->in[0]], *b = &plan->values[node->in[1]];
    const ph_binary_kind kind = node->op->p.binary;
    if (!node->backward || kind == PH_BINARY_ADD || kind == PH_BINARY_SUB)
        return PH_OK;
    b->keep |= a->gradient || kind == PH_BINARY_DIV;
    a->keep |= b->gradient;
    return PH_OK;
}

/* A sum hands its gradient on as it is, in the same memory or as a copy. */
static bool passes_through(const ph_cpu_call *call, int k)
{
    const ph_cpu_value *in = ph_cpu_in(call, k), *out = ph_cpu_out(call);
    if (!ph_cpu_is_sum(call->plan, call->node, k))
        return false;
    if (in->gradient_root != out->gradient_root)
        ph_cpu_copy(ph_cpu_gradient(call, out), ph_cpu_gradient(call, in), in->count, call->node->add[k]);
    return true;
}

static ph_status binary_backward(const ph_cpu_call *call, ph_error *err)
{
    (void)err;
    const walk all = make_walk(call->plan, call->node);
    for (int k = 0; k < 2; k++) {
        if (!ph_cpu_in(call, k)->gradient || passes_through(call, k))
            continue;
        binary_args args = {.kind = call->node->op->p.binary,
                            .a = ph_cpu_read(call, ph_cpu_in(call, 0)),
                            .b = ph_cpu_read(call, ph_cpu_in(call, 1)),
                            .dy = ph_cpu_gradient(call, ph_cpu_out(call)),
                            .to = ph_cpu_gradient(call, ph_cpu_in(call, k)),
                            .of = k,
                            .add = call->node->add[k]};
        walk kept = {.rank = 0}, reduced = {.rank = 0};
        for (int i = 0; i < all.rank; i++)
            append(all.in[k][i] ? &kept : &reduced, &all, i);
        args.kept = merged(&kept);
        args.reduced = merged(&reduced);
        const int last = args.kept.rank - 1;
        const int64_t blocks = (args.kept.dim[last] + BLOCK - 1) / BLOCK;
        ph_cpu_parallel(backward_blocks, &args, product_of(&args.kept, last) * blocks,
                        BLOCK * product_of(&args.reduced, args.reduced.rank));
    }
    return PH_OK;
}

const ph_cpu_kernel ph_cpu_binary = {binary_plan, NULL, binary_forward, binary_backward, NULL};
