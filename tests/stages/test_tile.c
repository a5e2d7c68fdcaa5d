/* Tiles of a torus, their adjoint, the size of a gradient, the pyramid. */
#include <string.h>

#include "stages.h"

enum { W = 23, H = 17, CHANNELS = 3, PIXELS = W * H, VALUES = CHANNELS * PIXELS };

static const int order[CHANNELS] = {2, 0, 1};
static const float gain[CHANNELS] = {2.0f, 0.5f, -1.5f}, offset[CHANNELS] = {0.1f, -0.2f, 3.0f};

/* Smaller than the picture, as large, larger than it twice over, and mixed; anywhere on the torus. */
static const struct placing {
    int width, height, x, y;
} placings[] = {{7, 5, 0, 0}, {7, 5, 20, 15}, {W, H, 11, 3}, {60, 40, 5, 16}, {7, 40, 22, 1}, {60, 5, 1, 14}};
enum { PLACINGS = sizeof placings / sizeof *placings };

START_TEST(tiles_show_the_torus)
{
    const struct placing p = placings[_i];
    const int tiles = 2, count = tiles * p.width * p.height;
    const int origins[4] = {p.y, p.x, (p.y + 9) % H, (p.x + 13) % W};
    float *picture = stages_random(1, VALUES, 0, 1), *input = stages_output((int64_t)CHANNELS * count);
    double *want = stages_doubles((int64_t)CHANNELS * count);
    for (int t = 0; t < tiles; t++)
        for (int k = 0; k < CHANNELS; k++)
            for (int y = 0; y < p.height; y++)
                for (int x = 0; x < p.width; x++) {
                    const int py = (origins[2 * t] + y) % H, px = (origins[2 * t + 1] + x) % W;
                    want[((t * CHANNELS + k) * p.height + y) * p.width + x] =
                        (double)picture[order[k] * PIXELS + py * W + px] * (double)gain[k] + (double)offset[k];
                }
    RUN(tile, 2, count,
        {.picture = picture,
         .origins = origins,
         .input = input,
         .gain = gain,
         .offset = offset,
         .order = order,
         .channels = CHANNELS,
         .width = W,
         .height = H,
         .tile_width = p.width,
         .tile_height = p.height});
    stages_near("tile", input, want, (int64_t)CHANNELS * count, 1e-6, 1e-6);
    stages_free(picture);
    stages_free(input);
    free(want);
}
END_TEST

/* <tile(p) - offset, weight y> = <p, tile_vjp(y)>; a second tile is added to the first. */
START_TEST(gradients_are_the_adjoint)
{
    const struct placing p = placings[_i];
    const int origin[2] = {p.y, p.x}, count = p.width * p.height, values = CHANNELS * count;
    float *picture = stages_random(1, VALUES, -1, 1), *y = stages_random(2, values, -1, 1);
    float *weight_x = stages_random(3, p.width, 0, 1), *weight_y = stages_random(4, p.height, 0, 1);
    float *input = stages_output(values), *gradient = stages_random(5, VALUES, -1, 1);
    float *before = stages_copy(gradient, VALUES);
    const float none[CHANNELS] = {0};
    RUN(tile, 1, count,
        {.picture = picture,
         .origins = origin,
         .input = input,
         .gain = gain,
         .offset = none,
         .order = order,
         .channels = CHANNELS,
         .width = W,
         .height = H,
         .tile_width = p.width,
         .tile_height = p.height});
    const int columns = p.width < W ? p.width : W, lines = p.height < H ? p.height : H;
    RUN(tile_vjp, 2, lines * columns,
        {.input_gradient = y,
         .origin = origin,
         .gradient = gradient,
         .weight_y = weight_y,
         .weight_x = weight_x,
         .gain = gain,
         .order = order,
         .channels = CHANNELS,
         .width = W,
         .height = H,
         .tile_width = p.width,
         .tile_height = p.height});
    double left = 0;
    for (int k = 0; k < CHANNELS; k++)
        for (int i = 0; i < count; i++)
            left += (double)input[k * count + i] * (double)y[k * count + i] * (double)weight_y[i / p.width] *
                    (double)weight_x[i % p.width];
    const double right = stages_dot(picture, gradient, VALUES) - stages_dot(picture, before, VALUES);
    stages_equal("<tile p, y> and <p, tile_vjp y>", left, right, 1e-4);
    stages_free(picture);
    stages_free(y);
    stages_free(weight_x);
    stages_free(weight_y);
    stages_free(input);
    stages_free(gradient);
    stages_free(before);
}
END_TEST

