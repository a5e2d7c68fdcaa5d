/* Where tiles lie, and how they blend. */
#include "host/dream/tiling.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>

static const struct wish {
    int size, largest, overlap;
    bool fixed;
} wishes[] = {{100, 512, 32, false},  {512, 512, 32, false}, {513, 512, 32, false}, {1024, 512, 32, false},
              {4000, 512, 32, false}, {1, 512, 32, false},   {90, 32, 4, false},    {65, 64, 0, false},
              {1000, 224, 32, true},  {224, 224, 32, true},  {50, 224, 32, true},   {225, 224, 112, true},
              {3000, 64, 60, false}};
enum { WISHES = sizeof wishes / sizeof *wishes };

START_TEST(every_pixel_is_seen)
{
    const struct wish w = wishes[_i];
    int count, tile;
    ph_axis axis;
    ph_axis_choose(w.size, w.largest, w.overlap, w.fixed, &count, &tile);
    ck_assert_int_le(tile, w.largest);
    ck_assert_int_ge(count, 1);
    if (w.fixed)
        ck_assert_int_eq(tile, w.largest);
    else if (w.size <= w.largest)
        ck_assert_int_eq(tile, w.size);
    if (count == 1) {
        ck_assert_int_ge(tile, w.size);
    } else {
        ck_assert_int_ge(tile, (w.size + count - 1) / count + w.overlap);
        ck_assert_int_le(tile, w.size);
    }
    ck_assert_int_eq(ph_axis_new(w.size, count, tile, &axis, NULL), PH_OK);
    float *sums = calloc((size_t)w.size, sizeof *sums);
    ck_assert_ptr_nonnull(sums);
    for (int i = 0; i < count; i++) {
        ck_assert_int_eq(axis.starts[i], (int)((long long)w.size * i / count));
        for (int k = 0; k < tile; k++) {
            const float weight = axis.weights[(size_t)i * (size_t)tile + (size_t)k];
            ck_assert(weight > 0 && weight <= 1);
            if (k < w.size)
                sums[(axis.starts[i] + k) % w.size] += weight;
        }
    }
    /* A handful of float weights, each rounded. */
    for (int x = 0; x < w.size; x++)
        ck_assert_msg(fabs((double)sums[x] - 1) < 1e-6, "pixel %d is seen %g times", x, (double)sums[x]);
    free(sums);
    ph_axis_clear(&axis);
}
END_TEST

/* Towards its border a tile counts less and less, so that no step is seen there. */
START_TEST(tiles_fade)
{
    ph_axis axis;
    ck_assert_int_eq(ph_axis_new(300, 3, 132, &axis, NULL), PH_OK);
    for (int k = 1; k < 32; k++) {
        ck_assert(axis.weights[k] > axis.weights[k - 1]);
        ck_assert(axis.weights[131 - k] > axis.weights[132 - k]);
    }
    ck_assert(axis.weights[0] < 0.05f);
    ck_assert(axis.weights[66] >= 1);
    ph_axis_clear(&axis);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("dream-tiling");
    TCase *tcase = tcase_create("tiling");
    tcase_add_loop_test(tcase, every_pixel_is_seen, 0, WISHES);
    tcase_add_test(tcase, tiles_fade);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
