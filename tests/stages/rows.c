#include "tests/stages/rows.h"

#include <string.h>

stages_world *stages_world_new(int step)
{
    stages_world *w = calloc(1, sizeof *w);
    ck_assert_ptr_nonnull(w);
    w->state = (ph_step_state){.step = step, .lr = 0.1f, .correct1 = 0.9f, .correct2 = 0.1f, .cutoff = 0.2f};
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
    for (int i = 0; i < BATCH * GUIDED; i++)
        w->places[i] = i * 7 % 29;
    w->origin[0] = H - 3;
    w->origin[1] = 11;
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
    ROW(schedule, 1, {&w->state, STEPS, !second, 0.1f, 0.5f, 0.99f, 0.05f, 2})                                         \
    ROW(advance, 1, {&w->state})                                                                                       \
    ROW(draw, BATCH, {&w->state, w->seeds, w->maps, !second, W, H, W, H, 12, 8, 4, 11, 10, 5, 0.9f, 1.1f})             \
    ROW(spectrum, PLANES *BINS, {w->a, w->table, w->b, BINS})                                                          \
    ROW(spectrum_vjp, PLANES *BINS, {w->a, w->table, w->b, BINS, W, COLUMNS})                                          \
    ROW(colour, BATCH *PIXELS,                                                                                         \
        {w->a, w->b, PIXELS, CHANNELS, !second, {matrix_row, 1, -1, 2, matrix_row, 0, 3, -2, matrix_row}})             \
    ROW(colour_vjp, BATCH *PIXELS,                                                                                     \
        {w->a, w->b, w->c, PIXELS, CHANNELS, !second, {matrix_row, 1, -1, 2, matrix_row, 0, 3, -2, matrix_row}})       \
    ROW(uncolour, BATCH *PIXELS,                                                                                       \
        {w->a, w->b, PIXELS, CHANNELS, !second, {matrix_row, 1, -1, 2, matrix_row, 0, 3, -2, matrix_row}})             \
    ROW(warp, BATCH *PIXELS, {w->a, w->maps, w->b, w->gain, w->gain, w->order, CHANNELS, W, H, W, H, 0.5f})            \
    ROW(warp_vjp, BATCH *PIXELS, {w->a, w->maps, w->b, w->gain, w->order, CHANNELS, W, H, W, H})                       \
    ROW(head_channels, PLANES, {w->a, w->sums, CHANNELS, PIXELS})                                                      \
    ROW(head_value, BATCH, {w->a, w->sums, w->terms, w->table, w->norms, CHANNELS, PIXELS, TERMS, !second})            \
    ROW(head_seed, VALUES, {w->a, w->terms, w->table, w->b, CHANNELS, PIXELS, TERMS})                                  \
    ROW(record, BATCH, {&w->state, w->norms, w->course, STEPS})                                                        \
    ROW(square_sums, BATCH *CHUNKS, {w->a, w->sums, LENGTH, CHUNKS, 0.5f})                                             \
    ROW(norm, BATCH, {w->sums, w->norms, CHUNKS, 1e-6f})                                                               \
    ROW(adam_complex, PLANES *BINS, {&w->state, w->a, w->b, w->c, w->d, w->table, BINS, 0.5f, 0.999f, 1e-8f, !second}) \
    ROW(adam, VALUES, {&w->state, w->a, w->b, w->c, w->d, 0.5f, 0.999f, 1e-8f})                                        \
    ROW(ascent, BATCH *LENGTH, {&w->state, w->a, w->b, w->norms, LENGTH})                                              \
    ROW(penalty_vjp, VALUES, {w->a, w->b, w->norms, CHANNELS, W, H, 1, 1, 0.5f, 1, 1})                                 \
    ROW(high_pass, PLANES *BINS, {w->a, w->table, BINS, 0.25f, 0.5f})                                                  \
    ROW(add_scaled, VALUES, {w->a, w->b, 0.3f})                                                                        \
    ROW(tile, TILE *(TILE - 7), {w->a, w->origin, w->b, w->gain, w->gain, w->order, CHANNELS, W, H, TILE, TILE - 7})   \
    ROW(tile_vjp, W *H, {w->a, w->origin, w->b, w->c, w->d, w->gain, w->order, CHANNELS, W, H, TILE, TILE - 7})        \
    ROW(fill, VALUES, {w->a, 0.25f})                                                                                   \
    ROW(abs_sums, SPREAD, {w->a, w->sums, VALUES, second})                                                             \
    ROW(spread_sums, 1, {w->sums + 1, w->sums, SUMS - 1})                                                              \
    ROW(magnitude, 1, {w->sums, w->norms, SUMS, 100, 3, 0, second})                                                    \
    ROW(climb, VALUES, {w->a, w->b, w->gain})                                                                          \
    ROW(mask_planes, VALUES, {w->a, w->b, PIXELS})                                                                     \
    ROW(pyramid_down, CHANNELS *((W + 1) / 2) * ((H + 1) / 2), {w->a, w->b, W - second, H})                            \
    ROW(pyramid_up, CHANNELS *(W - 1) * H, {w->a, w->b, w->gain, second ? w->gain + 1 : NULL, W - 1, H, 0.5f})         \
    ROW(guide_match, BATCH *GUIDED, {w->a, w->b, w->places, w->c, 5, GUIDED, 29})                                      \
    ROW(guide_value, BATCH, {w->a, w->norms, 5, GUIDED, 2, second})                                                    \
    ROW(guide_seed, BATCH * 5 * GUIDED, {w->a, w->places, w->b, 5, GUIDED, 29, 2})

#define ROW(name, count, ...)                                                                                          \
    static void run_##name(const ph_element_kernels *kernels, ph_device *device, stages_world *w, bool second)         \
    {                                                                                                                  \
        const ph_##name##_args args = __VA_ARGS__;                                                                     \
        (void)second;                                                                                                  \
        ck_assert_int_eq(kernels->name(device, count, args, NULL), PH_OK);                                             \
    }                                                                                                                  \
    static void each_##name(stages_world *w, bool second)                                                              \
    {                                                                                                                  \
        const ph_##name##_args args = __VA_ARGS__;                                                                     \
        (void)second;                                                                                                  \
        for (int64_t i = 0; i < (count); i++)                                                                          \
            ph_##name##_at(i, args);                                                                                   \
    }
PARITY_ROWS(ROW)
#undef ROW

#define ROW(name, count, ...) {#name, run_##name, each_##name},
const stages_row stages_rows[] = {PARITY_ROWS(ROW)};
#undef ROW
enum { ROWS = sizeof stages_rows / sizeof *stages_rows };
const int stages_row_count = ROWS;

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
