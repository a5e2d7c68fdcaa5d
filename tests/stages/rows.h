/* One row per kernel of element.def: arguments, and a world that they read and write. The cases are larger than a
 * thread's least share, so that several threads do work, and odd, so that the shares differ. */
#ifndef TESTS_STAGES_ROWS_H
#define TESTS_STAGES_ROWS_H

#include "tests/stages/stages.h"

enum { BATCH = 3, CHANNELS = 3, W = 73, H = 65, COLUMNS = W / 2 + 1, STEPS = 9, TERMS = 2 };
enum { PIXELS = W * H, BINS = COLUMNS * H, PLANES = BATCH * CHANNELS, VALUES = PLANES * PIXELS };
enum { COEFFICIENTS = 2 * PLANES * BINS, LENGTH = CHANNELS * PIXELS, CHUNKS = (LENGTH + PH_CHUNK - 1) / PH_CHUNK };
enum { TILE = W + 40, GUIDED = 4111, SPREAD = (VALUES + PH_SPREAD - 1) / PH_SPREAD };
enum { SUMS = BATCH * CHUNKS > 2 * PLANES ? BATCH *CHUNKS : 2 * PLANES };

/* All that kernels read and write; one block, so that comparing it sees every write. Plain data: a copy on a device
 * will do. */
typedef struct stages_world {
    ph_step_state state;
    uint64_t seeds[BATCH];
    int order[CHANNELS], origin[2], places[BATCH * GUIDED];
    ph_head_term terms[BATCH * TERMS];
    float maps[6 * BATCH], gain[CHANNELS], table[BINS], norms[BATCH], course[BATCH * STEPS];
    float a[COEFFICIENTS], b[COEFFICIENTS], c[COEFFICIENTS], d[COEFFICIENTS]; /* COEFFICIENTS > VALUES */
    double sums[SUMS];
} stages_world;
_Static_assert((int)SPREAD <= (int)SUMS, "all chunks of a batch must fit");
_Static_assert((int)COEFFICIENTS >= (int)VALUES, "a picture must fit where a spectrum does");

/* Step 0 … STEPS-1. free() */
stages_world *stages_world_new(int step);

typedef struct stages_row {
    const char *name;
    /* `world` is the device's; second: the other branch of kernels that have two. */
    void (*run)(const ph_element_kernels *kernels, ph_device *device, stages_world *world, bool second);
    /* The one-element form, as the GPU runs it. */
    void (*each)(stages_world *world, bool second);
} stages_row;

extern const stages_row stages_rows[];
extern const int stages_row_count;

#endif
