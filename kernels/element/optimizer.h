/* Ascent on the parameters: gradients here are of the objective, and are added. */
#ifndef PH_ELEMENT_OPTIMIZER_H
#define PH_ELEMENT_OPTIMIZER_H

#include "kernels/element/ph_fn.h"
#include "kernels/element/schedule.h"

/* square_sums, count = pictures x chunks: sums[b, j] = sum of (x - center)^2 over chunk j of picture b, chunks being
 * PH_CHUNK consecutive values (the last one shorter), in double, in order. norm, count = pictures:
 * norms[b] = sqrt(bias + sum_j sums[b, j]). A fixed tree: any number of threads gives the same bits. */
enum { PH_CHUNK = 1024 };

typedef struct ph_square_sums_args {
    const float *values; /* [pictures, length] */
    double *sums;        /* [pictures, chunks] */
    int64_t length, chunks;
    float center;
} ph_square_sums_args;

typedef struct ph_norm_args {
    const double *sums;
    float *norms; /* [pictures] */
    int64_t chunks;
    float bias;
} ph_norm_args;

/* adam_complex, count = planes x bins: Kingma & Ba 2014 with bias correction, on complex coefficients.
 *   m = b1 m + (1-b1) g;  v = b2 v + (1-b2) g^2;  c += filter lr (m/correct1) / (sqrt(v/correct2) + epsilon)
 * shared 1: one v per coefficient, of the mean of re^2 and im^2 (v has planes x bins entries); 0: one each (twice that).
 * filter = 1/(1 + (f/cutoff)^4) with f = frequency[bin] in cycles/pixel; 1 when state->cutoff is 0. The step is filtered
 * and not the gradient, since Adam divides a filter of the gradient out again. */
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

/* adam, count = values: the same for real parameters, without filter. */
typedef struct ph_adam_args {
    const ph_step_state *state;
    float *values;
    const float *gradient;
    float *m, *v;
    float beta1, beta2, epsilon;
} ph_adam_args;

/* ascent, count = pictures x length: x += lr g / norms[b]; nothing when the norm is 0. */
typedef struct ph_ascent_args {
    const ph_step_state *state;
    float *values;
    const float *gradient;
    const float *norms;
    int64_t length;
} ph_ascent_args;

#endif
