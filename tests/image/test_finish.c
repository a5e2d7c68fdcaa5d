/* The finished picture: rounding, contrast, colours; and contact sheets. */
#include "host/base/alloc.h"
#include "host/image/colour_space.h"
#include "host/image/finish.h"
#include "host/image/grid.h"
#include "tests/base/fail_alloc.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { WIDTH = 32, HEIGHT = 24, PIXELS = WIDTH * HEIGHT };

/* Waves and a little noise, different in each plane. */
static void fill(float *planes, int channels, double size)
{
    for (int c = 0; c < channels; c++)
        for (int i = 0; i < PIXELS; i++)
            planes[c * PIXELS + i] = (float)(size * (sin(0.41 * (i % WIDTH) + c) + cos(0.23 * (i / WIDTH) - c) +
                                                     0.2 * ((i * 7919) % 31 / 31.0 - 0.5)));
}

START_TEST(test_rounding)
{
    /* sigmoid: 0 -> 127.5 (rounds up), +-20 -> 0 and 255, log 3 -> 191.25, -1.386294 -> 51 exactly */
    static const float planes[5] = {0, -20, 20, 1.0986123f, -1.3862944f};
    static const uint8_t expected[5] = {128, 0, 255, 191, 51};
    uint8_t pixels[5];
    float picture[5];
    const ph_finish job = {.planes = planes, .channels = 1, .width = 5, .height = 1};
    ck_assert_int_eq(ph_finish_run(&job, pixels, picture, NULL), PH_OK);
    ck_assert_mem_eq(pixels, expected, 5);
    for (int i = 0; i < 5; i++)
        ck_assert(picture[i] == (float)expected[i] / 255.0f);
    ck_assert_int_eq(ph_finish_run(&job, pixels, NULL, NULL), PH_OK);
    ck_assert_mem_eq(pixels, expected, 5);
}
END_TEST

/* One pixel through the colour matrix, computed here in double. */
START_TEST(test_mix)
{
    static const float planes[3] = {0.8f, -1.2f, 0.5f};
    uint8_t pixels[3];
    const ph_finish job = {.planes = planes, .channels = 3, .width = 1, .height = 1, .mix = true};
    ck_assert_int_eq(ph_finish_run(&job, pixels, NULL, NULL), PH_OK);
    for (int c = 0; c < 3; c++) {
        double sum = 0;
        for (int j = 0; j < 3; j++)
            sum += (double)ph_colour_matrix[3 * c + j] * (double)planes[j];
        ck_assert_int_eq(pixels[c], (int)(255 / (1 + exp(-sum)) + 0.5));
    }
}
END_TEST

static const struct {
    int channels, shown;
    bool mix;
    double size, contrast;
} contrasts[] = {{3, 3, true, 0.5, 0.18}, {3, 3, false, 0.5, 0.18}, {1, 1, false, 0.5, 0.18}, {3, 3, true, 2, 0.05},
                 {3, 3, true, 0.2, 0.18}, {5, 3, false, 0.5, 0.3},  {3, 3, true, 4, 0.18},    {3, 3, true, 2, 0.4}};

/* The deviation asked for is the deviation that the 8-bit picture has: to the 1e-4 of the bisection, and what rounding
 * to 256 levels adds: a variance of 1/12 of a level squared, below 1e-4 of a deviation of 0.05 and more. */
START_TEST(test_contrast)
{
    const int channels = contrasts[_i].channels, shown = contrasts[_i].shown;
    float planes[5 * PIXELS], picture[5 * PIXELS], seen[3 * PIXELS];
    uint8_t pixels[3 * PIXELS];
    fill(planes, channels, contrasts[_i].size);
    const ph_finish job = {planes, channels, WIDTH, HEIGHT, contrasts[_i].mix, contrasts[_i].contrast};
    ck_assert_int_eq(ph_finish_channels(channels), shown);
    ck_assert_int_eq(ph_finish_run(&job, pixels, picture, NULL), PH_OK);
    int different = 0;
    for (int c = 0; c < shown; c++)
        for (int i = 0; i < PIXELS; i++) {
            seen[c * PIXELS + i] = (float)pixels[i * shown + c] / 255.0f;
            different += picture[c * PIXELS + i] != seen[c * PIXELS + i];
        }
    ck_assert_int_eq(different, 0);
    const double found = ph_luminance_deviation(seen, shown, PIXELS);
    ck_assert_msg(fabs(found - contrasts[_i].contrast) <= 3e-4, "%g", found);
}
END_TEST

