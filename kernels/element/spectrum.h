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

/* spectrum_vjp, count = planes x bins: the adjoint of spectrum followed by the unnormalized c2r, given r2c of the
 * picture planes' gradient: d = weight[column] x scale[bin] x r2c, weight 1 in column 0 and (even width) width/2, else 2. */
typedef struct ph_spectrum_vjp_args {
    const float *transformed; /* [planes, bins, 2] = r2c(gradient) */
    const float *scale;
    float *gradient;          /* [planes, bins, 2] of the coefficients */
    int64_t bins;
    int width, columns;       /* columns = width/2+1 */
} ph_spectrum_vjp_args;

#endif