START_TEST(sizes_of_gradients)
{
    enum { LENGTH = 2500, GROUPS = 3 };
    const bool square = _i % 2, root = square;
    float *values = stages_random(7, LENGTH, -2, 3), *rate = stages_output(2);
    double sums[GROUPS] = {0}, spread[1] = {0}, want = 0;
    RUN(abs_sums, 2, GROUPS, {.values = values, .sums = sums, .length = LENGTH, .square = square});
    RUN(spread_sums, 1, 1, {.values = sums, .sums = spread, .length = GROUPS});
    for (int i = 0; i < LENGTH; i++)
        want += square ? (double)values[i] * (double)values[i] : fabs((double)values[i]);
    stages_equal("sum", spread[0], want, 1e-9 * want);
    want = root ? sqrt(want / 1000) : want / 1000;
    RUN(magnitude, 1, 1, {.sums = spread, .rate = rate, .count = 1, .weight = 1000, .numerator = 3, .root = root});
    stages_equal("rate", (double)rate[0], 3 / want, 1e-6);
    stages_equal("size", (double)rate[1], want, 1e-6);
    spread[0] = 0;
    RUN(magnitude, 1, 1, {.sums = spread, .rate = rate, .count = 1, .weight = 1000, .numerator = 3, .root = root});
    stages_equal("rate of nothing", (double)rate[0], 0, 0);
    stages_free(values);
    stages_free(rate);
}
END_TEST

START_TEST(climbing_stays_in_range)
{
    enum { COUNT = 9 };
    float *picture = stages_copy((const float[COUNT]){0, 0.5f, 1, 0.5f, 0.9f, 0.1f, 0.25f, 0, 1}, COUNT);
    const float gradient[COUNT] = {-1, 0.1f, 1, -0.2f, 9, -9, 0, 0.5f, -0.5f}, rate = 0.5f;
    const double want[COUNT] = {0, 0.55, 1, 0.4, 1, 0, 0.25, 0.25, 0.75};
    RUN(climb, 1, COUNT, {.picture = picture, .gradient = gradient, .rate = &rate});
    stages_near("climb", picture, want, COUNT, 1e-7, 0);
    stages_free(picture);
}
END_TEST

/* ---- The pyramid ------------------------------------------------------------------------------------------------- */

static const struct size {
    int width, height;
} sizes[] = {{W, H}, {W + 1, H + 1}, {W, H + 1}, {2, 3}, {1, 1}, {1, 6}};
enum { SIZES = sizeof sizes / sizeof *sizes, PLANES = 2 };

/* TensorFlow's conv2d with stride 2 and padding SAME: of the padding, the smaller half comes first. */
static int padding(int size)
{
    const int total = ((size + 1) / 2 - 1) * 2 + 5 - size;
    return (total > 0 ? total : 0) / 2;
}

START_TEST(coarse_is_a_blur)
{
    static const double taps[5] = {1.0 / 16, 4.0 / 16, 6.0 / 16, 4.0 / 16, 1.0 / 16};
    const int w = sizes[_i].width, h = sizes[_i].height, cw = (w + 1) / 2, ch = (h + 1) / 2;
    float *fine = stages_random(1, (int64_t)PLANES * w * h, -1, 1), *coarse = stages_output((int64_t)PLANES * cw * ch);
    double *want = stages_doubles((int64_t)PLANES * cw * ch);
    for (int p = 0; p < PLANES; p++)
        for (int i = 0; i < ch * cw; i++)
            for (int a = 0; a < 5; a++)
                for (int b = 0; b < 5; b++) {
                    const int y = 2 * (i / cw) + a - padding(h), x = 2 * (i % cw) + b - padding(w);
                    if (y >= 0 && y < h && x >= 0 && x < w)
                        want[p * cw * ch + i] += taps[a] * taps[b] * (double)fine[(p * h + y) * w + x];
                }
    RUN(pyramid_down, 2, PLANES * cw * ch, {.fine = fine, .coarse = coarse, .width = w, .height = h});
    stages_near("pyramid_down", coarse, want, (int64_t)PLANES * cw * ch, 1e-6, 0);
    stages_free(fine);
    stages_free(coarse);
    free(want);
}
END_TEST

