/* What changes from step to step: schedule, counter, and the random maps. */
#include <string.h>

#include "stages.h"

START_TEST(schedule_is_the_formula)
{
    static const struct {
        int steps, triangle;
        float open_from, open_to;
    } cases[] = {{256, 1, 0.05f, 2}, {7, 1, 0, 2}, {10, 0, 0.1f, 0.1f}, {2, 1, 0.5f, 0.05f}, {1, 0, 0.05f, 2}};
    const int n = cases[_i].steps;
    ph_step_state state = {0};
    for (int t = 0; t < n; t++) {
        RUN(schedule, 1, 1,
            {&state, n, cases[_i].triangle, 0.2f, 0.5f, 0.999f, cases[_i].open_from, cases[_i].open_to});
        double lr = (double)0.2f, cutoff = 0;
        if (cases[_i].triangle)
            lr *= (t + 1 < n - t ? t + 1 : n - t) / (n / 2.0);
        if (cases[_i].open_from > 0) {
            cutoff = (double)cases[_i].open_from;
            if (n > 1)
                cutoff = exp(log(cutoff) + log((double)cases[_i].open_to / cutoff) * t / (n - 1));
        }
        /* In double, rounded once; exp of a sum of logs adds some 1e-15. */
        ck_assert_int_eq(state.step, t);
        stages_equal("lr", (double)state.lr, lr, 6e-8 * lr);
        stages_equal("correct1", (double)state.correct1, 1 - pow((double)0.5f, t + 1), 6e-8);
        stages_equal("correct2", (double)state.correct2, 1 - pow((double)0.999f, t + 1), 6e-8);
        stages_equal("cutoff", (double)state.cutoff, cutoff, 6.1e-8 * cutoff);
        RUN(advance, 1, 1, {&state});
    }
    ck_assert_int_eq(state.step, n);
}
END_TEST

/* Lucid's standard transforms on 40 x 30 pixels, into a window of the same size. */
static ph_draw_args standard(const ph_step_state *state, const uint64_t *seeds, float *maps)
{
    return (ph_draw_args){.state = state,
                          .seeds = seeds,
                          .maps = maps,
                          .enabled = 1,
                          .width = 40,
                          .height = 30,
                          .window_width = 40,
                          .window_height = 30,
                          .pad = 12,
                          .jitter = 8,
                          .jitter2 = 4,
                          .scale_count = 11,
                          .rotate = 10,
                          .rotate_zeros = 5,
                          .scale_min = 0.9f,
                          .scale_max = 1.1f};
}

static void draw(ph_draw_args args, int64_t pictures, int threads)
{
    ph_cpu_device_head head;
    ck_assert_int_eq(stages_kernels()->draw(stages_device(&head, threads), pictures, args, NULL), PH_OK);
}

static double scale_of(const float *m)
{
    return 1 / hypot((double)m[0], (double)m[1]);
}

static double degrees_of(const float *m)
{
    return atan2((double)m[1], (double)m[0]) * 180 / acos(-1);
}

/* Where the steps of the contract, one after the other, take window pixel (x, y). */
static void compose(const ph_draw_args *a, const int shift1[2], const int shift2[2], double scale, double degrees,
                    const double window[2], double picture[2])
{
    const double angle = -degrees * acos(-1) / 180;
    double x = window[0] - (a->window_width - 1) / 2.0, y = window[1] - (a->window_height - 1) / 2.0;
    x += shift2[0];
    y += shift2[1];
    /* R(angle), y pointing down as x to the right: the usual matrix. */
    const double turned_x = cos(angle) * x - sin(angle) * y, turned_y = sin(angle) * x + cos(angle) * y;
    picture[0] = turned_x / scale + shift1[0] + (a->width - 1) / 2.0;
    picture[1] = turned_y / scale + shift1[1] + (a->height - 1) / 2.0;
}

