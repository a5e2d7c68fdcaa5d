/* Fourier parameters to the spectrum of the picture and back. */
#ifndef PH_ELEMENT_SPECTRUM_H
#define PH_ELEMENT_SPECTRUM_H

#include "kernels/element/ph_fn.h"

/* spectrum, count = planes x bins: z = coefficient x scale[bin], complex (re, im interleaved).
 * Lucid spatial.py: scale = max(f, 1/max(w,h))^-decay sqrt(w h), then /4, and the 1/(w h) of the inverse transform; all
 * in one table. */
typedef struct ph_spectrum_args {
    const float *coefficients; /* [planes, bins, 2] */
    const float *scale;        /* [bins] */
    float *spectrum;           /* [planes, bins, 2] */
    int64_t bins;              /* height x (width/2+1) */
} ph_spectrum_args;

PH_FN int64_t ph_spectrum_row(ph_spectrum_args a)
{
    return a.bins;
}

PH_FN void ph_spectrum_span(int64_t row, int64_t first, int64_t count, ph_spectrum_args a)
{
    const float *from = a.coefficients + 2 * (row * a.bins + first);
    const float *scale = a.scale + first;
    float *to = a.spectrum + 2 * (row * a.bins + first);
    PH_SIMD
    for (int64_t k = 0; k < count; k++) {
        to[2 * k] = from[2 * k] * scale[k];
        to[2 * k + 1] = from[2 * k + 1] * scale[k];
    }
}

PH_SPAN_AT(spectrum)

/* spectrum_vjp, count = planes x bins: the adjoint of spectrum followed by the unnormalized c2r, given r2c of the
 * picture planes' gradient: d = weight[column] x scale[bin] x r2c, weight 1 in column 0 and (even width) width/2,
 * else 2. (Every bin of the other columns also stands for its conjugate.) */
typedef struct ph_spectrum_vjp_args {
    const float *transformed; /* [planes, bins, 2] = r2c(gradient) */
    const float *scale;
    float *gradient; /* [planes, bins, 2] of the coefficients; may be `transformed` */
    int64_t bins;
    int width, columns; /* columns = width/2+1 */
} ph_spectrum_vjp_args;

PH_FN int64_t ph_spectrum_vjp_row(ph_spectrum_vjp_args a)
{
    return a.columns;
}

PH_FN void ph_spectrum_vjp_span(int64_t row, int64_t first, int64_t count, ph_spectrum_vjp_args a)
{
    const int64_t height = ph_quotient(a.bins, a.columns);
    const int64_t y = row - ph_quotient(row, height) * height;
    const float *from = a.transformed + 2 * (row * a.columns + first);
    const float *scale = a.scale + y * a.columns + first;
    float *to = a.gradient + 2 * (row * a.columns + first);
    const int begin = (int)first; /* columns fit an int */
    const int single = a.width % 2 == 0 ? a.width / 2 : 0;
    PH_SIMD
    for (int k = 0; k < (int)count; k++) {
        const int column = begin + k;
        const float weight = column == 0 || column == single ? 1.0f : 2.0f;
        to[2 * k] = from[2 * k] * scale[k] * weight;
        to[2 * k + 1] = from[2 * k + 1] * scale[k] * weight;
    }
}

PH_SPAN_AT(spectrum_vjp)

#endif
