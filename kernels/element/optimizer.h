/* Ascent on the parameters: gradients here are of the objective, and are added. */
#ifndef PH_ELEMENT_OPTIMIZER_H
#define PH_ELEMENT_OPTIMIZER_H

#include "kernels/element/ph_fn.h"
#include "kernels/element/ph_math.h"
#include "kernels/element/schedule.h"

/* square_sums, count = pictures x chunks: sums[b, j] = sum of (x - center)^2 over chunk j of picture b, chunks being
 * PH_CHUNK consecutive values (the last one shorter), in double, in interleaved partial sums. norm, count = pictures:
 * norms[b] = sqrt(bias + sum_j sums[b, j]). A fixed tree: any number of threads gives the same bits. */
enum { PH_CHUNK = 1024 };

typedef struct ph_square_sums_args {
    const float *values; /* [pictures, length] */
    double *sums;        /* [pictures, chunks] */
    int64_t length, chunks;
    float center;
} ph_square_sums_args;

PH_FN void ph_square_sums_at(int64_t i, ph_square_sums_args a)
{
    const int64_t picture = ph_quotient(i, a.chunks);
    const int64_t begin = (i - picture * a.chunks) * PH_CHUNK;
    const float *x = a.values + picture * a.length + begin;
    const int count = (int)(a.length - begin < PH_CHUNK ? a.length - begin : PH_CHUNK);
    const double center = (double)a.center;
    double sum[PH_PARTIAL] = {0};
    int k = 0;
    for (; k + PH_PARTIAL <= count; k += PH_PARTIAL) {
        PH_SIMD
        for (int l = 0; l < PH_PARTIAL; l++)
            sum[l] += ((double)x[k + l] - center) * ((double)x[k + l] - center);
    }
    for (int l = 0; k + l < count; l++)
        sum[l] += ((double)x[k + l] - center) * ((double)x[k + l] - center);
    a.sums[i] = ph_partial_sum(sum);
}

typedef struct ph_norm_args {
    const double *sums;
    float *norms; /* [pictures] */
    int64_t chunks;
    float bias;
} ph_norm_args;

PH_FN void ph_norm_at(int64_t i, ph_norm_args a)
{
    double sum = (double)a.bias;
    for (int64_t j = 0; j < a.chunks; j++)
        sum += a.sums[i * a.chunks + j];
    a.norms[i] = (float)sqrt(sum);
}

/* adam_complex, count = planes x bins: Kingma & Ba 2014 with bias correction, on complex coefficients.
 *   m = b1 m + (1-b1) g;  v = b2 v + (1-b2) g^2;  c += filter lr (m/correct1) / (sqrt(v/correct2) + epsilon)
 * shared 1: one v per coefficient, of the mean of re^2 and im^2 (v has planes x bins entries); 0: one each (twice
 * that). filter = 1/(1 + (f/cutoff)^4) with f = frequency[bin] in cycles/pixel; 1 when state->cutoff is 0. The step is
 * filtered and not the gradient, since Adam divides a filter of the gradient out again. */
typedef struct ph_adam_complex_args {
    const ph_step_state *state;
    float *coefficients; /* [planes, bins, 2] */
    const float *gradient;
    float *m, *v;
    const float *frequency; /* [bins] */
    int64_t bins;
    float beta1, beta2, epsilon;
    int shared;
} ph_adam_complex_args;

/* A step's constants: rate = lr / correct1, root = 1 / sqrt(correct2) taken out of the square root. */
typedef struct ph_adam_step {
    float rate, root, beta1, beta2, epsilon;
} ph_adam_step;

PH_FN ph_adam_step ph_adam_step_of(const ph_step_state *state, float beta1, float beta2, float epsilon)
{
    ph_adam_step s;
    s.rate = state->lr / state->correct1;
    s.root = 1.0f / sqrtf(state->correct2);
    s.beta1 = beta1;
    s.beta2 = beta2;
    s.epsilon = epsilon;
    return s;
}

/* What m is multiplied with, for the second moment v. */
PH_FN float ph_adam_rate(float v, ph_adam_step s)
{
    return s.rate / (sqrtf(v) * s.root + s.epsilon);
}

PH_FN int64_t ph_adam_complex_row(ph_adam_complex_args a)
{
    return a.bins;
}

PH_FN float ph_adam_filter(float frequency, float inverse_cutoff)
{
    const float ratio = frequency * inverse_cutoff;
    return 1.0f / (1.0f + (ratio * ratio) * (ratio * ratio));
}

