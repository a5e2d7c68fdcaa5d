#include "kernels/cpu/transposed.h"
#include "host/base/alloc.h"
#include "host/base/status.h"
#include "kernels/cpu/loops.h"

#include <string.h>

typedef enum way { FLIPPED, PHASES, BACKWARD } way;

struct ph_transposed {
    way way;
    bool add;
    ph_edge_spec plain; /* the convolution that this is the transpose of */
    ph_edge_spec used;  /* what oneDNN is asked for */
    int64_t taps[2];    /* PHASES: kernel elements of one phase, along each axis */
    int64_t first[2];   /* PHASES: (begin padding) / stride, the first output position of the phases */
    ph_edge_conv *conv;
};

static int64_t ceil_div(int64_t a, int64_t b)
{
    return (a + b - 1) / b;
}

static int64_t whole_vectors(int64_t channels)
{
    return ceil_div(channels, 16) * 16;
}

/* ---- Which way --------------------------------------------------------------------------------------------------- */

static bool plan_flipped(const ph_edge_spec *plain, ph_edge_spec *used)
{
    *used = *plain;
    used->in_channels = plain->out_channels;
    used->out_channels = plain->in_channels;
    for (int i = 0; i < 2; i++) {
        const int64_t reach = plain->dilation[i] * (plain->kernel[i] - 1);
        const int64_t pad_end = plain->out_size[i] - 1 + reach + 1 - plain->in_size[i] - plain->pad_begin[i];
        if (plain->stride[i] != 1 || plain->pad_begin[i] > reach || pad_end > reach)
            return false;
        used->in_size[i] = plain->out_size[i];
        used->out_size[i] = plain->in_size[i];
        used->pad_begin[i] = reach - plain->pad_begin[i];
    }
    return true;
}

/* With q = (i + pad) / stride and phase p = (i + pad) mod stride, kernel element r = p + stride j of output o reaches
 * input i = o stride + r - pad exactly when o = q - j. */
static bool plan_phases(const ph_edge_spec *plain, ph_transposed *t)
{
    ph_edge_spec *used = &t->used;
    *used = *plain;
    used->in_channels = plain->out_channels;
    used->out_channels = plain->in_channels * plain->stride[0] * plain->stride[1];
    int64_t before = whole_vectors(plain->in_channels), after = whole_vectors(used->out_channels);
    for (int i = 0; i < 2; i++) {
        t->taps[i] = ceil_div(plain->kernel[i], plain->stride[i]);
        t->first[i] = plain->pad_begin[i] / plain->stride[i];
        const int64_t last = (plain->in_size[i] - 1 + plain->pad_begin[i]) / plain->stride[i];
        used->in_size[i] = plain->out_size[i];
        used->out_size[i] = last - t->first[i] + 1;
        used->kernel[i] = t->taps[i];
        used->stride[i] = 1;
        used->pad_begin[i] = t->taps[i] - 1 - t->first[i];
        const int64_t pad_end = used->out_size[i] - 1 + t->taps[i] - used->in_size[i] - used->pad_begin[i];
        if (plain->dilation[i] != 1 || used->pad_begin[i] < 0 || pad_end < 0)
            return false;
        before *= plain->kernel[i];
        after *= t->taps[i];
    }
    return plain->groups == 1 && plain->stride[0] * plain->stride[1] > 1 && after < before;
}

ph_status ph_transposed_plan(ph_edge *edge, const ph_edge_spec *spec, bool add, int lanes, const char *node,
                             ph_transposed **out, ph_error *err)
{
    *out = NULL;
    ph_transposed *t = ph_alloc(1, sizeof *t);
    if (!t)
        return ph_fail_memory(err, sizeof *t, "the plan of a convolution");
    t->plain = *spec;
    t->plain.bias = t->plain.relu = t->plain.add = t->plain.transposed = false;
    t->add = add;
    if (plan_flipped(&t->plain, &t->used)) {
        t->way = FLIPPED;
        t->used.add = add;
    } else if (plan_phases(&t->plain, t)) {
        t->way = PHASES;
    } else {
        t->way = BACKWARD;
        t->used = t->plain;
        t->used.transposed = true;
    }
    const ph_status status = ph_edge_conv_plan(edge, &t->used, lanes, node, &t->conv, err);
    if (status != PH_OK) {
        ph_transposed_free(t);
        return status;
    }
    *out = t;
    return PH_OK;
}

/* ---- Memory ------------------------------------------------------------------------------------------------------ */

static int64_t used_weights(const ph_transposed *t)
{
    const ph_edge_spec *u = &t->used;
    return u->out_channels * (u->in_channels / u->groups) * u->kernel[0] * u->kernel[1];
}

/* Floats that stand between oneDNN's result and the destination. */
static int64_t result_floats(const ph_transposed *t)
{
    if (t->way == PHASES)
        return t->used.n * t->used.out_size[0] * t->used.out_size[1] * t->used.out_channels;
    if (t->way == BACKWARD && t->add)
        return t->plain.n * t->plain.in_size[0] * t->plain.in_size[1] * t->plain.in_channels;
    return 0;
}

static int64_t conv_scratch(const ph_transposed *t)
{
    return (ph_edge_conv_scratch_bytes(t->conv) + 63) / 64 * 64;
}

int64_t ph_transposed_weight_bytes(const ph_transposed *t)
{
    return ph_edge_conv_weight_bytes(t->conv);
}

int64_t ph_transposed_packing_bytes(const ph_transposed *t)
{
    return t->way == BACKWARD ? 0 : used_weights(t) * (int64_t)sizeof(float);
}

