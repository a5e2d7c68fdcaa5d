/* Every kernel of element.def gives the same bits in every instruction set and for any number of threads. The cases are
 * larger than a thread's least share, so that several threads do work, and odd, so that the shares differ. */
#include <string.h>

#include "stages.h"

enum { BATCH = 3, CHANNELS = 3, W = 73, H = 65, COLUMNS = W / 2 + 1, STEPS = 9, TERMS = 2 };
enum { PIXELS = W * H, BINS = COLUMNS * H, PLANES = BATCH * CHANNELS, VALUES = PLANES * PIXELS };
enum { COEFFICIENTS = 2 * PLANES * BINS, LENGTH = CHANNELS * PIXELS, CHUNKS = (LENGTH + PH_CHUNK - 1) / PH_CHUNK };
enum { SUMS = BATCH * CHUNKS > 2 * PLANES ? BATCH *CHUNKS : 2 * PLANES };

/* All that kernels read and write; one block, so that comparing it sees every write. */
typedef struct world {
    ph_step_state state;
    int second; /* the other branch of kernels that have two: 0 or 1 */
    uint64_t seeds[BATCH];
    int order[CHANNELS];
    ph_head_term terms[BATCH * TERMS];
    float maps[6 * BATCH], gain[CHANNELS], table[BINS], norms[BATCH], course[BATCH * STEPS];
    float a[COEFFICIENTS], b[COEFFICIENTS], c[COEFFICIENTS], d[COEFFICIENTS]; /* COEFFICIENTS > VALUES */
    double sums[SUMS];
} world;
_Static_assert((int)COEFFICIENTS >= (int)VALUES, "a picture must fit where a spectrum does");

static world *world_new(int second)
{
    world *w = calloc(1, sizeof *w);
    ck_assert_ptr_nonnull(w);
    w->second = second;
    w->state = (ph_step_state){.step = 4, .lr = 0.1f, .correct1 = 0.9f, .correct2 = 0.1f, .cutoff = 0.2f};
    float *const arrays[] = {w->a, w->b, w->c, w->d};
    for (int k = 0; k < 4; k++)
        for (int i = 0; i < COEFFICIENTS; i++)
            arrays[k][i] = ph_random_uniform(ph_philox((uint64_t)k, PH_PURPOSE_INIT, 0, (uint64_t)i).x[0]);
    for (int i = 0; i < BINS; i++)
        w->table[i] = (float)i / BINS;
    for (int i = 0; i < SUMS; i++)
        w->sums[i] = 1.0 / (i + 1);
    for (int k = 0; k < CHANNELS; k++) {
        w->order[k] = CHANNELS - 1 - k;
        w->gain[k] = 1.5f - (float)k;
    }
    for (int b = 0; b < BATCH; b++) {
        const float map[6] = {0.98f, 0.1f, 1.7f, -0.1f, 0.98f, (float)b};
        memcpy(w->maps + 6 * b, map, sizeof map);
        w->seeds[b] = (uint64_t)b + 40;
        w->norms[b] = 0.5f + (float)b;
        w->terms[b * TERMS] = (ph_head_term){PH_HEAD_CHANNEL, b, 0, -1, 2};
        w->terms[b * TERMS + 1] = (ph_head_term){b ? PH_HEAD_SQUARE : PH_HEAD_DIRECTION, 0, 0, b ? -1 : 5, -1};
    }
    return w;
}

static const float matrix_row = 0.4f;

/* One row per kernel: how many elements, and its arguments. */
#define PARITY_ROWS(ROW)                                                                                               \
    ROW(schedule, 1, {&w->state, STEPS, !w->second, 0.1f, 0.5f, 0.99f, 0.05f, 2})                                      \
    ROW(advance, 1, {&w->state})                                                                                       \
    ROW(draw, BATCH, {&w->state, w->seeds, w->maps, !w->second, W, H, W, H, 12, 8, 4, 11, 10, 5, 0.9f, 1.1f})          \
    ROW(spectrum, PLANES *BINS, {w->a, w->table, w->b, BINS})                                                          \
    ROW(spectrum_vjp, PLANES *BINS, {w->a, w->table, w->b, BINS, W, COLUMNS})                                          \
    ROW(colour, BATCH *PIXELS,                                                                                         \
        {w->a, w->b, PIXELS, CHANNELS, !w->second, {matrix_row, 1, -1, 2, matrix_row, 0, 3, -2, matrix_row}})          \
    ROW(colour_vjp, BATCH *PIXELS,                                                                                     \
        {w->a, w->b, w->c, PIXELS, CHANNELS, !w->second, {matrix_row, 1, -1, 2, matrix_row, 0, 3, -2, matrix_row}})    \
    ROW(warp, BATCH *PIXELS, {w->a, w->maps, w->b, w->gain, w->gain, w->order, CHANNELS, W, H, W, H, 0.5f})            \
    ROW(warp_vjp, BATCH *PIXELS, {w->a, w->maps, w->b, w->gain, w->order, CHANNELS, W, H, W, H})                       \
    ROW(head_channels, PLANES, {w->a, w->sums, CHANNELS, PIXELS})                                                      \
    ROW(head_value, BATCH, {w->a, w->sums, w->terms, w->table, w->norms, CHANNELS, PIXELS, TERMS, !w->second})         \
    ROW(head_seed, VALUES, {w->a, w->terms, w->table, w->b, CHANNELS, PIXELS, TERMS})                                  \
    ROW(record, BATCH, {&w->state, w->norms, w->course, STEPS})                                                        \
    ROW(square_sums, BATCH *CHUNKS, {w->a, w->sums, LENGTH, CHUNKS, 0.5f})                                             \
    ROW(norm, BATCH, {w->sums, w->norms, CHUNKS, 1e-6f})                                                               \
    ROW(adam_complex, PLANES *BINS,                                                                                    \
        {&w->state, w->a, w->b, w->c, w->d, w->table, BINS, 0.5f, 0.999f, 1e-8f, !w->second})                          \
    ROW(adam, VALUES, {&w->state, w->a, w->b, w->c, w->d, 0.5f, 0.999f, 1e-8f})                                        \
    ROW(ascent, BATCH *LENGTH, {&w->state, w->a, w->b, w->norms, LENGTH})                                              \
    ROW(penalty_vjp, VALUES, {w->a, w->b, w->norms, CHANNELS, W, H, 1, 1, 0.5f, 1, 1})                                 \
    ROW(high_pass, PLANES *BINS, {w->a, w->table, BINS, 0.25f, 0.5f})                                                  \
    ROW(add_scaled, VALUES, {w->a, w->b, 0.3f})

