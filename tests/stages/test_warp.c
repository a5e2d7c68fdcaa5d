/* The resample and its adjoint against naive ones in double, for maps far beyond what is drawn. */
#include "stages.h"

typedef struct scene {
    int pictures, channels, width, height, window_width, window_height;
    double scale, degrees, shift_x, shift_y; /* about the centres */
} scene;

static const scene scenes[] = {
    {1, 3, 24, 18, 24, 18, 1, 0, 0, 0},       {3, 3, 21, 17, 21, 17, 1.1, 10, 3, -4},
    {1, 1, 19, 23, 19, 23, 0.9, -10, -6, 2},  {3, 4, 15, 31, 16, 33, 2, 45, 0.25, 7.5},
    {1, 3, 40, 33, 17, 20, 0.5, 137, 1, 1},   {3, 3, 33, 40, 64, 51, 0.5, -90, 12, -12},
    {1, 7, 5, 3, 4, 9, 1, 180, 0, 0},         {1, 3, 1, 1, 3, 3, 1, 30, 0.5, 0.5},
    {1, 2, 30, 30, 1, 1, 1.3, 3, 0, 0},       {1, 3, 20, 20, 20, 20, 1, 0, 500, 0},
    {3, 3, 97, 35, 97, 35, 1.02, 4, -11, 12},
};
enum { SCENES = sizeof scenes / sizeof *scenes };

static int64_t picture_count(const scene *s)
{
    return (int64_t)s->pictures * s->channels * s->width * s->height;
}

static int64_t window_count(const scene *s)
{
    return (int64_t)s->pictures * s->channels * s->window_width * s->window_height;
}

/* Each picture of a batch a little different. */
static void scene_maps(const scene *s, float *maps)
{
    for (int b = 0; b < s->pictures; b++) {
        const double angle = (s->degrees + 7 * b) * acos(-1) / 180, scale = s->scale * (1 + 0.03 * b);
        const double a = b ? cos(angle) / scale : s->degrees == 0 ? 1 / scale : cos(angle) / scale;
        const double c = sin(angle) / scale;
        const double x = -0.5 * (s->window_width - 1), y = -0.5 * (s->window_height - 1);
        float *m = maps + 6 * b;
        m[0] = (float)a;
        m[1] = (float)c;
        m[2] = (float)(a * x + c * y + 0.5 * (s->width - 1) + s->shift_x);
        m[3] = (float)-c;
        m[4] = (float)a;
        m[5] = (float)(a * y - c * x + 0.5 * (s->height - 1) + s->shift_y + b);
    }
}

static const float gain[7] = {1, -2, 0.5f, 3, 1, 1, 1}, offset[7] = {0.25f, -1, 0, 2, 0, 0, 0};
static const float zeros[7] = {0}, ones[7] = {1, 1, 1, 1, 1, 1, 1};

/* Reversed, as for BGR networks. */
static void scene_order(const scene *s, int *order)
{
    for (int k = 0; k < s->channels; k++)
        order[k] = s->channels - 1 - k;
}

static double hat(double x)
{
    return fabs(x) < 1 ? 1 - fabs(x) : 0;
}

/* Visits, for one input pixel, the four pixels around where it reads: weight and index in the plane, -1 outside. */
typedef struct tap {
    int64_t index;
    double weight;
} tap;

static void naive_taps(const scene *s, const float *m, int x, int y, tap taps[4])
{
    const double sx = (double)m[0] * x + (double)m[1] * y + (double)m[2];
    const double sy = (double)m[3] * x + (double)m[4] * y + (double)m[5];
    for (int i = 0; i < 4; i++) {
        const int qx = (int)floor(sx) + i % 2, qy = (int)floor(sy) + i / 2;
        const bool inside = qx >= 0 && qx < s->width && qy >= 0 && qy < s->height;
        taps[i] = (tap){inside ? (int64_t)qy * s->width + qx : -1, hat(sx - qx) * hat(sy - qy)};
    }
}