/* Contrast 0, a flat picture, and pictures beyond what a factor of 8 or 1/8 reaches. */
START_TEST(test_contrast_limits)
{
    float planes[PIXELS];
    uint8_t pixels[PIXELS], as_is[PIXELS];
    fill(planes, 1, 0.1);
    ph_finish job = {planes, 1, WIDTH, HEIGHT, false, 0};
    ck_assert_int_eq(ph_finish_run(&job, as_is, NULL, NULL), PH_OK);
    for (int i = 0; i < PIXELS; i++)
        ck_assert_int_eq(as_is[i], (int)(255 / (1 + exp(-(double)planes[i])) + 0.5));
    for (int i = 0; i < PIXELS; i++)
        planes[i] = 0.3f;
    job.contrast = 0.18;
    ck_assert_int_eq(ph_finish_run(&job, pixels, NULL, NULL), PH_OK);
    for (int i = 0; i < PIXELS; i++)
        ck_assert_int_eq(pixels[i], 146); /* 255 / (1 + e^-0.3) = 146.48: not amplified */
    fill(planes, 1, 1e-2);
    double mean = 0;
    for (int i = 0; i < PIXELS; i++)
        mean += (double)planes[i] / PIXELS;
    ck_assert_int_eq(ph_finish_run(&job, pixels, NULL, NULL), PH_OK);
    for (int i = 0; i < PIXELS; i++) {
        const double stretched = mean + 8 * ((double)planes[i] - mean);
        ck_assert_int_eq(pixels[i], (int)(255 / (1 + exp(-stretched)) + 0.5));
    }
    fill(planes, 1, 1e6);
    job.contrast = 0.01;
    ck_assert_int_eq(ph_finish_run(&job, pixels, NULL, NULL), PH_OK); /* stays black and white, and finite */
}
END_TEST

/* A picture at logit -2 keeps its darkness: sigmoid(-2) is 0.119, and stretching around mid-grey would give 0. */
START_TEST(test_dark_stays_dark)
{
    float planes[PIXELS], picture[PIXELS];
    uint8_t pixels[PIXELS];
    fill(planes, 1, 0.3);
    for (int i = 0; i < PIXELS; i++)
        planes[i] -= 2;
    const ph_finish job = {planes, 1, WIDTH, HEIGHT, false, 0.1};
    ck_assert_int_eq(ph_finish_run(&job, pixels, picture, NULL), PH_OK);
    double mean = 0;
    for (int i = 0; i < PIXELS; i++)
        mean += (double)picture[i] / PIXELS;
    ck_assert_msg(fabs(ph_luminance_deviation(picture, 1, PIXELS) - 0.1) < 1e-3, "contrast");
    ck_assert_msg(mean > 0.1 && mean < 0.25, "%g", mean);
}
END_TEST

START_TEST(test_two_channels)
{
    static const float planes[4] = {20, -20, -20, 20};
    uint8_t pixels[6];
    const ph_finish job = {.planes = planes, .channels = 2, .width = 2, .height = 1};
    ck_assert_int_eq(ph_finish_run(&job, pixels, NULL, NULL), PH_OK);
    static const uint8_t expected[6] = {255, 0, 128, 0, 255, 128};
    ck_assert_mem_eq(pixels, expected, 6);
}
END_TEST

START_TEST(test_not_finite)
{
    const float bad[2] = {NAN, INFINITY};
    float planes[3] = {0, 0, 0};
    uint8_t pixels[3];
    ph_error err = {0};
    planes[1] = bad[_i];
    ph_finish job = {.planes = planes, .channels = 3, .width = 1, .height = 1, .mix = true, .contrast = 0.18};
    ck_assert_int_eq(ph_finish_run(&job, pixels, NULL, &err), PH_NOT_FINITE);
    job.mix = false;
    ck_assert_int_eq(ph_finish_run(&job, pixels, NULL, &err), PH_NOT_FINITE);
    ck_assert_uint_gt(strlen(err.message), 10);
}
END_TEST

/* ---- Contact sheets --------------------------------------------------------------------------------------------- */

