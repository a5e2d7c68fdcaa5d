/* Where an optimization starts: colour matrix, frequency and scale tables, the host's Fourier transform, noise, photos.
 */
#include "host/base/alloc.h"
#include "host/image/colour_space.h"
#include "host/image/dft.h"
#include "host/image/init.h"
#include "host/image/spectrum_scale.h"
#include "tests/base/fail_alloc.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double PI = 3.14159265358979323846;

/* ---- Colour ----------------------------------------------------------------------------------------------------- */

START_TEST(test_matrix)
{
    static const double square_root[9] = {0.26, 0.09, 0.02, 0.27, 0, -0.05, 0.27, -0.09, 0.03}; /* Lucid, color.py */
    const double norm = sqrt(0.26 * 0.26 + 0.27 * 0.27 + 0.27 * 0.27);
    for (int i = 0; i < 9; i++) /* the literals are exact to half a float ulp */
        ck_assert(fabs((double)ph_colour_matrix[i] - square_root[i] / norm) <= 4e-8);
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++) {
            double sum = 0;
            for (int k = 0; k < 3; k++)
                sum += (double)ph_colour_matrix[3 * i + k] * (double)ph_colour_inverse[3 * k + j];
            ck_assert(fabs(sum - (i == j)) <= 1e-6); /* entries up to 6, three products, float literals */
        }
}
END_TEST

START_TEST(test_luminance)
{
    /* Two pixels, 0.2 apart in luma: deviation 0.1. */
    static const float rgb[6] = {0.2f, 0.4f, 0.2f, 0.4f, 0.2f, 0.4f}, grey[2] = {0.2f, 0.4f},
                       two[4] = {0, 0.4f, 0.4f, 0.4f};
    ck_assert(fabs(ph_luminance_deviation(rgb, 3, 2) - 0.1) <= 1e-7);
    ck_assert(fabs(ph_luminance_deviation(grey, 1, 2) - 0.1) <= 1e-7);
    ck_assert(fabs(ph_luminance_deviation(two, 2, 2) - 0.1) <= 1e-7);
    static const float green[6] = {0, 0, 1, 0, 0, 0}; /* 0.587 between black and green */
    ck_assert(fabs(ph_luminance_deviation(green, 3, 2) - 0.2935) <= 1e-7);
    static const float flat[6] = {0.7f, 0.7f, 0.7f, 0.7f, 0.7f, 0.7f};
    ck_assert(ph_luminance_deviation(flat, 3, 2) <= 1e-7);
}
END_TEST

/* ---- Tables ----------------------------------------------------------------------------------------------------- */

START_TEST(test_tables)
{
    float table[64];
    /* numpy: fftfreq(4) = 0 .25 -.5 -.25, rfftfreq(6) = 0 1/6 1/3 1/2 */
    ck_assert_int_eq(ph_spectrum_bins(6, 4), 16);
    ph_spectrum_frequencies(6, 4, table);
    static const double fy[4] = {0, 0.25, 0.5, 0.25};
    for (int y = 0; y < 4; y++)
        for (int x = 0; x < 4; x++)
            ck_assert(fabs((double)table[4 * y + x] - hypot(x / 6.0, fy[y])) <= 3e-8);
    /* Odd: fftfreq(3) = 0 1/3 -1/3, rfftfreq(5) = 0 .2 .4 */
    ck_assert_int_eq(ph_spectrum_bins(5, 3), 9);
    ph_spectrum_frequencies(5, 3, table);
    for (int y = 0; y < 3; y++)
        for (int x = 0; x < 3; x++)
            ck_assert(fabs((double)table[3 * y + x] - hypot(x / 5.0, y ? 1 / 3.0 : 0)) <= 3e-8);
    /* Scale at 4x4: sqrt(16)/4/16 = 1/16, over f, at least 1/4: bin 0 gives 4/16, f = 1/2 gives 2/16. */
    ph_spectrum_scale(4, 4, 1, table);
    ck_assert(table[0] == 0.25f && table[1] == 0.25f && table[2] == 0.125f && table[3] == 0.25f);
    ck_assert(fabsf(table[4] - 0.17677670f) <= 1e-7f); /* f = 1/sqrt 8, above 1/4: sqrt 8 / 16 */
    ph_spectrum_scale(4, 4, 0, table);
    for (int i = 0; i < 12; i++)
        ck_assert(table[i] == 0.0625f);
    ph_spectrum_scale(4, 4, 2, table);
    ck_assert(table[0] == 1.0f && table[2] == 0.25f);
    /* 8x2: the least frequency is 1/8; sqrt(16)/4/16 again. */
    ph_spectrum_scale(8, 2, 1, table);
    ck_assert(table[0] == 0.5f && table[1] == 0.5f && table[4] == 0.125f && table[5] == 0.125f);
}
END_TEST

/* ---- Fourier transform ------------------------------------------------------------------------------------------ */

