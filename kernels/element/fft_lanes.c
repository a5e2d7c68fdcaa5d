/* The arithmetic of the transform, compiled once per instruction set (PH_VARIANT). Every lane does the same operations
 * in the same order whatever stands in its neighbours: a transform does not depend on how transforms are grouped. */
#include "kernels/element/fft_lanes.h"
#include "kernels/element/ph_fn.h"

enum { L = PH_FFT_LANES };

typedef struct buffer {
    float *re, *im; /* [n, L] */
} buffer;

/* out[k] = (re + i im) twiddle */
static inline void store_turned(buffer to, int64_t at, float re, float im, float c, float s)
{
    to.re[at] = re * c - im * s;
    to.im[at] = re * s + im * c;
}

static void pass_2(const ph_fft_pass *pass, buffer x, buffer y, int64_t stride)
{
    for (int64_t q = 0; q < pass->rest; q++) {
        const float c = pass->twiddles[2 * q], s = pass->twiddles[2 * q + 1];
        const int64_t a = q * stride, b = (q + pass->rest) * stride, to = 2 * q * stride;
        PH_SIMD
        for (int64_t i = 0; i < stride; i++) {
            const float ar = x.re[a + i], ai = x.im[a + i], br = x.re[b + i], bi = x.im[b + i];
            y.re[to + i] = ar + br;
            y.im[to + i] = ai + bi;
            store_turned(y, to + stride + i, ar - br, ai - bi, c, s);
        }
    }
}

static void pass_4(const ph_fft_pass *pass, buffer x, buffer y, int64_t stride)
{
    const int64_t part = pass->rest * stride;
    for (int64_t q = 0; q < pass->rest; q++) {
        const float *w = pass->twiddles + 6 * q;
        const float c1 = w[0], s1 = w[1], c2 = w[2], s2 = w[3], c3 = w[4], s3 = w[5];
        const float *re = x.re + q * stride, *im = x.im + q * stride;
        const int64_t to = 4 * q * stride;
        PH_SIMD
        for (int64_t i = 0; i < stride; i++) {
            const float evr = re[i] + re[i + 2 * part], evi = im[i] + im[i + 2 * part];
            const float dvr = re[i] - re[i + 2 * part], dvi = im[i] - im[i + 2 * part];
            const float odr = re[i + part] + re[i + 3 * part], odi = im[i + part] + im[i + 3 * part];
            const float ddr = re[i + part] - re[i + 3 * part], ddi = im[i + part] - im[i + 3 * part];
            y.re[to + i] = evr + odr;
            y.im[to + i] = evi + odi;
            store_turned(y, to + stride + i, dvr + ddi, dvi - ddr, c1, s1);
            store_turned(y, to + 2 * stride + i, evr - odr, evi - odi, c2, s2);
            store_turned(y, to + 3 * stride + i, dvr - ddi, dvi + ddr, c3, s3);
        }
    }
}

/* In place: x[j] and x[p-j] become their sum and difference, for j = 1 … (p-1)/2; y[0] becomes the sum of all. */
static inline void fold(int p, buffer x, float *y0re, float *y0im, int64_t part, int64_t stride)
{
    PH_SIMD
    for (int64_t i = 0; i < stride; i++) {
        float re = x.re[i], im = x.im[i];
        for (int j = 1; j <= p / 2; j++) {
            const int64_t a = i + j * part, b = i + (p - j) * part;
            const float sum_re = x.re[a] + x.re[b], sum_im = x.im[a] + x.im[b];
            x.re[b] = x.re[a] - x.re[b];
            x.im[b] = x.im[a] - x.im[b];
            x.re[a] = sum_re;
            x.im[a] = sum_im;
            re += sum_re;
            im += sum_im;
        }
        y0re[i] = re;
        y0im[i] = im;
    }
}

/* Any odd radix p, as the matrix product that it is, folded by symmetry: with t, u the sums and differences of `fold`,
 *   y[k], y[p-k] = x[0] + sum_j t[j] cos(2 pi j k / p) -+ i sum_j u[j] sin(2 pi j k / p). */