START_TEST(test_grid)
{
    static const struct {
        size_t count;
        int columns, width, height; /* of the sheet, pictures being 3x2 */
    } cases[] = {{1, 0, 3, 2},    {2, 0, 10, 2}, {3, 0, 10, 8}, {4, 0, 10, 8}, {5, 0, 17, 8},
                 {10, 0, 24, 14}, {5, 5, 31, 2}, {5, 1, 3, 26}, {2, 9, 10, 2}};
    uint8_t pictures[10][3 * 2 * 3];
    const uint8_t *list[10];
    for (int i = 0; i < 10; i++) {
        memset(pictures[i], i + 1, sizeof pictures[i]);
        pictures[i][0] = (uint8_t)(100 + i); /* marks the top left */
        list[i] = pictures[i];
    }
    ph_grid *grid = NULL;
    ck_assert_int_eq(ph_grid_new(list, cases[_i].count, 3, 2, 3, cases[_i].columns, &grid, NULL), PH_OK);
    ck_assert_int_eq(grid->width, cases[_i].width);
    ck_assert_int_eq(grid->height, cases[_i].height);
    const int columns = (grid->width + 4) / 7;
    for (int y = 0; y < grid->height; y++)
        for (int x = 0; x < grid->width; x++) {
            const size_t which = (size_t)(y / 6 * columns + x / 7);
            const bool inside = x % 7 < 3 && y % 6 < 2 && which < cases[_i].count;
            const bool corner = inside && x % 7 == 0 && y % 6 == 0;
            const int expected = inside ? (int)which + 1 : 128;
            const uint8_t *pixel = grid->pixels + (y * grid->width + x) * 3;
            ck_assert_int_eq(pixel[0], corner ? 100 + (int)which : expected);
            ck_assert_int_eq(pixel[2], expected);
        }
    ph_grid_free(&grid);
    ck_assert_ptr_null(grid);
    ph_grid_free(&grid);
}
END_TEST

START_TEST(test_grid_misuse)
{
    const uint8_t pixel[3] = {0};
    const uint8_t *list[1] = {pixel};
    ph_grid *grid = NULL;
    ph_error err = {0};
    ck_assert_int_eq(ph_grid_new(list, 0, 1, 1, 3, 0, &grid, &err), PH_MISUSE);
    ck_assert_int_eq(ph_grid_new(list, 1, 0, 1, 3, 0, &grid, &err), PH_MISUSE);
    ck_assert_int_eq(ph_grid_new(list, 1, 1, 1, 3, -1, &grid, &err), PH_MISUSE);
    ck_assert_int_eq(ph_grid_new(list, 900000, 1000, 1000, 3, 0, &grid, &err), PH_MISUSE);
    ck_assert_ptr_null(grid);
}
END_TEST

START_TEST(test_allocations)
{
    float planes[3 * PIXELS];
    uint8_t pixels[3 * PIXELS];
    const uint8_t *list[1] = {pixels};
    fill(planes, 3, 0.5);
    const ph_finish job = {planes, 3, WIDTH, HEIGHT, true, 0.18};
    bool hit = true;
    long n = 1;
    for (; hit; n++) {
        ph_grid *grid = NULL;
        fail_alloc_at(n);
        ph_status status = ph_finish_run(&job, pixels, NULL, NULL);
        if (status == PH_OK)
            status = ph_grid_new(list, 1, WIDTH, HEIGHT, 3, 0, &grid, NULL);
        hit = fail_alloc_stop();
        ck_assert_int_eq(status, hit ? PH_NO_MEMORY : PH_OK);
        ck_assert((grid != NULL) == !hit);
        ph_grid_free(&grid);
    }
    ck_assert_int_eq(n, 6); /* four allocations, each failed once, and the run that got through */
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("finish");
    TCase *tcase = tcase_create("finish");
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, test_rounding);
    tcase_add_test(tcase, test_mix);
    tcase_add_loop_test(tcase, test_contrast, 0, 8);
    tcase_add_test(tcase, test_contrast_limits);
    tcase_add_test(tcase, test_dark_stays_dark);
    tcase_add_test(tcase, test_two_channels);
    tcase_add_loop_test(tcase, test_not_finite, 0, 2);
    tcase_add_loop_test(tcase, test_grid, 0, 9);
    tcase_add_test(tcase, test_grid_misuse);
    tcase_add_test(tcase, test_allocations);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