static const int sizes[][2] = {{1, 1}, {2, 1}, {1, 2},  {3, 5},  {4, 4},  {5, 4},
                               {8, 6}, {7, 7}, {12, 9}, {13, 2}, {30, 22}};

START_TEST(test_dft)
{
    const int w = sizes[_i][0], h = sizes[_i][1], columns = w / 2 + 1;
    float plane[30 * 22], spectrum[2 * 16 * 22];
    for (int i = 0; i < w * h; i++)
        plane[i] = (float)((i * 29 + 11) % 64) / 64.0f - 0.5f;
    ck_assert_int_eq(ph_dft_r2c(plane, w, h, spectrum, NULL), PH_OK);
    int bad = 0;
    for (int y = 0; y < h; y++)
        for (int x = 0; x < columns; x++) {
            double re = 0, im = 0;
            for (int v = 0; v < h; v++)
                for (int u = 0; u < w; u++) {
                    const double angle = -2 * PI * ((double)x * u / w + (double)y * v / h);
                    re += (double)plane[v * w + u] * cos(angle);
                    im += (double)plane[v * w + u] * sin(angle);
                }
            /* The transform runs in double: what remains is the rounding of results below 330 to float. */
            const double tolerance = 1e-6 * (1 + hypot(re, im));
            const float *bin = spectrum + 2 * (y * columns + x);
            bad += !(fabs((double)bin[0] - re) <= tolerance && fabs((double)bin[1] - im) <= tolerance);
        }
    ck_assert_int_eq(bad, 0);
}
END_TEST

/* ---- Noise ------------------------------------------------------------------------------------------------------ */

START_TEST(test_noise)
{
    enum { COUNT = 100003 };
    float *a = calloc(COUNT, sizeof *a), *b = calloc(COUNT, sizeof *b);
    ck_assert(a && b);
    ph_init_noise(7, 0, 0.01, a, COUNT);
    double sum = 0, squares = 0, fourth = 0;
    for (int i = 0; i < COUNT; i++) {
        const double v = (double)a[i] / 0.01;
        sum += v;
        squares += v * v;
        fourth += v * v * v * v;
    }
    /* Five standard errors: 1, sqrt 2 and sqrt 96 over sqrt COUNT. */
    ck_assert(fabs(sum / COUNT) <= 5 / sqrt(COUNT));
    ck_assert(fabs(squares / COUNT - 1) <= 5 * sqrt(2.0 / COUNT));
    ck_assert(fabs(fourth / COUNT - 3) <= 5 * sqrt(96.0 / COUNT));
    /* A value depends on its index alone, not on how many are drawn; and on seed and attempt. */
    ph_init_noise(7, 0, 0.01, b, 5);
    ck_assert_mem_eq(a, b, 5 * sizeof *a);
    ck_assert(b[5] == 0);
    static const struct {
        uint64_t seed;
        uint32_t attempt;
    } others[] = {{8, 0}, {7 + ((uint64_t)1 << 32), 0}, {7, 1}, {7, 2}};
    for (int k = 0; k < 4; k++) {
        int same = 0;
        ph_init_noise(others[k].seed, others[k].attempt, 0.01, b, 1000);
        for (int i = 0; i < 1000; i++)
            same += a[i] == b[i];
        ck_assert_int_le(same, 1);
    }
    free(a);
    free(b);
}
END_TEST

/* ---- Photos ----------------------------------------------------------------------------------------------------- */

static ph_photo sunset(float *pixels, int width, int height, int channels)
{
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++)
            for (int c = 0; c < channels; c++) {
                const double wave = 0.5 + 0.6 * sin(0.3 * x + c) * cos(0.2 * y - c); /* clips at both ends */
                pixels[(y * width + x) * channels + c] = (float)fmin(fmax(rint(wave * 255) / 255, 0), 1);
            }
    return (ph_photo){width, height, channels, pixels};
}

/* planes = c2r(coefficients x scale), by the definition of the unnormalized inverse of a real spectrum: of the columns
 * 0 and (even width) width/2 the real part, of the others twice the real part. */
static double synthesize(const float *coefficients, const float *scale, int w, int h, int u, int v)
{
    const int columns = w / 2 + 1;
    double sum = 0;
    for (int y = 0; y < h; y++)
        for (int x = 0; x < columns; x++) {
            const int bin = y * columns + x;
            const double angle = 2 * PI * ((double)x * u / w + (double)y * v / h);
            const double re =
                (double)coefficients[2 * bin] * cos(angle) - (double)coefficients[2 * bin + 1] * sin(angle);
            sum += (x == 0 || 2 * x == w ? 1 : 2) * (double)scale[bin] * re;
        }
    return sum;
}

static const struct {
    int width, height, channels;
    bool mix;
} starts[] = {{16, 12, 3, true}, {15, 11, 3, true}, {13, 14, 3, false}, {10, 9, 1, false}};

