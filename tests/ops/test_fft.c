/* The transforms of every backend against the defining sums, and their two rules: no normalization, and only the
 * Hermitian part of the columns 0 and width/2 counts. */
#include "build_net.h"
#include "run_net.h"

#include <complex.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    int width, height, planes;
} sizes[] = {
    {1, 1, 1}, {2, 1, 3}, {1, 4, 2}, {3, 2, 1}, {4, 4, 2}, {5, 7, 3}, {8, 6, 1}, {9, 16, 2}, {15, 10, 1}, {32, 24, 3},
};
enum { SIZES = sizeof sizes / sizeof *sizes };

/* 2^-24 per operation, some log2(n) of them in a fast transform, n in the sums of the largest size. */
static const double tolerance = 2e-6;

typedef struct transform {
    const ph_backend *backend;
    ph_device *device;
    ph_fft *fft;
    ops_session session; /* for messages */
    int width, height, planes;
    int64_t pixels, bins;    /* of all planes; a bin is two floats */
    float *plane, *spectrum; /* of the device */
    float *pixel_values, *bin_values;
} transform;

enum { GUARDS = 64 };

/* Floats on the device with guards behind them. */
static float *device_floats(const transform *t, int64_t count)
{
    void *memory = NULL;
    ph_error err = {0};
    const size_t bytes = (size_t)(count + GUARDS) * sizeof(float);
    ck_assert_msg(t->backend->memory_new(t->device, bytes, &memory, &err) == PH_OK, "%s: %s", t->backend->name,
                  err.message);
    return memory;
}

/* All NaN, guards too. */
static void poison(const transform *t, float *memory, int64_t count)
{
    float *values = ops_floats(count + GUARDS);
    for (int64_t i = 0; i < count + GUARDS; i++)
        values[i] = NAN;
    ck_assert_int_eq(t->backend->write(t->device, memory, values, (size_t)(count + GUARDS) * sizeof *values, NULL),
                     PH_OK);
    free(values);
}

static void fetch(const transform *t, const float *memory, float *to, int64_t count)
{
    float *values = ops_floats(count + GUARDS);
    ck_assert_int_eq(t->backend->read(t->device, values, memory, (size_t)(count + GUARDS) * sizeof *values, NULL),
                     PH_OK);
    memcpy(to, values, (size_t)count * sizeof *values);
    for (int64_t i = count; i < count + GUARDS; i++)
        ck_assert_msg(isnan(values[i]), "%s: %dx%d: written behind the output", t->backend->name, t->width, t->height);
    free(values);
}

static transform start(int index)
{
    const test_setup *setup = test_setup_of(TEST_ALL, index, SIZES);
    const int size = index % SIZES;
    transform t = {.backend = setup->backend, .width = sizes[size].width, .height = sizes[size].height};
    t.planes = sizes[size].planes;
    t.pixels = (int64_t)t.width * t.height * t.planes;
    t.bins = (int64_t)(t.width / 2 + 1) * t.height * t.planes;
    ph_error err = {0};
    t.device = test_device_open(setup, 0);
    ck_assert_msg(t.backend->fft_new(t.device, t.width, t.height, t.planes, &t.fft, &err) == PH_OK, "%s: %dx%d: %s",
                  t.backend->name, t.width, t.height, err.message);
    t.plane = device_floats(&t, t.pixels);
    t.spectrum = device_floats(&t, 2 * t.bins);
    t.pixel_values = ops_floats(t.pixels);
    t.bin_values = ops_floats(2 * t.bins);
    t.session = (ops_session){.backend = t.backend, .text = "a transform"};
    return t;
}

static void stop(transform *t)
{
    t->backend->fft_free(t->fft);
    t->backend->memory_free(t->device, t->plane);
    t->backend->memory_free(t->device, t->spectrum);
    test_device_close(t->device);
    free(t->pixel_values), free(t->bin_values);
}

static void r2c(transform *t)
{
    ph_error err = {0};
    const size_t in = (size_t)t->pixels * sizeof(float);
    poison(t, t->spectrum, 2 * t->bins);
    ck_assert_int_eq(t->backend->write(t->device, t->plane, t->pixel_values, in, &err), PH_OK);
    ck_assert_int_eq(t->backend->fft_r2c(t->fft, t->plane, t->spectrum, &err), PH_OK);
    fetch(t, t->spectrum, t->bin_values, 2 * t->bins);
}

static void c2r(transform *t)
{
    ph_error err = {0};
    const size_t in = (size_t)t->bins * 2 * sizeof(float);
    poison(t, t->plane, t->pixels);
    ck_assert_int_eq(t->backend->write(t->device, t->spectrum, t->bin_values, in, &err), PH_OK);
    ck_assert_int_eq(t->backend->fft_c2r(t->fft, t->spectrum, t->plane, &err), PH_OK);
    fetch(t, t->plane, t->pixel_values, t->pixels);
}

