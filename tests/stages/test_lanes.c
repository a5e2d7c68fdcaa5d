/* The planned transform of the CPU against the defining sums in double, at sizes that take every radix. */
#include "kernels/element/fft_cpu.h"

#include <string.h>

#include "kernels/element/fft_lanes.h"
#include "stages.h"
#include "tests/base/fail_alloc.h"

static const struct {
    int width, height, planes;
} sizes[] = {{1, 1, 1},   {2, 1, 2},   {1, 3, 2},   {4, 4, 1},   {7, 5, 3},   {8, 6, 1},    {9, 15, 2},  {11, 13, 1},
             {33, 31, 2}, {34, 64, 1}, {45, 70, 1}, {67, 35, 1}, {101, 3, 2}, {128, 36, 1}, {224, 56, 1}};
enum { SIZES = sizeof sizes / sizeof *sizes };

typedef struct complex_line {
    double *re, *im;
} complex_line;

/* One transform by definition; sign -1 forward, +1 inverse. Values `step` apart, in place. */
static void naive_line(double *re, double *im, int n, int64_t step, int sign)
{
    complex_line t = {stages_doubles(n), stages_doubles(n)};
    for (int64_t k = 0; k < n; k++)
        for (int64_t j = 0; j < n; j++) {
            const double angle = sign * 2 * acos(-1) * (double)(j * k % n) / n;
            t.re[k] += re[j * step] * cos(angle) - im[j * step] * sin(angle);
            t.im[k] += re[j * step] * sin(angle) + im[j * step] * cos(angle);
        }
    for (int64_t k = 0; k < n; k++) {
        re[k * step] = t.re[k];
        im[k * step] = t.im[k];
    }
    free(t.re);
    free(t.im);
}

/* The full complex transform of one plane, height x width. */
static void naive_plane(double *re, double *im, int width, int height, int sign)
{
    for (int y = 0; y < height; y++)
        naive_line(re + (int64_t)y * width, im + (int64_t)y * width, width, 1, sign);
    for (int x = 0; x < width; x++)
        naive_line(re + x, im + x, height, width, sign);
}

typedef struct sizes_at {
    int width, height, planes, columns;
    int64_t pixels, bins;
} sizes_at;

static sizes_at size_of(int index)
{
    const int w = sizes[index].width, h = sizes[index].height;
    return (sizes_at){w, h, sizes[index].planes, w / 2 + 1, (int64_t)w * h, (int64_t)h * (w / 2 + 1)};
}

static ph_fft *plan(int level, int threads, const sizes_at *s)
{
    ph_fft *fft = NULL;
    ph_error err = {0};
    ck_assert_msg(ph_fft_cpu_new_variant(level, threads, s->width, s->height, s->planes, &fft, &err) == PH_OK, "%s",
                  err.message);
    return fft;
}

/* Root of the mean square of the differences, over that of what is wanted: 2^-24 times a small power of log2 n for fast
 * passes, sqrt(n)/2 times it for the sums of a prime 101: 3e-7 at most; the promise is 1e-6. */
static void near_in_mean(const char *what, const float *got, const double *want, int64_t count)
{
    double difference = 0, size = 0;
    for (int64_t i = 0; i < count; i++) {
        ck_assert_msg(isfinite(got[i]), "%s[%lld] is %a", what, (long long)i, got[i]);
        difference += ((double)got[i] - want[i]) * ((double)got[i] - want[i]);
        size += want[i] * want[i];
    }
    ck_assert_msg(size > 0 && sqrt(difference / size) < 1e-6, "%s: relative error %g", what, sqrt(difference / size));
}

START_TEST(forward_is_the_sum)
{
    const sizes_at s = size_of(_i);
    float *planes = stages_random(1, s.planes * s.pixels, -1, 1), *got = stages_output(2 * s.planes * s.bins);
    ph_fft *fft = plan(ph_element_cpu_level(), 2, &s);
    ck_assert_int_eq(ph_fft_cpu_r2c(fft, planes, got, NULL), PH_OK);
    ph_fft_cpu_free(fft);
    for (int p = 0; p < s.planes; p++) {
        double *re = stages_doubles(s.pixels), *im = stages_doubles(s.pixels), *want = stages_doubles(2 * s.bins);
        for (int64_t i = 0; i < s.pixels; i++)
            re[i] = (double)planes[p * s.pixels + i];
        naive_plane(re, im, s.width, s.height, -1);
        for (int64_t i = 0; i < s.bins; i++) {
            const int64_t at = i / s.columns * s.width + i % s.columns;
            want[2 * i] = re[at];
            want[2 * i + 1] = im[at];
        }
        near_in_mean("r2c", got + 2 * p * s.bins, want, 2 * s.bins);
        free(re);
        free(im);
        free(want);
    }
    stages_free(planes);
    stages_free(got);
}
END_TEST