int64_t ph_transposed_scratch_bytes(const ph_transposed *t)
{
    return conv_scratch(t) + result_floats(t) * (int64_t)sizeof(float);
}

/* ---- Weights ----------------------------------------------------------------------------------------------------- */

/* used[g][c][k][y][x] = plain[g][k][c][last - y][last - x], c and k channels within the group. */
static void flip(const ph_transposed *t, const float *plain, float *used)
{
    const ph_edge_spec *p = &t->plain;
    const int64_t outs = p->out_channels / p->groups, ins = p->in_channels / p->groups;
    const int64_t taps = p->kernel[0] * p->kernel[1];
    for (int64_t g = 0; g < p->groups; g++)
        for (int64_t c = 0; c < ins; c++)
            for (int64_t k = 0; k < outs; k++) {
                const float *from = plain + ((g * outs + k) * ins + c) * taps;
                float *to = used + ((g * ins + c) * outs + k) * taps;
                for (int64_t i = 0; i < taps; i++)
                    to[i] = from[taps - 1 - i];
            }
}

/* Output channel (py, px, c), element (y, x) holds plain element (py + stride (taps-1-y), …), zero beyond the kernel.
 */
static void split_phases(const ph_transposed *t, const float *plain, float *used)
{
    const ph_edge_spec *p = &t->plain;
    const int64_t taps = t->taps[0] * t->taps[1], phases = p->stride[0] * p->stride[1];
    for (int64_t o = 0; o < phases * p->in_channels; o++) {
        const int64_t phase = o / p->in_channels, c = o % p->in_channels;
        for (int64_t k = 0; k < p->out_channels; k++)
            for (int64_t i = 0; i < taps; i++) {
                const int64_t y = phase / p->stride[1] + p->stride[0] * (t->taps[0] - 1 - i / t->taps[1]);
                const int64_t x = phase % p->stride[1] + p->stride[1] * (t->taps[1] - 1 - i % t->taps[1]);
                const bool inside = y < p->kernel[0] && x < p->kernel[1];
                used[(o * p->out_channels + k) * taps + i] =
                    inside ? plain[((k * p->in_channels + c) * p->kernel[0] + y) * p->kernel[1] + x] : 0.0f;
            }
    }
}

ph_status ph_transposed_make(ph_transposed *t, const float *weight, ph_error *err)
{
    if (t->way == BACKWARD)
        return ph_edge_conv_make(t->conv, weight, NULL, err);
    float *used = ph_alloc((size_t)used_weights(t), sizeof *used);
    if (!used)
        return ph_fail_memory(err, (size_t)used_weights(t) * sizeof *used, "the weights of a convolution");
    if (t->way == FLIPPED)
        flip(t, weight, used);
    else
        split_phases(t, weight, used);
    const ph_status status = ph_edge_conv_make(t->conv, used, NULL, err);
    ph_free(used);
    return status;
}

/* ---- Running ----------------------------------------------------------------------------------------------------- */

typedef struct interleave_args {
    const ph_transposed *t;
    const float *phases;
    float *to;
} interleave_args;

/* One row of the destination. For a row of phase py, the phases px of one position are neighbours in both images. */
static void interleave_row(const ph_transposed *t, const float *phases, float *to, int64_t row)
{
    const ph_edge_spec *p = &t->plain;
    const int64_t n = row / p->in_size[0], channels = p->in_channels, run = p->stride[1] * channels;
    const int64_t y = row % p->in_size[0] + p->pad_begin[0];
    const int64_t q = y / p->stride[0] - t->first[0], py = y % p->stride[0];
    const float *from = phases + ((n * t->used.out_size[0] + q) * t->used.out_size[1] * p->stride[0] + py) * run;
    float *line = to + row * p->in_size[1] * channels;
    const int64_t end = p->in_size[1] * channels;
    /* Before column 0 there may be pixels that only the padding sees. */
    int64_t at = (t->first[1] * p->stride[1] - p->pad_begin[1]) * channels;
    for (int64_t u = 0; u < t->used.out_size[1]; u++, at += run) {
        const float *source = from + u * p->stride[0] * run;
        for (int64_t i = at < 0 ? -at : 0; i < run && at + i < end; i++)
            line[at + i] = t->add ? line[at + i] + source[i] : source[i];
    }
}

static void interleave(const void *args, int part, int64_t begin, int64_t end)
{
    (void)part;
    const interleave_args *a = args;
    for (int64_t row = begin; row < end; row++)
        interleave_row(a->t, a->phases, a->to, row);
}

bool ph_transposed_takes_gate(const ph_transposed *t)
{
    return ph_edge_conv_takes_gate(t->conv);
}

ph_status ph_transposed_run(const ph_transposed *t, int lane, const float *from, const float *gate, float *to,
                            void *scratch, ph_error *err)
{
    const ph_edge_spec *p = &t->plain;
    float *result = result_floats(t) ? (float *)(void *)((char *)scratch + conv_scratch(t)) : to;
    PH_TRY(ph_edge_conv_run(t->conv, lane, from, gate, result, scratch, err));
    const int64_t rows = p->n * p->in_size[0], width = p->in_size[1] * p->in_channels;
    if (t->way == PHASES) {
        ph_cpu_parallel(interleave, &(interleave_args){t, result, to}, rows, width);
    } else if (result != to) {
        const ph_rows_loop add = {result, to, width, width, width, true};
        ph_cpu_parallel(ph_cpu_best_loops()->rows, &add, rows, width);
    }
    return PH_OK;
}

void ph_transposed_free(ph_transposed *t)
{
    if (!t)
        return;
    ph_edge_conv_free(t->conv);
    ph_free(t);
}