#define ROW(name, count, ...)                                                                                          \
    static void run_##name(const ph_element_kernels *kernels, ph_device *device, world *w)                             \
    {                                                                                                                  \
        const ph_##name##_args args = __VA_ARGS__;                                                                     \
        ck_assert_int_eq(kernels->name(device, count, args, NULL), PH_OK);                                             \
    }                                                                                                                  \
    /* The one-element form, as the GPU runs it. */                                                                    \
    static void each_##name(world *w)                                                                                  \
    {                                                                                                                  \
        const ph_##name##_args args = __VA_ARGS__;                                                                     \
        for (int64_t i = 0; i < (count); i++)                                                                          \
            ph_##name##_at(i, args);                                                                                   \
    }
PARITY_ROWS(ROW)
#undef ROW

typedef struct parity_row {
    const char *name;
    void (*run)(const ph_element_kernels *kernels, ph_device *device, world *w);
    void (*each)(world *w);
} parity_row;

#define ROW(name, count, ...) {#name, run_##name, each_##name},
static const parity_row rows[] = {PARITY_ROWS(ROW)};
#undef ROW
enum { ROWS = sizeof rows / sizeof *rows };

/* A kernel without a row, or a row twice, is a compile error: each name of element.def must be a member here. */
#define ROW(name, count, ...) char name;
typedef struct row_names {
    PARITY_ROWS(ROW)
} row_names;
#undef ROW
#define PH_ELEMENT(name) _Static_assert(sizeof(((row_names *)0)->name) == 1, "kernel " #name " lacks a row");
#include "kernels/element/element.def"
#undef PH_ELEMENT
#define PH_ELEMENT(name) +1
_Static_assert(ROWS == 0
#include "kernels/element/element.def"
               ,
               "a row for no kernel");
#undef PH_ELEMENT

START_TEST(same_bits)
{
    const parity_row *row = &rows[_i / 2];
    const int second = _i % 2;
    ph_cpu_device_head head;
    world *start = world_new(second), *want = world_new(second);
    row->run(ph_element_cpu_variant(0, NULL), stages_device(&head, 1), want);
    ck_assert_msg(memcmp(start, want, sizeof *want), "%s: nothing was written", row->name);
    for (int level = 0; level < PH_ELEMENT_CPU_VARIANTS; level++) {
        const char *name = NULL;
        const ph_element_kernels *kernels = ph_element_cpu_variant(level, &name);
        for (int threads = 1; threads <= 4 && kernels; threads++) {
            world *got = world_new(second);
            row->run(kernels, stages_device(&head, threads), got);
            ck_assert_msg(!memcmp(got, want, sizeof *want), "%s: %s with %d threads differs", row->name, name, threads);
            free(got);
        }
    }
    world *single = world_new(second);
    row->each(single);
    ck_assert_msg(!memcmp(single, want, sizeof *want), "%s: element by element differs", row->name);
    free(single);
    free(start);
    free(want);
}
END_TEST

START_TEST(the_table)
{
    const char *name = NULL;
    ck_assert_ptr_nonnull(ph_element_cpu_variant(0, &name));
    ck_assert_str_eq(name, "base");
    ck_assert_ptr_null(ph_element_cpu_variant(-1, NULL));
    ck_assert_ptr_null(ph_element_cpu_variant(PH_ELEMENT_CPU_VARIANTS, NULL));
    ck_assert_ptr_nonnull(ph_element_cpu());
    /* Nothing to do is done; rows of no length are refused. */
    ph_cpu_device_head head;
    ph_error err = {0};
    ck_assert_int_eq(ph_element_cpu()->add_scaled(stages_device(&head, 2), 0, (ph_add_scaled_args){0}, &err), PH_OK);
    ck_assert_int_eq(ph_element_cpu()->spectrum(stages_device(&head, 2), 5, (ph_spectrum_args){0}, &err), PH_MISUSE);
    ck_assert_ptr_nonnull(strstr(err.message, "spectrum"));
}
END_TEST

static void add(TCase *tcase)
{
    tcase_add_loop_test(tcase, same_bits, 0, 2 * ROWS);
    tcase_add_test(tcase, the_table);
}

int main(void)
{
    return stages_main("variants", add);
}