/* 4 <down f, c> = <f, up c>; and what is split off comes back. */
START_TEST(fine_is_the_adjoint)
{
    const int w = sizes[_i].width, h = sizes[_i].height, cw = (w + 1) / 2, ch = (h + 1) / 2;
    const int fine_count = PLANES * w * h, coarse_count = PLANES * cw * ch;
    float *f = stages_random(1, fine_count, -1, 1), *c = stages_random(2, coarse_count, -1, 1);
    float *down = stages_output(coarse_count), *up = stages_random(3, fine_count, -1, 1);
    float *start = stages_copy(up, fine_count);
    const float half = 0.5f, twice = 2.0f;
    RUN(pyramid_down, 1, coarse_count, {.fine = f, .coarse = down, .width = w, .height = h});
    RUN(pyramid_up, 2, fine_count,
        {.coarse = c, .fine = up, .fine_rate = &half, .coarse_rate = &twice, .width = w, .height = h, .factor = 3});
    const double added = stages_dot(f, up, fine_count) - 0.5 * stages_dot(f, start, fine_count);
    stages_equal("adjoint", added, 6 * 4 * stages_dot(down, c, coarse_count), 1e-4);
    RUN(pyramid_up, 1, fine_count, {.coarse = down, .fine = f, .width = w, .height = h, .factor = -1});
    RUN(pyramid_up, 1, fine_count, {.coarse = down, .fine = f, .width = w, .height = h, .factor = 1});
    float *again = stages_random(1, fine_count, -1, 1);
    for (int i = 0; i < fine_count; i++)
        stages_equal("split and merged", (double)f[i], (double)again[i], 1e-6);
    stages_free(f);
    stages_free(c);
    stages_free(down);
    stages_free(up);
    stages_free(start);
    stages_free(again);
}
END_TEST

/* ---- The guide --------------------------------------------------------------------------------------------------- */

/* More positions than lanes and more guide features than a block, both with a rest; few channels, so that ties can be
 * made: two guide features are the same, the first must win. */
START_TEST(guides_match_best)
{
    enum { BATCH = 2, C = 5, P = 37, G = 21 };
    float *activation = stages_random(1, BATCH * C * P, -1, 1), *guide = stages_random(2, C * G, -1, 1);
    float *best = stages_output(BATCH * P), *gradient = stages_output(BATCH * C * P);
    float objective[BATCH] = {5, 5};
    int match[BATCH * P];
    double *want = stages_doubles(BATCH * C * P), sums[BATCH] = {0};
    for (int c = 0; c < C; c++)
        guide[c * G + 20] = guide[c * G + 3];
    RUN(guide_match, 2, BATCH * P, {activation, guide, match, best, C, P, G});
    RUN(guide_value, 1, BATCH, {best, objective, C, P, 3, _i});
    RUN(guide_seed, 2, BATCH * C * P, {guide, match, gradient, C, P, G, 3});
    int third = 0;
    for (int i = 0; i < BATCH * P; i++) {
        const int b = i / P, p = i % P;
        double most = -1e9;
        int where = -1;
        for (int j = 0; j < G; j++) {
            double dot = 0;
            for (int c = 0; c < C; c++)
                dot += (double)activation[(b * C + c) * P + p] * (double)guide[c * G + j];
            if (dot > most + 1e-6) {
                most = dot;
                where = j;
            }
        }
        ck_assert_int_eq(match[i], where);
        third += where == 3;
        sums[b] += most;
        for (int c = 0; c < C; c++)
            want[(b * C + c) * P + p] = 3.0 / (C * P) * (double)guide[c * G + where];
    }
    ck_assert_int_gt(third, 0);
    stages_near("guide_seed", gradient, want, BATCH * C * P, 1e-8, 1e-6);
    for (int b = 0; b < BATCH; b++)
        stages_equal("guide_value", (double)objective[b], 3 * sums[b] / (C * P) + (_i ? 5 : 0), 1e-6);
    stages_free(activation);
    stages_free(guide);
    stages_free(best);
    stages_free(gradient);
    free(want);
}
END_TEST

static void add(TCase *tcase)
{
    tcase_add_loop_test(tcase, guides_match_best, 0, 2);
    tcase_add_loop_test(tcase, tiles_show_the_torus, 0, PLACINGS);
    tcase_add_loop_test(tcase, gradients_are_the_adjoint, 0, PLACINGS);
    tcase_add_loop_test(tcase, sizes_of_gradients, 0, 2);
    tcase_add_test(tcase, climbing_stays_in_range);
    tcase_add_loop_test(tcase, coarse_is_a_blur, 0, SIZES);
    tcase_add_loop_test(tcase, fine_is_the_adjoint, 0, SIZES);
}

int main(void)
{
    return stages_main("tile", add);
}