static double complex turn(const transform *t, int64_t ky, int64_t y, int64_t kx, int64_t x)
{
    const double angle =
        2 * acos(-1.0) * ((double)(ky * y % t->height) / t->height + (double)(kx * x % t->width) / t->width);
    return cexp(I * angle);
}

/* Z(ky, kx) for any kx in 0 … width-1, from the half that is stored, by the rule of the interface. */
static double complex full_bin(const transform *t, const float *half, int64_t ky, int64_t kx)
{
    const int64_t columns = t->width / 2 + 1, mirror_y = (t->height - ky) % t->height,
                  mirror_x = (t->width - kx) % t->width;
    const float *here = half + 2 * (ky * columns + kx), *there = half + 2 * (mirror_y * columns + mirror_x);
    if (kx == mirror_x) {
        there = half + 2 * (mirror_y * columns + kx);
        return ((double)here[0] + I * (double)here[1] + (double)there[0] - I * (double)there[1]) / 2;
    }
    return kx < columns ? (double)here[0] + I * (double)here[1] : (double)there[0] - I * (double)there[1];
}

START_TEST(spectrum_of_planes)
{
    transform t = start(_i);
    const int64_t columns = t.width / 2 + 1;
    float *want = ops_floats(2 * t.bins);
    ops_fill(t.pixel_values, t.pixels, OPS_REAL, false, 3);
    for (int64_t i = 0; i < t.bins; i++) {
        const int64_t kx = i % columns, ky = i / columns % t.height;
        const float *plane = t.pixel_values + i / (columns * t.height) * t.width * t.height;
        double complex sum = 0;
        for (int64_t y = 0; y < t.height; y++)
            for (int64_t x = 0; x < t.width; x++)
                sum += (double)plane[y * t.width + x] * conj(turn(&t, ky, y, kx, x));
        want[2 * i] = (float)creal(sum);
        want[2 * i + 1] = (float)cimag(sum);
    }
    r2c(&t);
    ops_expect(&t.session, "spectrum", t.bin_values, want, 2 * t.bins, tolerance);
    free(want);
    stop(&t);
}
END_TEST

START_TEST(planes_of_spectrum)
{
    transform t = start(_i);
    const int64_t columns = t.width / 2 + 1;
    float *want = ops_floats(t.pixels);
    ops_fill(t.bin_values, 2 * t.bins, OPS_REAL, false, 4);
    for (int64_t i = 0; i < t.pixels; i++) {
        const int64_t x = i % t.width, y = i / t.width % t.height;
        const float *half = t.bin_values + 2 * (i / (t.width * t.height)) * columns * t.height;
        double complex sum = 0;
        for (int64_t ky = 0; ky < t.height; ky++)
            for (int64_t kx = 0; kx < t.width; kx++)
                sum += full_bin(&t, half, ky, kx) * turn(&t, ky, y, kx, x);
        if (!(fabs(cimag(sum)) < 1e-9 * (double)t.pixels))
            ck_abort_msg("the sum that defines pixel %d is not real", (int)i);
        want[i] = (float)creal(sum);
    }
    c2r(&t);
    ops_expect(&t.session, "planes", t.pixel_values, want, t.pixels, tolerance);
    free(want);
    stop(&t);
}
END_TEST

/* Forth and back multiplies by the number of pixels. */
START_TEST(there_and_back)
{
    transform t = start(_i);
    float *want = ops_floats(t.pixels);
    ops_fill(t.pixel_values, t.pixels, OPS_REAL, false, 5);
    for (int64_t i = 0; i < t.pixels; i++)
        want[i] = t.pixel_values[i] * (float)(t.width * t.height);
    r2c(&t);
    c2r(&t);
    ops_expect(&t.session, "planes", t.pixel_values, want, t.pixels, tolerance);
    free(want);
    stop(&t);
}
END_TEST

START_TEST(impossible_sizes)
{
    const test_setup *setup = test_setup_of(TEST_ALL, _i, 1);
    const ph_backend *backend = setup->backend;
    ph_device *device = test_device_open(setup, 0);
    ph_fft *fft = NULL;
    ph_error err = {0};
    ck_assert_int_ne(backend->fft_new(device, 0, 4, 1, &fft, &err), PH_OK);
    ck_assert_ptr_null(fft);
    ck_assert_int_ne(backend->fft_new(device, 4, -1, 1, &fft, &err), PH_OK);
    ck_assert_ptr_null(fft);
    backend->fft_free(NULL);
    test_device_close(device);
}
END_TEST

int main(void)
{
    test_backends_find();
    Suite *suite = suite_create("fft");
    TCase *all = tcase_create("transforms");
    tcase_set_timeout(all, 60);
    test_backends_add(all, spectrum_of_planes, TEST_ALL, SIZES);
    test_backends_add(all, planes_of_spectrum, TEST_ALL, SIZES);
    test_backends_add(all, there_and_back, TEST_ALL, SIZES);
    test_backends_add(all, impossible_sizes, TEST_ALL, 1);
    suite_add_tcase(suite, all);
    return test_backends_run(suite);
}