/* Forward when `picture`, else the transpose of the linear part, scattered; both in double. */
static void naive(const scene *s, const float *maps, const float *from, double *to, bool forward, float fill)
{
    int order[7];
    scene_order(s, order);
    for (int b = 0; b < s->pictures; b++)
        for (int y = 0; y < s->window_height; y++)
            for (int x = 0; x < s->window_width; x++) {
                tap taps[4];
                naive_taps(s, maps + 6 * b, x, y, taps);
                for (int k = 0; k < s->channels; k++) {
                    const int64_t plane = ((int64_t)b * s->channels + order[k]) * s->width * s->height;
                    const int64_t at = (((int64_t)b * s->channels + k) * s->window_height + y) * s->window_width + x;
                    double sum = 0;
                    for (int i = 0; i < 4; i++) {
                        if (!forward && taps[i].index >= 0)
                            to[plane + taps[i].index] += taps[i].weight * (double)gain[k] * (double)from[at];
                        if (forward)
                            sum += taps[i].weight * (double)(taps[i].index < 0 ? fill : from[plane + taps[i].index]);
                    }
                    if (forward)
                        to[at] = sum * (double)gain[k] + (double)offset[k];
                }
            }
}

static void run_warp(const scene *s, int threads, const float *maps, const float *picture, float *input,
                     const float *gains, const float *offsets, float fill)
{
    int order[7];
    scene_order(s, order);
    RUN(warp, threads, (int64_t)s->pictures * s->window_width * s->window_height,
        {picture, maps, input, gains, offsets, order, s->channels, s->width, s->height, s->window_width,
         s->window_height, fill});
}

static void run_vjp(const scene *s, int threads, const float *maps, const float *d, float *gradient)
{
    int order[7];
    scene_order(s, order);
    RUN(warp_vjp, threads, (int64_t)s->pictures * s->width * s->height,
        {d, maps, gradient, gain, order, s->channels, s->width, s->height, s->window_width, s->window_height});
}

/* Positions up to 100 (600 where shifted far outside) carry 4 roundings of 2^-24: 2e-5 of a pixel; values change by at
 * most 1 per pixel and axis, and the largest gain is 3: 2e-4. A pixel that this moves across a whole position changes
 * no faster: the interpolation is continuous. */
START_TEST(forward_is_the_formula)
{
    const scene *s = &scenes[_i];
    float maps[18], *picture = stages_random(1, picture_count(s), 0, 1), *input = stages_output(window_count(s));
    double *want = stages_doubles(window_count(s));
    scene_maps(s, maps);
    run_warp(s, 2, maps, picture, input, gain, offset, 0.5f);
    naive(s, maps, picture, want, true, 0.5f);
    stages_near("warp", input, want, window_count(s), 2e-4, 0);
    free(want);
    stages_free(picture);
    stages_free(input);
}
END_TEST

/* As above, for up to (2 x 2 / scale)^2 = 16 contributions: 16 x 2e-4, but errors of both signs: a quarter. */
START_TEST(adjoint_is_the_transpose)
{
    const scene *s = &scenes[_i];
    float maps[18], *d = stages_random(2, window_count(s), -1, 1), *got = stages_output(picture_count(s));
    double *want = stages_doubles(picture_count(s));
    scene_maps(s, maps);
    run_vjp(s, 2, maps, d, got);
    naive(s, maps, d, want, false, 0);
    stages_near("warp_vjp", got, want, picture_count(s), 8e-4, 0);
    free(want);
    stages_free(d);
    stages_free(got);
}
END_TEST

/* <A x, y> = <x, A^T y> with the very same weights on both sides: only sums of n products are rounded. */
START_TEST(adjoint_identity)
{
    const scene *s = &scenes[_i];
    float maps[18], *x = stages_random(3, picture_count(s), -1, 1), *y = stages_random(4, window_count(s), -1, 1);
    float *ax = stages_output(window_count(s)), *aty = stages_output(picture_count(s));
    scene_maps(s, maps);
    run_warp(s, 2, maps, x, ax, gain, zeros, 0);
    run_vjp(s, 2, maps, y, aty);
    const double bound = 1e-6 * sqrt(stages_dot(x, x, picture_count(s)) * stages_dot(aty, aty, picture_count(s)));
    stages_equal("<Ax, y>", stages_dot(ax, y, window_count(s)), stages_dot(x, aty, picture_count(s)), bound + 1e-12);
    stages_free(x);
    stages_free(y);
    stages_free(ax);
    stages_free(aty);
}
END_TEST