/* Of a spectrum without any symmetry, numpy.fft.irfft2's reading: columns transformed first, then of the columns 0 and
 * (even width) width/2 the real parts, and conjugates for the columns that are not stored. */
START_TEST(inverse_is_the_sum)
{
    const sizes_at s = size_of(_i);
    float *spectrum = stages_random(2, 2 * s.planes * s.bins, -1, 1), *got = stages_output(s.planes * s.pixels);
    float *kept = stages_copy(spectrum, 2 * s.planes * s.bins);
    ph_fft *fft = plan(ph_element_cpu_level(), 2, &s);
    ck_assert_int_eq(ph_fft_cpu_c2r(fft, spectrum, got, NULL), PH_OK);
    ph_fft_cpu_free(fft);
    for (int p = 0; p < s.planes; p++) {
        double *re = stages_doubles(s.pixels), *im = stages_doubles(s.pixels);
        for (int y = 0; y < s.height; y++)
            for (int x = 0; x < s.width; x++) {
                /* Hermitian part: half of bin (y, x), half of the conjugate of bin (-y, -x), where stored. */
                const bool stored = x < s.columns, both = stored && (s.width - x) % s.width < s.columns;
                const int64_t here = (int64_t)y * s.columns + x;
                const int64_t there = (int64_t)((s.height - y) % s.height) * s.columns + (s.width - x) % s.width;
                const float *z = kept + 2 * p * s.bins;
                re[(int64_t)y * s.width + x] = both     ? 0.5 * ((double)z[2 * here] + (double)z[2 * there])
                                               : stored ? (double)z[2 * here]
                                                        : (double)z[2 * there];
                im[(int64_t)y * s.width + x] = both     ? 0.5 * ((double)z[2 * here + 1] - (double)z[2 * there + 1])
                                               : stored ? (double)z[2 * here + 1]
                                                        : -(double)z[2 * there + 1];
            }
        naive_plane(re, im, s.width, s.height, 1);
        near_in_mean("c2r", got + p * s.pixels, re, s.pixels);
        free(re);
        free(im);
    }
    stages_free(spectrum);
    stages_free(kept);
    stages_free(got);
}
END_TEST

/* c2r(r2c(x)) = pixels x: at the large sizes too, where the sums by definition would take too long. */
START_TEST(there_and_back)
{
    static const int large[] = {224, 256, 299, 509};
    const int n = large[_i];
    const sizes_at s = {n, n, 3, n / 2 + 1, (int64_t)n * n, (int64_t)n * (n / 2 + 1)};
    float *planes = stages_random(3, s.planes * s.pixels, -1, 1), *spectrum = stages_output(2 * s.planes * s.bins);
    float *got = stages_output(s.planes * s.pixels);
    double *want = stages_doubles(s.planes * s.pixels);
    ph_fft *fft = plan(ph_element_cpu_level(), 2, &s);
    ck_assert_int_eq(ph_fft_cpu_r2c(fft, planes, spectrum, NULL), PH_OK);
    ck_assert_int_eq(ph_fft_cpu_c2r(fft, spectrum, got, NULL), PH_OK);
    ph_fft_cpu_free(fft);
    for (int64_t i = 0; i < s.planes * s.pixels; i++)
        want[i] = (double)planes[i] * (double)s.pixels;
    near_in_mean("there and back", got, want, s.planes * s.pixels);
    free(want);
    stages_free(planes);
    stages_free(spectrum);
    stages_free(got);
}
END_TEST

/* Both directions of `planes` into out (pixels first, then bins of r2c). */
static void both_ways(int level, int threads, const sizes_at *s, const float *planes, const float *spectrum, float *out)
{
    ph_fft *fft = plan(level, threads, s);
    float *scratch = stages_copy(spectrum, 2 * s->planes * s->bins);
    ck_assert_int_eq(ph_fft_cpu_c2r(fft, scratch, out, NULL), PH_OK);
    ck_assert_int_eq(ph_fft_cpu_r2c(fft, planes, out + s->planes * s->pixels, NULL), PH_OK);
    stages_free(scratch);
    ph_fft_cpu_free(fft);
}