PH_FN void ph_adam_complex_span(int64_t row, int64_t first, int64_t count, ph_adam_complex_args a)
{
    const ph_adam_step s = ph_adam_step_of(a.state, a.beta1, a.beta2, a.epsilon);
    const float inverse = a.state->cutoff > 0.0f ? 1.0f / a.state->cutoff : 0.0f;
    const int64_t at = row * a.bins + first;
    float *c = a.coefficients + 2 * at, *m = a.m + 2 * at, *v = a.v + (a.shared ? at : 2 * at);
    const float *g = a.gradient + 2 * at, *frequency = a.frequency + first;
    if (a.shared) {
        PH_SIMD
        for (int64_t k = 0; k < count; k++) {
            const float re = g[2 * k], im = g[2 * k + 1];
            const float m_re = s.beta1 * m[2 * k] + (1.0f - s.beta1) * re;
            const float m_im = s.beta1 * m[2 * k + 1] + (1.0f - s.beta1) * im;
            const float square = s.beta2 * v[k] + (1.0f - s.beta2) * (0.5f * (re * re + im * im));
            const float rate = ph_adam_filter(frequency[k], inverse) * ph_adam_rate(square, s);
            m[2 * k] = m_re;
            m[2 * k + 1] = m_im;
            v[k] = square;
            c[2 * k] += rate * m_re;
            c[2 * k + 1] += rate * m_im;
        }
        return;
    }
    PH_SIMD
    for (int64_t k = 0; k < count; k++) {
        const float filter = ph_adam_filter(frequency[k], inverse);
        const float re = g[2 * k], im = g[2 * k + 1];
        const float m_re = s.beta1 * m[2 * k] + (1.0f - s.beta1) * re;
        const float m_im = s.beta1 * m[2 * k + 1] + (1.0f - s.beta1) * im;
        const float v_re = s.beta2 * v[2 * k] + (1.0f - s.beta2) * (re * re);
        const float v_im = s.beta2 * v[2 * k + 1] + (1.0f - s.beta2) * (im * im);
        m[2 * k] = m_re;
        m[2 * k + 1] = m_im;
        v[2 * k] = v_re;
        v[2 * k + 1] = v_im;
        c[2 * k] += filter * ph_adam_rate(v_re, s) * m_re;
        c[2 * k + 1] += filter * ph_adam_rate(v_im, s) * m_im;
    }
}

PH_SPAN_AT(adam_complex)

/* adam, count = values: the same for real parameters, without filter. */
typedef struct ph_adam_args {
    const ph_step_state *state;
    float *values;
    const float *gradient;
    float *m, *v;
    float beta1, beta2, epsilon;
} ph_adam_args;

PH_FN int64_t ph_adam_row(ph_adam_args a)
{
    (void)a;
    return INT64_MAX;
}

PH_FN void ph_adam_span(int64_t row, int64_t first, int64_t count, ph_adam_args a)
{
    (void)row;
    const ph_adam_step s = ph_adam_step_of(a.state, a.beta1, a.beta2, a.epsilon);
    float *x = a.values + first, *m = a.m + first, *v = a.v + first;
    const float *g = a.gradient + first;
    PH_SIMD
    for (int64_t k = 0; k < count; k++) {
        const float first_moment = s.beta1 * m[k] + (1.0f - s.beta1) * g[k];
        const float second_moment = s.beta2 * v[k] + (1.0f - s.beta2) * (g[k] * g[k]);
        m[k] = first_moment;
        v[k] = second_moment;
        x[k] += ph_adam_rate(second_moment, s) * first_moment;
    }
}

PH_SPAN_AT(adam)

/* ascent, count = pictures x length: x += lr g / norms[b]; nothing when the norm is 0. */
typedef struct ph_ascent_args {
    const ph_step_state *state;
    float *values;
    const float *gradient;
    const float *norms;
    int64_t length;
} ph_ascent_args;

PH_FN int64_t ph_ascent_row(ph_ascent_args a)
{
    return a.length;
}

PH_FN void ph_ascent_span(int64_t row, int64_t first, int64_t count, ph_ascent_args a)
{
    const float norm = a.norms[row];
    const float rate = norm > 0.0f ? a.state->lr / norm : 0.0f;
    float *x = a.values + row * a.length + first;
    const float *g = a.gradient + row * a.length + first;
    PH_SIMD
    for (int64_t k = 0; k < count; k++)
        x[k] += rate * g[k];
}

PH_SPAN_AT(ascent)

#endif