static inline void pass_odd(int p, const ph_fft_pass *pass, buffer x, buffer y, int64_t stride)
{
    const int64_t part = pass->rest * stride;
    for (int64_t q = 0; q < pass->rest; q++) {
        const buffer from = {x.re + q * stride, x.im + q * stride};
        const buffer to = {y.re + p * q * stride, y.im + p * q * stride};
        const float *w = pass->twiddles + 2 * (p - 1) * q;
        fold(p, from, to.re, to.im, part, stride);
        for (int k = 1; k <= p / 2; k++) {
            const float ck = w[2 * k - 2], sk = w[2 * k - 1], cp = w[2 * (p - k) - 2], sp = w[2 * (p - k) - 1];
            for (int64_t i = 0; i < stride; i += L) {
                float even_re[L], even_im[L], odd_re[L] = {0}, odd_im[L] = {0};
                for (int l = 0; l < L; l++) {
                    even_re[l] = from.re[i + l];
                    even_im[l] = from.im[i + l];
                }
                for (int j = 1, turn = k; j <= p / 2; j++, turn = turn + k < p ? turn + k : turn + k - p) {
                    const float c = pass->roots[2 * turn], s = pass->roots[2 * turn + 1];
                    const int64_t a = i + j * part, b = i + (p - j) * part;
                    PH_SIMD
                    for (int l = 0; l < L; l++) {
                        even_re[l] += from.re[a + l] * c;
                        even_im[l] += from.im[a + l] * c;
                        odd_re[l] += from.re[b + l] * s;
                        odd_im[l] += from.im[b + l] * s;
                    }
                }
                PH_SIMD
                for (int l = 0; l < L; l++) {
                    store_turned(to, k * stride + i + l, even_re[l] - odd_im[l], even_im[l] + odd_re[l], ck, sk);
                    store_turned(to, (p - k) * stride + i + l, even_re[l] + odd_im[l], even_im[l] - odd_re[l], cp, sp);
                }
            }
        }
    }
}

/* L forward transforms of x, using y; returns the one of the two that holds the result. The inverse is the same with
 * real and imaginary parts exchanged on both sides. */
static buffer transform(const ph_fft_axis *axis, buffer x, buffer y)
{
    int64_t stride = L;
    for (int i = 0; i < axis->pass_count; i++) {
        const ph_fft_pass *pass = &axis->passes[i];
        switch (pass->radix) {
        case 2:
            pass_2(pass, x, y, stride);
            break;
        case 3:
            pass_odd(3, pass, x, y, stride);
            break;
        case 4:
            pass_4(pass, x, y, stride);
            break;
        case 5:
            pass_odd(5, pass, x, y, stride);
            break;
        case 7:
            pass_odd(7, pass, x, y, stride);
            break;
        default:
            pass_odd(pass->radix, pass, x, y, stride);
        }
        stride *= pass->radix;
        const buffer swap = x;
        x = y;
        y = swap;
    }
    return x;
}

static buffer buffer_at(float *scratch, int n, int index)
{
    const buffer b = {scratch + (int64_t)(2 * index) * n * L, scratch + (int64_t)(2 * index + 1) * n * L};
    return b;
}

static buffer swapped(buffer b)
{
    const buffer s = {b.im, b.re};
    return s;
}

static void columns(const ph_fft *fft, float *first, int count, bool inverse, float *scratch)
{
    const int n = fft->height;
    const int64_t line = 2 * (int64_t)fft->columns;
    const buffer x = buffer_at(scratch, n, 0), y = buffer_at(scratch, n, 1);
    for (int64_t k = 0; k < n; k++) {
        for (int l = 0; l < count; l++) {
            x.re[k * L + l] = first[k * line + 2 * l];
            x.im[k * L + l] = first[k * line + 2 * l + 1];
        }
        for (int l = count; l < L; l++)
            x.re[k * L + l] = x.im[k * L + l] = 0;
    }
    const buffer z = inverse ? swapped(transform(&fft->down, swapped(x), swapped(y))) : transform(&fft->down, x, y);
    for (int64_t k = 0; k < n; k++) {
        for (int l = 0; l < count; l++) {
            first[k * line + 2 * l] = z.re[k * L + l];
            first[k * line + 2 * l + 1] = z.im[k * L + l];
        }
    }
}

/* The two rows of a pair, counted over all planes; -1 where there is none: the second of an odd last row, and both
 * beyond the last pair, where the answer is false. */
static bool pair_rows(const ph_fft *fft, int64_t pair, int64_t *first, int64_t *second)
{
    *first = *second = -1;
    if (pair >= fft->pairs)
        return false;
    const int64_t per_plane = (fft->height + 1) / 2;
    const int64_t plane = pair / per_plane, y = 2 * (pair - plane * per_plane);
    *first = plane * fft->height + y;
    *second = y + 1 < fft->height ? *first + 1 : -1;
    return true;
}

static void fill_lane(float *to, int n, const float *from, int step)
{
    for (int64_t k = 0; k < n; k++)
        to[k * L] = from ? from[k * step] : 0;
}

