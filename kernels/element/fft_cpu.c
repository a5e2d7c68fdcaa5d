/* Planning of the transform and its two halves, rows and columns, spread over the threads.
 *
 * Why our own and not a library: one direction on 3 planes, 2 threads of a 2.6 GHz machine with AVX-512, milliseconds:
 *                                  64     128     224     256     299     512
 *   kissfft 131                 0.040    0.16    0.97    0.64     9.2     3.1
 *   two real matrix products    0.076    0.46     1.6     2.9     3.4      18
 *   lanes (fft_lanes.c)         0.016    0.05    0.21    0.20     1.0     1.4
 * (products without fused multiply-add, so that all machines agree; of size 300 instead of 299). A step needs one
 * transform each way, beside a network of some 27 ms. */
#include "kernels/element/fft_cpu.h"
#include "host/base/alloc.h"
#include "host/base/status.h"
#include "kernels/element/fft_lanes.h"

#include <math.h>
#include <omp.h>

enum { LONGEST_SIDE = 1 << 20 };

static const ph_fft_kernels *kernels_of(int level)
{
#if defined(PH_X86_VARIANTS)
    if (level == 2)
        return &ph_fft_kernels_v4;
    if (level == 1)
        return &ph_fft_kernels_v3;
#endif
    (void)level;
    return &ph_fft_kernels_base;
}

/* Odd prime factors first, while neighbouring transforms are short, then fours, then a two. */
static int next_radix(int n)
{
    for (int p = 3; p <= n / p; p += 2) {
        if (n % p == 0)
            return p;
    }
    int odd = n;
    while (odd % 2 == 0)
        odd /= 2;
    if (odd > 1)
        return odd;
    return n % 4 == 0 ? 4 : 2;
}

/* e^(-2 pi i index / period), rounded once. */
static void root(float *to, int64_t index, int64_t period)
{
    const double angle = 6.283185307179586477 * (double)(index % period) / (double)period;
    to[0] = (float)cos(angle);
    to[1] = (float)-sin(angle);
}

static bool pass_init(ph_fft_pass *pass, int n)
{
    const int p = next_radix(n);
    pass->radix = p;
    pass->rest = n / p;
    pass->twiddles = ph_alloc_aligned((size_t)pass->rest * (size_t)(p - 1), 2 * sizeof *pass->twiddles);
    pass->roots = ph_alloc_aligned((size_t)p, 2 * sizeof *pass->roots);
    if (!pass->twiddles || !pass->roots)
        return false;
    for (int64_t q = 0; q < pass->rest; q++) {
        for (int64_t k = 1; k < p; k++)
            root(pass->twiddles + 2 * (q * (p - 1) + k - 1), q * k, n);
    }
    for (int64_t j = 0; j < p; j++)
        root(pass->roots + 2 * j, j, p);
    return true;
}

static bool axis_init(ph_fft_axis *axis, int n)
{
    axis->n = n;
    for (int left = n; left > 1; left = axis->passes[axis->pass_count++].rest) {
        if (!pass_init(&axis->passes[axis->pass_count], left)) {
            axis->pass_count++; /* what it did allocate is freed with the rest */
            return false;
        }
    }
    return true;
}

static void axis_free(ph_fft_axis *axis)
{
    for (int i = 0; i < axis->pass_count; i++) {
        ph_free_aligned(axis->passes[i].twiddles);
        ph_free_aligned(axis->passes[i].roots);
    }
}

static void size_init(ph_fft *fft, int width, int height, int planes)
{
    const int64_t longest = width > height ? width : height;
    fft->width = width;
    fft->height = height;
    fft->columns = width / 2 + 1;
    fft->planes = planes;
    fft->pairs = (int64_t)planes * ((height + 1) / 2);
    fft->scratch_one = 4 * longest * PH_FFT_LANES;
}