START_TEST(same_bits_everywhere)
{
    const sizes_at s = size_of(_i);
    const int64_t count = s.planes * (s.pixels + 2 * s.bins);
    float *planes = stages_random(4, s.planes * s.pixels, -1, 1);
    float *spectrum = stages_random(5, 2 * s.planes * s.bins, -1, 1);
    float *want = stages_output(count), *got = stages_output(count);
    both_ways(0, 1, &s, planes, spectrum, want);
    for (int level = 0; level < PH_ELEMENT_CPU_VARIANTS; level++) {
        for (int threads = 1; threads <= 3 && ph_element_cpu_variant(level, NULL); threads++) {
            both_ways(level, threads, &s, planes, spectrum, got);
            ck_assert_msg(!memcmp(got, want, (size_t)count * sizeof *got), "level %d, %d threads", level, threads);
        }
    }
    stages_free(planes);
    stages_free(spectrum);
    stages_free(want);
    stages_free(got);
}
END_TEST

/* The last plane alone gives the bits that it gives among others, even when a neighbour is not finite. */
START_TEST(planes_do_not_see_each_other)
{
    const sizes_at three = {21, 17, 3, 11, 21 * 17, 17 * 11}, one = {21, 17, 1, 11, 21 * 17, 17 * 11};
    float *planes = stages_random(6, 3 * one.pixels, -1, 1), *spectrum = stages_random(7, 6 * one.bins, -1, 1);
    planes[one.pixels + 5] = NAN;
    spectrum[2 * one.bins + 3] = INFINITY;
    float *all = stages_output(3 * (one.pixels + 2 * one.bins)), *alone = stages_output(one.pixels + 2 * one.bins);
    both_ways(ph_element_cpu_level(), 2, &three, planes, spectrum, all);
    for (int p = 0; p < 3; p += 2) {
        both_ways(ph_element_cpu_level(), 1, &one, planes + p * one.pixels, spectrum + 2 * p * one.bins, alone);
        ck_assert(!memcmp(alone, all + p * one.pixels, (size_t)one.pixels * sizeof(float)));
        ck_assert(
            !memcmp(alone + one.pixels, all + 3 * one.pixels + 2 * p * one.bins, 2 * (size_t)one.bins * sizeof(float)));
    }
    stages_free(planes);
    stages_free(spectrum);
    stages_free(all);
    stages_free(alone);
}
END_TEST

START_TEST(refusals)
{
    ph_cpu_device_head head;
    ph_fft *fft = NULL;
    ph_error err = {0};
    static const int wrong[][3] = {{0, 4, 1}, {4, 0, 1}, {4, 4, 0}, {-1, 4, 1}, {1 << 21, 4, 1}, {4, 1 << 21, 1}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        ck_assert_int_eq(ph_fft_cpu_new(stages_device(&head, 1), wrong[i][0], wrong[i][1], wrong[i][2], &fft, &err),
                         PH_MISUSE);
        ck_assert_ptr_null(fft);
        ck_assert_ptr_nonnull(strstr(err.message, "transform of"));
    }
    ck_assert_int_eq(ph_fft_cpu_new(stages_device(&head, 1), 1 << 20, 1 << 20, INT32_MAX, &fft, &err), PH_MISUSE);
    ph_fft_cpu_free(NULL);
}
END_TEST

START_TEST(survives_lack_of_memory)
{
    ph_cpu_device_head head;
    ph_device *device = stages_device(&head, 2);
    ph_status status = PH_NO_MEMORY;
    long n = 0;
    while (status != PH_OK) {
        ph_fft *fft = NULL;
        fail_alloc_at(++n);
        status = ph_fft_cpu_new(device, 12, 10, 3, &fft, NULL);
        const bool hit = fail_alloc_stop();
        ck_assert_int_eq(status, hit ? PH_NO_MEMORY : PH_OK);
        ck_assert_int_eq(fft != NULL, status == PH_OK);
        ph_fft_cpu_free(fft);
    }
    ck_assert_int_gt(n, 8); /* itself, scratch, two tables for each of two passes both ways */
}
END_TEST

static void add(TCase *tcase)
{
    tcase_add_loop_test(tcase, forward_is_the_sum, 0, SIZES);
    tcase_add_loop_test(tcase, inverse_is_the_sum, 0, SIZES);
    tcase_add_loop_test(tcase, there_and_back, 0, 4);
    tcase_add_loop_test(tcase, same_bits_everywhere, 0, SIZES);
    tcase_add_test(tcase, planes_do_not_see_each_other);
    tcase_add_test(tcase, refusals);
    tcase_add_test(tcase, survives_lack_of_memory);
}

int main(void)
{
    return stages_main("lanes", add);
}