/* From the photo to the parameters and back through the formulas of the synthesis: less than one grey level. */
START_TEST(test_photo)
{
    const int w = starts[_i].width, h = starts[_i].height, n = starts[_i].channels, bins = (int)ph_spectrum_bins(w, h);
    float pixels[16 * 14 * 3], planes[3 * 16 * 14], scale[16 * 9], coefficients[3 * 2 * 16 * 9];
    const ph_photo photo = sunset(pixels, w, h, n);
    ck_assert_int_eq(ph_init_photo(&photo, w, h, starts[_i].mix, planes, NULL), PH_OK);
    ph_spectrum_scale(w, h, 1, scale);
    ck_assert_int_eq(ph_init_spectrum(planes, n, w, h, scale, coefficients, NULL), PH_OK);
    double worst = 0;
    for (int v = 0; v < h; v++)
        for (int u = 0; u < w; u++) {
            double made[3];
            for (int c = 0; c < n; c++) {
                made[c] = synthesize(coefficients + c * 2 * bins, scale, w, h, u, v);
                worst = fmax(worst, 40 * fabs(made[c] - (double)planes[(c * h + v) * w + u]));
            }
            for (int c = 0; c < n; c++) {
                const float *row = ph_colour_matrix + 3 * c;
                double before = made[c];
                if (starts[_i].mix)
                    before = (double)row[0] * made[0] + (double)row[1] * made[1] + (double)row[2] * made[2];
                const double seen = 1 / (1 + exp(-before)), wanted = (double)pixels[(v * w + u) * n + c];
                worst = fmax(worst, 255 * fabs(seen - wanted));
            }
        }
    ck_assert_msg(worst < 0.51, "%g levels", worst); /* clipping at half a level, and float */
}
END_TEST

/* The photo covers the picture whatever the two shapes are: its centre is the picture's. */
START_TEST(test_photo_covers)
{
    static const int shapes[][4] = {{40, 20, 16, 16}, {20, 40, 16, 16}, {31, 17, 29, 7}, {17, 31, 29, 7},
                                    {5, 5, 16, 9},    {33, 32, 9, 16},  {2, 30, 16, 10}, {7, 3, 7, 3}};
    const int *s = shapes[_i];
    float pixels[40 * 40], planes[16 * 16 * 2];
    for (int y = 0; y < s[1]; y++)
        for (int x = 0; x < s[0]; x++) /* rises by the same step from left to right, 1/2 in the middle */
            pixels[y * s[0] + x] = 0.5f + 0.01f * ((float)x - (float)(s[0] - 1) / 2);
    const ph_photo photo = {s[0], s[1], 1, pixels};
    ck_assert_int_eq(ph_init_photo(&photo, s[2], s[3], false, planes, NULL), PH_OK);
    double sum = 0;
    for (int i = 0; i < s[2] * s[3]; i++)
        sum += (double)planes[i];
    /* The logit is odd around 1/2; a crop at whole pixels may be half a pixel off: 0.01 x 4 (its slope) x the ratio. */
    ck_assert(fabs(sum / (s[2] * s[3])) <= 0.021 * fmax(1, (double)s[0] / s[2]));
}
END_TEST

START_TEST(test_photo_misuse)
{
    float pixels[4] = {0}, planes[12];
    const ph_photo photo = {2, 2, 1, pixels};
    ph_error err = {0};
    ck_assert_int_eq(ph_init_photo(&photo, 2, 2, true, planes, &err), PH_MISUSE);
    ck_assert_ptr_nonnull(strstr(err.message, "3 channels"));
}
END_TEST

START_TEST(test_allocations)
{
    float pixels[16 * 12 * 3], planes[3 * 16 * 12], scale[12 * 9], coefficients[3 * 2 * 12 * 9];
    const ph_photo photo = sunset(pixels, 16, 12, 3);
    ph_spectrum_scale(16, 12, 1, scale);
    bool hit = true;
    long n = 1;
    for (; hit; n++) {
        fail_alloc_at(n);
        ph_status status = ph_init_photo(&photo, 16, 12, true, planes, NULL);
        if (status == PH_OK)
            status = ph_init_spectrum(planes, 3, 16, 12, scale, coefficients, NULL);
        hit = fail_alloc_stop();
        ck_assert_int_eq(status, hit ? PH_NO_MEMORY : PH_OK);
    }
    ck_assert_int_gt(n, 10);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("start");
    TCase *tcase = tcase_create("start");
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, test_matrix);
    tcase_add_test(tcase, test_luminance);
    tcase_add_test(tcase, test_tables);
    tcase_add_loop_test(tcase, test_dft, 0, (int)(sizeof sizes / sizeof sizes[0]));
    tcase_add_test(tcase, test_noise);
    tcase_add_loop_test(tcase, test_photo, 0, 4);
    tcase_add_loop_test(tcase, test_photo_covers, 0, 8);
    tcase_add_test(tcase, test_photo_misuse);
    tcase_add_test(tcase, test_allocations);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