ph_status ph_fft_cpu_new_variant(int level, int threads, int width, int height, int planes, ph_fft **out, ph_error *err)
{
    *out = NULL;
    if (width < 1 || height < 1 || planes < 1 || width > LONGEST_SIDE || height > LONGEST_SIDE)
        return ph_fail(err, PH_MISUSE, "transform of %d planes of %dx%d: sizes must be 1 to %d", planes, width, height,
                       LONGEST_SIDE);
    if (planes > INT64_MAX / 16 / height / (width + 2))
        return ph_fail(err, PH_MISUSE, "transform of %d planes of %dx%d: too large, use fewer planes", planes, width,
                       height);
    ph_fft *fft = ph_alloc(1, sizeof *fft);
    if (!fft)
        return ph_fail_memory(err, sizeof *fft, "the transform");
    fft->kernels = kernels_of(level);
    fft->threads = threads < 1 ? 1 : threads;
    size_init(fft, width, height, planes);
    const size_t scratch_bytes = (size_t)fft->scratch_one * sizeof(float) * (size_t)fft->threads;
    fft->scratch = ph_alloc_aligned((size_t)fft->scratch_one * sizeof(float), (size_t)fft->threads);
    if (!fft->scratch || !axis_init(&fft->across, width) || !axis_init(&fft->down, height))
        goto fail;
    *out = fft;
    return PH_OK;
fail:
    ph_fft_cpu_free(fft);
    return ph_fail_memory(err, scratch_bytes, "the transform");
}

ph_status ph_fft_cpu_new(ph_device *device, int width, int height, int planes, ph_fft **out, ph_error *err)
{
    const int threads = ((const ph_cpu_device_head *)(const void *)device)->threads;
    return ph_fft_cpu_new_variant(ph_element_cpu_level(), threads, width, height, planes, out, err);
}

void ph_fft_cpu_free(ph_fft *fft)
{
    if (!fft)
        return;
    axis_free(&fft->across);
    axis_free(&fft->down);
    ph_free_aligned(fft->scratch);
    ph_free(fft);
}

static float *own_scratch(const ph_fft *fft)
{
    return fft->scratch + omp_get_thread_num() * fft->scratch_one;
}

static void all_columns(const ph_fft *fft, float *spectrum, bool inverse)
{
    const int64_t per_plane = (fft->columns + PH_FFT_LANES - 1) / PH_FFT_LANES;
    const int64_t groups = per_plane * fft->planes;
#pragma omp parallel for num_threads(fft->threads) schedule(static)
    for (int64_t i = 0; i < groups; i++) {
        const int64_t plane = i / per_plane, column = (i - plane * per_plane) * PH_FFT_LANES;
        const int64_t left = fft->columns - column;
        float *first = spectrum + 2 * (plane * fft->height * fft->columns + column);
        fft->kernels->columns(fft, first, (int)(left < PH_FFT_LANES ? left : PH_FFT_LANES), inverse, own_scratch(fft));
    }
}

ph_status ph_fft_cpu_c2r(ph_fft *fft, float *spectrum, float *planes, ph_error *err)
{
    (void)err;
    const int64_t groups = (fft->pairs + PH_FFT_LANES - 1) / PH_FFT_LANES;
    all_columns(fft, spectrum, true);
#pragma omp parallel for num_threads(fft->threads) schedule(static)
    for (int64_t i = 0; i < groups; i++)
        fft->kernels->rows_inverse(fft, i, spectrum, planes, own_scratch(fft));
    return PH_OK;
}

ph_status ph_fft_cpu_r2c(ph_fft *fft, const float *planes, float *spectrum, ph_error *err)
{
    (void)err;
    const int64_t groups = (fft->pairs + PH_FFT_LANES - 1) / PH_FFT_LANES;
#pragma omp parallel for num_threads(fft->threads) schedule(static)
    for (int64_t i = 0; i < groups; i++)
        fft->kernels->rows_forward(fft, i, planes, spectrum, own_scratch(fft));
    all_columns(fft, spectrum, false);
    return PH_OK;
}
