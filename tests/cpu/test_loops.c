/* The hot loops: every instruction set gives the bits of the baseline, on lengths around the vector widths; and the
 * normalization, whose root is an iteration of ours, is what its formula says. */
#include "kernels/cpu/loops.h"
#include "kernels/element/element_cpu.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ROOM = 1 << 16 };

static const int64_t lengths[] = {1, 2, 3, 15, 16, 17, 31, 33, 48, 63, 64, 65, 100, 508};
enum { LENGTHS = sizeof lengths / sizeof *lengths };

typedef struct buffers {
    float *x, *dy, *y, *scratch;
    uint8_t *chosen;
} buffers;

/* Quarters in [-8, 8): ties, zeros and both signs are common. */
static void fill(float *to, uint32_t state)
{
    for (int i = 0; i < ROOM; i++) {
        state = state * 1664525u + 1013904223u;
        to[i] = (float)((int)(state >> 26) - 32) / 4.0f;
    }
}

static buffers make(void)
{
    buffers b = {malloc(ROOM * 4), malloc(ROOM * 4), malloc(ROOM * 4), malloc(ROOM * 4), malloc(ROOM * 4)};
    ck_assert(b.x && b.dy && b.y && b.scratch && b.chosen);
    fill(b.x, 1);
    fill(b.dy, 2);
    fill(b.y, 3);
    memset(b.chosen, 0, ROOM * 4);
    return b;
}

static void drop(buffers *b)
{
    free(b->x), free(b->dy), free(b->y), free(b->scratch), free(b->chosen);
}

static void run_pool(const ph_cpu_loops *loops, buffers *b, int64_t channels, bool wide, bool add)
{
    ph_pool_loop l = {.from = b->x, .to = b->y, .chosen = b->chosen, .wide = wide, .channels = channels};
    const int64_t in[2] = {6, 7}, out[2] = {3, 4};
    for (int i = 0; i < 2; i++) {
        l.in_size[i] = in[i], l.out_size[i] = out[i], l.kernel[i] = 3, l.stride[i] = 2, l.dilation[i] = 1;
        l.pad_begin[i] = l.pad_end[i] = 1;
    }
    loops->max_pool(&l, 0, 0, 3);
    float *dx = b->y + 12 * channels;
    l.from = b->dy;
    l.to = dx;
    l.add = add;
    loops->max_pool_back(&l, 0, 0, 6);
    l.to = dx + 42 * channels;
    loops->average_pool_back(&l, 0, 0, 6);
    l.from = b->x;
    l.to = dx + 84 * channels;
    loops->average_pool(&l, 0, 0, 3);
}

static void run_lrn(const ph_cpu_loops *loops, buffers *b, int64_t channels, int64_t size, float beta, float *y)
{
    ph_lrn_loop l = {.x = b->x, .y = y, .dy = b->dy, .scratch = b->scratch, .channels = channels, .alpha = 0.3f};
    l.beta = beta;
    l.bias = 1.5f;
    l.before = (size - 1) / 2 < channels ? (size - 1) / 2 : channels - 1;
    l.after = size / 2 < channels ? size / 2 : channels - 1;
    ph_lrn_scratch(&l);
    ck_assert_int_le(l.scratch_floats, ROOM);
    loops->lrn(&l, 0, 0, 11);
    l.y = y + 11 * channels;
    loops->lrn_back(&l, 0, 0, 11);
}

static void run_act(const ph_cpu_loops *loops, buffers *b, int64_t channels, ph_act_kind kind)
{
    ph_act_loop l = {.x = b->x, .y = b->y, .kind = kind, .a = 0.5f, .b = 3.0f, .slope = b->dy, .channels = channels};
    l.inner = kind == PH_ACT_PRELU && channels % 2 ? 3 : 1;
    const int64_t count = 4 * channels * l.inner;
    loops->act(&l, 0, 0, count);
    const ph_act_back_loop back = {.act = l, .from = b->dy, .to = b->y + count, .add = true};
    loops->act_back(&back, 0, 1, count);
    const ph_rectify_loop rectify = {b->x, b->dy, b->y + 2 * count, 3.0f, kind % 2 == 0, kind % 3 == 0};
    loops->rectify(&rectify, 0, 0, count);
}

static void run_moves(const ph_cpu_loops *loops, buffers *b, int64_t n)
{
    const ph_swap_loop swap = {b->x, b->y, n, 67, n % 2 == 0};
    loops->swap(&swap, 0, 0, ph_swap_tiles(n, 67));
    ph_block_loop blocks = {.from = b->x, .gate = n % 2 ? b->dy : NULL, .to = b->y, .channels = n, .area = 67};
    loops->block(&blocks, 0, 0, ph_block_tiles(67));
    blocks = (ph_block_loop){.from = b->x, .to = b->y, .channels = n, .area = 67, .add = n % 3 == 0};
    loops->unblock(&blocks, 0, 0, ph_block_tiles(67));
    const ph_affine_loop affine = {b->x, b->y, b->dy, n % 3 ? b->dy + n : NULL, n, n % 2 ? 1 : 5, n % 4 == 0};
    loops->affine(&affine, 0, 0, 5);
    ph_product_loop product = {.a = b->x, .b = b->dy, .bias = b->x, .c = b->y, .m = 7, .n = n, .k = 19, .a_column = 1};
    product.a_row = 19;
    loops->product(&product, 0, 0, 2 * ((n + PH_PANEL - 1) / PH_PANEL));
}