/* True when the map is the composition, at three corners of the window. Six float entries, positions up to 60: 2e-5. */
static bool composes(const ph_draw_args *a, const float *m, const int shift1[2], const int shift2[2])
{
    const double corners[3][2] = {{0, 0}, {a->window_width - 1.0, 0}, {3, a->window_height - 1.0}};
    for (int i = 0; i < 3; i++) {
        double want[2];
        compose(a, shift1, shift2, scale_of(m), degrees_of(m), corners[i], want);
        const double x = (double)m[0] * corners[i][0] + (double)m[1] * corners[i][1] + (double)m[2];
        const double y = (double)m[3] * corners[i][0] + (double)m[4] * corners[i][1] + (double)m[5];
        if (!(fabs(x - want[0]) < 2e-5 && fabs(y - want[1]) < 2e-5))
            return false;
    }
    return true;
}

/* Every map is a composition of a listed scale, a whole angle and whole shifts in range, also for odd jitter, another
 * window size, and a pad that clamps. */
START_TEST(maps_are_compositions)
{
    ph_step_state state = {.step = 17};
    uint64_t seeds[64];
    float maps[64 * 6];
    for (uint64_t i = 0; i < 64; i++)
        seeds[i] = 1000 + i;
    ph_draw_args a = standard(&state, seeds, maps);
    if (_i == 1) {
        a.jitter = 5;
        a.jitter2 = 7;
        a.window_width = 33;
        a.window_height = 44;
    }
    if (_i == 2) {
        a.pad = 1;
        a.scale_count = 1;
    }
    draw(a, 64, 1);
    const int low1 = -a.jitter / 2 > -a.pad ? -a.jitter / 2 : -a.pad,
              low2 = -a.jitter2 / 2 > -a.pad ? -a.jitter2 / 2 : -a.pad;
    const int high1 = a.jitter - a.jitter / 2 < a.pad ? a.jitter - a.jitter / 2 : a.pad;
    const int high2 = a.jitter2 - a.jitter2 / 2 < a.pad ? a.jitter2 - a.jitter2 / 2 : a.pad;
    for (int b = 0; b < 64; b++) {
        const float *m = maps + 6 * b;
        const double steps = (scale_of(m) - 0.9) / 0.02, degrees = degrees_of(m);
        stages_equal("scale", steps, a.scale_count == 1 ? 0 : round(steps), 2e-5);
        ck_assert(steps > -0.5 && steps < 10.5);
        stages_equal("angle", degrees, round(degrees), 1e-5);
        ck_assert(fabs(degrees) < 10.5);
        ck_assert(m[3] == -m[1] && m[4] == m[0]);
        int found = 0, s1[2], s2[2];
        for (s1[0] = low1; s1[0] <= high1; s1[0]++)
            for (s1[1] = low1; s1[1] <= high1; s1[1]++)
                for (s2[0] = low2; s2[0] <= high2; s2[0]++)
                    for (s2[1] = low2; s2[1] <= high2; s2[1]++)
                        found += composes(&a, m, s1, s2);
        ck_assert_int_ge(found, 1);
    }
}
END_TEST

START_TEST(disabled_is_the_identity)
{
    ph_step_state state = {.step = 3};
    const uint64_t seeds[2] = {5, 6};
    float maps[12];
    ph_draw_args a = standard(&state, seeds, maps);
    a.enabled = 0;
    a.window_width = 30;
    a.window_height = 33;
    draw(a, 2, 1);
    for (int b = 0; b < 2; b++) {
        static const float want[6] = {1, 0, 5, 0, 1, -1.5f};
        for (int i = 0; i < 6; i++)
            ck_assert(maps[6 * b + i] == want[i]);
    }
    /* Nothing to choose from is the identity too. */
    a = standard(&state, seeds, maps);
    a.jitter = a.jitter2 = a.rotate = a.rotate_zeros = 0;
    a.scale_count = 1;
    a.scale_min = 1;
    draw(a, 1, 1);
    ck_assert(maps[0] == 1 && maps[1] == 0 && maps[2] == 0 && maps[3] == 0 && maps[4] == 1 && maps[5] == 0);
}
END_TEST

enum { DRAWS = 20000 };

