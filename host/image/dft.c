#include "host/image/dft.h"

#include "host/base/alloc.h"
#include "host/base/status.h"

#include <math.h>

typedef struct complex_number {
    double re, im;
} complex_number;

/* A line of n values being transformed. roots[j] = e^(-2 pi i j / n). */
typedef struct line {
    size_t n;
    const complex_number *roots;
    complex_number *scratch; /* [n] */
} line;

static size_t smallest_factor(size_t n)
{
    for (size_t p = 2; p * p <= n; p++)
        if (n % p == 0)
            return p;
    return n;
}

/* Decimation in time (Cooley & Tukey 1965) with the smallest prime factor p of n: the transforms of the p interleaved
 * parts, of length m = n/p, combine as out[k + q m] = sum_r part_r[k] w^(r (k + q m)), w = e^(-2 pi i / n). Values of
 * `in` lie `stride` apart; w is then roots[stride], since n x stride is the length of the whole line. */
static void transform(const line *l, const complex_number *in, size_t n, size_t stride, complex_number *out)
{
    if (n == 1) {
        out[0] = in[0];
        return;
    }
    const size_t p = smallest_factor(n), m = n / p;
    for (size_t r = 0; r < p; r++)
        transform(l, in + r * stride, m, stride * p, out + r * m);
    for (size_t k = 0; k < m; k++) {
        for (size_t r = 0; r < p; r++)
            l->scratch[r] = out[r * m + k];
        for (size_t q = 0; q < p; q++) {
            complex_number sum = {0, 0};
            for (size_t r = 0; r < p; r++) {
                const complex_number w = l->roots[r * (k + q * m) % n * stride], v = l->scratch[r];
                sum.re += v.re * w.re - v.im * w.im;
                sum.im += v.re * w.im + v.im * w.re;
            }
            out[q * m + k] = sum;
        }
    }
}

static void fill_roots(complex_number *roots, size_t n)
{
    for (size_t j = 0; j < n; j++) {
        const double angle = -6.283185307179586477 * (double)j / (double)n;
        roots[j] = (complex_number){cos(angle), sin(angle)};
    }
}

/* work: 4 x longest values: roots, scratch, a line in and a line out. half: [height, columns]. */
static void transform_plane(const float *plane, size_t width, size_t height, complex_number *work, size_t longest,
                            complex_number *half, float *spectrum)
{
    const size_t columns = width / 2 + 1;
    complex_number *roots = work, *in = work + 2 * longest, *out = work + 3 * longest;
    const line row = {width, roots, work + longest}, column = {height, roots, work + longest};
    fill_roots(roots, width);
    for (size_t y = 0; y < height; y++) {
        for (size_t x = 0; x < width; x++)
            in[x] = (complex_number){(double)plane[y * width + x], 0};
        transform(&row, in, width, 1, out);
        for (size_t x = 0; x < columns; x++)
            half[y * columns + x] = out[x];
    }
    fill_roots(roots, height);
    for (size_t x = 0; x < columns; x++) {
        for (size_t y = 0; y < height; y++)
            in[y] = half[y * columns + x];
        transform(&column, in, height, 1, out);
        for (size_t y = 0; y < height; y++) {
            spectrum[2 * (y * columns + x)] = (float)out[y].re;
            spectrum[2 * (y * columns + x) + 1] = (float)out[y].im;
        }
    }
}

ph_status ph_dft_r2c(const float *plane, int width, int height, float *spectrum, ph_error *err)
{
    const size_t w = (size_t)width, h = (size_t)height, longest = w > h ? w : h;
    complex_number *work = ph_alloc(4 * longest, sizeof *work);
    complex_number *half = ph_alloc(h * (w / 2 + 1), sizeof *half);
    ph_status status = PH_OK;
    if (work && half)
        transform_plane(plane, w, h, work, longest, half, spectrum);
    else
        status = ph_fail_memory(err, (4 * longest + h * (w / 2 + 1)) * sizeof *half, "a Fourier transform");
    ph_free(half);
    ph_free(work);
    return status;
}