static void run_all(const ph_cpu_loops *loops, buffers *b, int64_t n, int what)
{
    if (what == 0)
        run_moves(loops, b, n);
    else if (what < 1 + PH_ACT_COUNT)
        run_act(loops, b, n, (ph_act_kind)(what - 1));
    else if (what < 5 + PH_ACT_COUNT)
        run_pool(loops, b, n, (what - PH_ACT_COUNT) % 2, (what - PH_ACT_COUNT) / 2 % 2);
    else
        run_lrn(loops, b, n, what % 2 ? 5 : 11, what % 3 ? (what % 3 == 1 ? 0.75f : 0.5f) : 0.6f, b->y);
}

enum { WHATS = 11 + PH_ACT_COUNT };

START_TEST(variants_give_the_same_bits)
{
    for (int k = 1; k < PH_ELEMENT_CPU_VARIANTS; k++) {
        if (!ph_cpu_loops_variant(k))
            continue;
        buffers want = make(), got = make();
        run_all(ph_cpu_loops_variant(0), &want, lengths[_i % LENGTHS], _i / LENGTHS);
        run_all(ph_cpu_loops_variant(k), &got, lengths[_i % LENGTHS], _i / LENGTHS);
        ck_assert_msg(memcmp(want.y, got.y, ROOM * 4) == 0, "variant %d, loop %d, length %d", k, _i / LENGTHS,
                      (int)lengths[_i % LENGTHS]);
        ck_assert(memcmp(want.chosen, got.chosen, ROOM * 4) == 0);
        drop(&want);
        drop(&got);
    }
}
END_TEST

/* One or two images of 70 positions. A block holds 8 channels of all positions; where the gate is closed even a NaN is
 * 0. */
START_TEST(blocks_hold_the_image)
{
    enum { AREA = 70 };
    const int64_t channels = lengths[_i], images = channels < 400 ? 2 : 1, tiles = images * ph_block_tiles(AREA);
    const int64_t count = images * AREA * channels, floats = images * ph_block_floats(channels, AREA);
    ck_assert_int_le(floats, ROOM);
    buffers b = make();
    const ph_cpu_loops *loops = ph_cpu_best_loops();
    b.x[0] = NAN, b.dy[0] = -1.0f;
    ph_block_loop l = {.from = b.x, .gate = b.dy, .to = b.y, .channels = channels, .area = AREA};
    loops->block(&l, 0, 0, tiles);
    for (int64_t i = 0; i < floats; i++) {
        const int64_t image = i / ph_block_floats(channels, AREA), within = i % ph_block_floats(channels, AREA);
        const int64_t channel = within / (AREA * PH_BLOCK_WIDTH) * PH_BLOCK_WIDTH + within % PH_BLOCK_WIDTH;
        const int64_t at = (image * AREA + within / PH_BLOCK_WIDTH % AREA) * channels + channel;
        ck_assert(b.y[i] == (channel < channels && b.dy[at] > 0.0f ? b.x[at] : 0.0f));
    }
    b.x[0] = 1.0f;
    l.gate = NULL;
    loops->block(&l, 0, 0, tiles);
    for (int add = 0; add < 2; add++) {
        const ph_block_loop back = {.from = b.y, .to = b.scratch, .channels = channels, .area = AREA, .add = add};
        loops->unblock(&back, 0, 0, tiles);
        for (int64_t i = 0; i < count; i++)
            ck_assert(b.scratch[i] == (float)(1 + add) * b.x[i]);
    }
    drop(&b);
}
END_TEST

/* Sums of 11 and three Newton steps: a few 2^-24 each. */
static const double lrn_tolerance = 3e-6;

START_TEST(lrn_is_its_formula)
{
    static const struct {
        int64_t size;
        double beta;
    } cases[] = {{5, 0.75}, {11, 0.5}, {4, 0.5}, {3, 1.0}, {7, 0.6}, {1, 0.75}, {64, 0.5}};
    const int64_t size = cases[_i].size, channels = 33;
    buffers b = make();
    run_lrn(ph_cpu_best_loops(), &b, channels, size, (float)cases[_i].beta, b.y);
    for (int64_t i = 0; i < 11 * channels; i++) {
        const int64_t c = i % channels;
        double sum = 0;
        for (int64_t j = c - (size - 1) / 2; j <= c + size / 2; j++)
            if (j >= 0 && j < channels)
                sum += (double)b.x[i - c + j] * (double)b.x[i - c + j];
        const double want = (double)b.x[i] * pow(1.5 + (double)0.3f * sum, -(double)(float)cases[_i].beta);
        ck_assert_double_le(fabs((double)b.y[i] - want), lrn_tolerance * (fabs(want) + 1e-6));
    }
    drop(&b);
}
END_TEST

/* Whatever a diverging picture brings: no surprise beyond what the numbers are. */
START_TEST(lrn_of_extreme_values)
{
    buffers b = make();
    for (int64_t c = 0; c < 33; c++)
        b.x[c] = c % 2 ? 1e30f : -1e30f;
    b.x[33 + 7] = NAN;
    run_lrn(ph_cpu_best_loops(), &b, 33, 5, 0.75f, b.y);
    for (int64_t c = 0; c < 33; c++)
        ck_assert(isfinite(b.y[c]));
    for (int64_t c = 0; c < 33; c++)
        ck_assert_int_eq(isnan(b.y[33 + c]) != 0, c >= 5 && c <= 9);
    drop(&b);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("cpu loops");
    TCase *tcase = tcase_create("loops");
    tcase_add_loop_test(tcase, variants_give_the_same_bits, 0, LENGTHS * WHATS);
    tcase_add_loop_test(tcase, blocks_hold_the_image, 0, LENGTHS);
    tcase_add_loop_test(tcase, lrn_is_its_formula, 0, 7);
    tcase_add_test(tcase, lrn_of_extreme_values);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
