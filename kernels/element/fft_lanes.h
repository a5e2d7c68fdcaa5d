/* A planned transform and the arithmetic on it that exists once per instruction set. Private to fft_cpu.c and
 * fft_lanes.c. */
#ifndef PH_FFT_LANES_H
#define PH_FFT_LANES_H

#include "kernels/element/element_tables.h"

/* So many one-dimensional transforms run side by side, one per vector lane: buffers are [n, PH_FFT_LANES], real parts
 * and imaginary parts apart. */
enum { PH_FFT_LANES = 16, PH_FFT_MOST_PASSES = 32 };

/* Stockham's self-sorting form: a pass of radix p takes transforms of length p x rest apart into p of length rest. */
typedef struct ph_fft_pass {
    int radix, rest;
    float *twiddles; /* [rest, radix-1, 2]: e^(-2 pi i q k / (radix rest)), k from 1 */
    float *roots;    /* [radix, 2]: e^(-2 pi i j / radix) */
} ph_fft_pass;

typedef struct ph_fft_axis {
    int n, pass_count;
    ph_fft_pass passes[PH_FFT_MOST_PASSES];
} ph_fft_axis;

typedef struct ph_fft_kernels {
    /* `count` <= PH_FFT_LANES neighbouring columns of one spectrum, in place; `first` points at row 0. */
    void (*columns)(const ph_fft *fft, float *first, int count, bool inverse, float *scratch);
    /* Pairs group x PH_FFT_LANES and following: two rows of a plane become one complex transform. */
    void (*rows_forward)(const ph_fft *fft, int64_t group, const float *planes, float *spectrum, float *scratch);
    void (*rows_inverse)(const ph_fft *fft, int64_t group, const float *spectrum, float *planes, float *scratch);
} ph_fft_kernels;

struct ph_fft {
    const ph_fft_kernels *kernels;
    ph_fft_axis across, down; /* along rows, along columns */
    int width, height, columns, planes, threads;
    int64_t pairs;       /* of rows, in all planes; an odd last row is paired with zeros, never with another plane */
    int64_t scratch_one; /* floats of scratch per thread: two complex buffers */
    float *scratch;
};

#define PH_FFT_TABLE_NAME(variant) ph_fft_kernels_##variant
#define PH_FFT_TABLE(variant) PH_FFT_TABLE_NAME(variant)

extern const ph_fft_kernels ph_fft_kernels_base;
extern const ph_fft_kernels ph_fft_kernels_v3;
extern const ph_fft_kernels ph_fft_kernels_v4;

/* As ph_fft_cpu_new, for instruction-set variant `level` (see ph_element_cpu_variant), which must exist here. */
ph_status ph_fft_cpu_new_variant(int level, int threads, int width, int height, int planes, ph_fft **out,
                                 ph_error *err);

#endif