/* Counts against equal expectation; chi-square with count-1 degrees of freedom stays below mean + 3.7 sd for all but
 * about 1 seed in 1000; the seeds are fixed. */
static void even(const char *what, const int *counts, int count)
{
    double chi = 0, total = 0;
    for (int i = 0; i < count; i++)
        total += counts[i];
    for (int i = 0; i < count; i++) {
        ck_assert_msg(counts[i] > 0, "%s: value %d never occurs", what, i);
        chi += (counts[i] - total / count) * (counts[i] - total / count) * count / total;
    }
    ck_assert_msg(chi < count - 1 + 3.7 * sqrt(2.0 * (count - 1)), "%s: chi-square %g for %d values", what, chi, count);
}

START_TEST(every_value_is_as_likely)
{
    ph_step_state state = {0};
    uint64_t seed = 77;
    float m[6];
    const ph_draw_args turn = standard(&state, &seed, m);
    ph_draw_args only1 = turn;
    only1.jitter2 = only1.rotate = only1.rotate_zeros = 0;
    only1.scale_count = 1;
    only1.scale_min = 1;
    ph_draw_args only2 = only1;
    only2.jitter = 0;
    only2.jitter2 = 4;
    int x1[9] = {0}, y1[9] = {0}, x2[5] = {0}, y2[5] = {0}, scales[11] = {0}, angles[21] = {0};
    int together[45] = {0};
    for (state.step = 0; state.step < DRAWS; state.step++) {
        draw(only1, 1, 1);
        const int first = (int)m[2];
        x1[first + 4]++;
        y1[(int)m[5] + 4]++;
        draw(only2, 1, 1);
        x2[(int)m[2] + 2]++;
        y2[(int)m[5] + 2]++;
        together[(first + 4) * 5 + (int)m[2] + 2]++;
        draw(turn, 1, 1);
        scales[(int)lround((scale_of(m) - 0.9) / 0.02)]++;
        const int degrees = (int)lround(degrees_of(m));
        angles[degrees + 10]++;
    }
    even("shift1 x", x1, 9);
    even("shift1 y", y1, 9);
    even("shift2 x", x2, 5);
    even("shift2 y", y2, 5);
    even("scale", scales, 11);
    even("both shifts", together, 45);
    /* Zero is in the list six times of 26: a binomial with standard deviation 60. */
    stages_equal("zero degrees", angles[10], DRAWS * 6.0 / 26, 4 * 60);
    int turned[20];
    for (int i = 0; i < 20; i++)
        turned[i] = angles[i < 10 ? i : i + 1];
    even("angle", turned, 20);
}
END_TEST

/* A picture's map depends on its seed and the step alone. */
START_TEST(neighbours_do_not_matter)
{
    ph_step_state state = {.step = 9};
    const uint64_t alone[1] = {0x123456789abcdefull}, three[3] = {4, 5, 0x123456789abcdefull};
    uint64_t many[300];
    float one[6], of_three[18], of_many[300 * 6];
    for (uint64_t i = 0; i < 300; i++)
        many[i] = i;
    many[131] = alone[0];
    draw(standard(&state, alone, one), 1, 1);
    draw(standard(&state, three, of_three), 3, 1);
    draw(standard(&state, many, of_many), 300, 2);
    ck_assert(!memcmp(one, of_three + 12, sizeof one));
    ck_assert(!memcmp(one, of_many + 131 * 6, sizeof one));
    ck_assert(memcmp(of_three, of_three + 6, sizeof one));
    state.step = 10;
    draw(standard(&state, alone, of_three), 1, 1);
    ck_assert(memcmp(one, of_three, sizeof one));
}
END_TEST

static void add(TCase *tcase)
{
    tcase_add_loop_test(tcase, schedule_is_the_formula, 0, 5);
    tcase_add_loop_test(tcase, maps_are_compositions, 0, 3);
    tcase_add_test(tcase, disabled_is_the_identity);
    tcase_add_test(tcase, every_value_is_as_likely);
    tcase_add_test(tcase, neighbours_do_not_matter);
}

int main(void)
{
    return stages_main("draw", add);
}