static void take_lane(float *to, int n, const float *from, int step)
{
    for (int64_t k = 0; k < n; k++)
        to[k * step] = from[k * L];
}

/* With Z the transform of a + i b: A[k] = (Z[k] + conj Z[n-k]) / 2, B[k] = (Z[k] - conj Z[n-k]) / 2i. */
static void rows_forward(const ph_fft *fft, int64_t group, const float *planes, float *spectrum, float *scratch)
{
    const int n = fft->width;
    const buffer x = buffer_at(scratch, n, 0), y = buffer_at(scratch, n, 1);
    int64_t a, b;
    for (int l = 0; l < L; l++) {
        const bool exists = pair_rows(fft, group * L + l, &a, &b);
        fill_lane(x.re + l, n, exists ? planes + a * n : NULL, 1);
        fill_lane(x.im + l, n, b >= 0 ? planes + b * n : NULL, 1);
    }
    const buffer z = transform(&fft->across, x, y);
    const buffer half = z.re == x.re ? y : x; /* columns first … : A; from the middle on, turned round: B */
    for (int64_t k = 0; k < fft->columns; k++) {
        const int64_t mirror = k ? n - k : 0;
        PH_SIMD
        for (int l = 0; l < L; l++) {
            const float zr = z.re[k * L + l], zi = z.im[k * L + l];
            const float mr = z.re[mirror * L + l], mi = z.im[mirror * L + l];
            half.re[k * L + l] = 0.5f * (zr + mr);
            half.im[k * L + l] = 0.5f * (zi - mi);
            /* In place: these two bins of Z are not read again. */
            z.re[k * L + l] = 0.5f * (zi + mi);
            z.im[k * L + l] = 0.5f * (mr - zr);
        }
    }
    for (int l = 0; l < L && pair_rows(fft, group * L + l, &a, &b); l++) {
        float *to = spectrum + 2 * a * fft->columns;
        take_lane(to, fft->columns, half.re + l, 2);
        take_lane(to + 1, fft->columns, half.im + l, 2);
        if (b < 0)
            continue;
        to = spectrum + 2 * b * fft->columns;
        take_lane(to, fft->columns, z.re + l, 2);
        take_lane(to + 1, fft->columns, z.im + l, 2);
    }
}

/* Z[k] = A[k] + i B[k] and Z[n-k] = conj A[k] + i conj B[k]; of the columns that are their own mirror, the real parts.
 */
static void rows_inverse(const ph_fft *fft, int64_t group, const float *spectrum, float *planes, float *scratch)
{
    const int n = fft->width;
    const buffer x = buffer_at(scratch, n, 0), y = buffer_at(scratch, n, 1);
    int64_t a, b;
    for (int l = 0; l < L; l++) {
        const bool exists = pair_rows(fft, group * L + l, &a, &b);
        const float *from = exists ? spectrum + 2 * a * fft->columns : NULL;
        fill_lane(x.re + l, fft->columns, from, 2);
        fill_lane(x.im + l, fft->columns, from ? from + 1 : NULL, 2);
        from = b >= 0 ? spectrum + 2 * b * fft->columns : NULL;
        fill_lane(y.re + l, fft->columns, from, 2);
        fill_lane(y.im + l, fft->columns, from ? from + 1 : NULL, 2);
    }
    for (int64_t k = 0; k < fft->columns; k++) {
        const int64_t mirror = k ? n - k : 0;
        if (mirror == k) {
            for (int l = 0; l < L; l++)
                x.im[k * L + l] = y.re[k * L + l];
            continue;
        }
        PH_SIMD
        for (int l = 0; l < L; l++) {
            const float ar = x.re[k * L + l], ai = x.im[k * L + l];
            const float br = y.re[k * L + l], bi = y.im[k * L + l];
            x.re[mirror * L + l] = ar + bi;
            x.im[mirror * L + l] = br - ai;
            x.re[k * L + l] = ar - bi;
            x.im[k * L + l] = ai + br;
        }
    }
    const buffer z = swapped(transform(&fft->across, swapped(x), swapped(y)));
    for (int l = 0; l < L && pair_rows(fft, group * L + l, &a, &b); l++) {
        take_lane(planes + a * n, n, z.re + l, 1);
        if (b >= 0)
            take_lane(planes + b * n, n, z.im + l, 1);
    }
}

const ph_fft_kernels PH_FFT_TABLE(PH_VARIANT) = {
    .columns = columns, .rows_forward = rows_forward, .rows_inverse = rows_inverse};