/* The identity gives the picture, whole shifts move it, bit for bit, in both directions; odd and even sizes. */
START_TEST(whole_shifts_are_exact)
{
    static const int shifts[][2] = {{0, 0}, {3, -2}, {-12, 5}, {1, 30}};
    const int dx = shifts[_i][0], dy = shifts[_i][1];
    const scene s = {1, 1, 37, 26, 35, 28, 1, 0, 0, 0};
    const float map[6] = {1, 0, (float)dx, 0, 1, (float)dy};
    float *picture = stages_random(5, picture_count(&s), 0, 1), *input = stages_output(window_count(&s));
    float *back = stages_output(picture_count(&s));
    run_warp(&s, 2, map, picture, input, ones, zeros, 0.5f);
    for (int y = 0; y < s.window_height; y++)
        for (int x = 0; x < s.window_width; x++) {
            const int qx = x + dx, qy = y + dy;
            const bool inside = qx >= 0 && qy >= 0 && qx < s.width && qy < s.height;
            ck_assert(input[y * s.window_width + x] == (inside ? picture[qy * s.width + qx] : 0.5f));
        }
    run_vjp(&s, 2, map, input, back);
    for (int y = 0; y < s.height; y++)
        for (int x = 0; x < s.width; x++) {
            const int px = x - dx, py = y - dy;
            const bool read = px >= 0 && py >= 0 && px < s.window_width && py < s.window_height;
            ck_assert(back[y * s.width + x] == (read ? picture[y * s.width + x] : 0.0f));
        }
    stages_free(picture);
    stages_free(input);
    stages_free(back);
}
END_TEST

/* Maps that no draw makes must not read or write outside: a point, a line, infinite, not a number. The point is exact:
 * every input pixel reads picture pixel (2, 1), which collects everything. */
START_TEST(degenerate_maps)
{
    static const float maps[][6] = {{0, 0, 2, 0, 0, 1},           {1, 1, 0, 1, 1, 0},
                                    {NAN, 0, 0, 0, 1, 0},         {INFINITY, 0, 0, 0, INFINITY, 0},
                                    {1, 0, NAN, 0, 1, NAN},       {1e30f, 0, 0, 0, 1e30f, 0},
                                    {1e-30f, 0, 2, 0, 1e-30f, 1}, {1, 0, -3e38f, 0, 1, 3e38f}};
    const scene s = {1, 3, 9, 8, 18, 7, 1, 0, 0, 0};
    float *picture = stages_random(6, picture_count(&s), 0, 1), *input = stages_output(window_count(&s));
    float *back = stages_output(picture_count(&s)), *d = stages_random(7, window_count(&s), 1, 1);
    run_warp(&s, 2, maps[_i], picture, input, ones, zeros, 0.5f);
    for (int64_t i = 0; i < window_count(&s); i++)
        ck_assert(input[i] >= 0.0f && input[i] <= 1.0f);
    run_vjp(&s, 2, maps[_i], d, back);
    for (int64_t i = 0; i < picture_count(&s); i++)
        ck_assert(isfinite(back[i]));
    if (_i == 0) {
        const int pixels = s.width * s.height, window = s.window_width * s.window_height;
        for (int k = 0; k < 3; k++) {
            ck_assert(input[k * window] == picture[(2 - k) * pixels + s.width + 2]);
            ck_assert(back[(2 - k) * pixels + s.width + 2] == gain[k] * (float)window);
        }
    }
    stages_free(picture);
    stages_free(input);
    stages_free(back);
    stages_free(d);
}
END_TEST

static void add(TCase *tcase)
{
    tcase_add_loop_test(tcase, forward_is_the_formula, 0, SCENES);
    tcase_add_loop_test(tcase, adjoint_is_the_transpose, 0, SCENES);
    tcase_add_loop_test(tcase, adjoint_identity, 0, SCENES);
    tcase_add_loop_test(tcase, whole_shifts_are_exact, 0, 4);
    tcase_add_loop_test(tcase, degenerate_maps, 0, 8);
}

int main(void)
{
    return stages_main("warp", add);
}
