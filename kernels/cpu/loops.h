/* The hot loops of the CPU backend, compiled once per instruction set (loops.c) and chosen at run time. All variants
 * give the same bits: sums run in a written order and nothing is contracted.
 *
 * Each loop is described by its arguments and handles a range of items, see ph_cpu_range in threads.h. `add`
 * everywhere: 1 adds to what the destination holds, 0 writes. */
#ifndef PH_CPU_LOOPS_H
#define PH_CPU_LOOPS_H

#include "host/engine/net.h"
#include "kernels/cpu/threads.h"

/* item = row: `width` floats from each row of `from` to the row of `to`. */
typedef struct ph_rows_loop {
    const float *from;
    float *to;
    int64_t width, from_step, to_step; /* steps in floats */
    bool add;
} ph_rows_loop;

/* item = tile, see ph_swap_tiles: each of several matrices [rows, columns] becomes [columns, rows]. */
enum { PH_SWAP_TILE = 64 };
typedef struct ph_swap_loop {
    const float *from;
    float *to;
    int64_t rows, columns;
    bool add;
} ph_swap_loop;

/* Tiles of one matrix: PH_SWAP_TILE rows by PH_SWAP_TILE columns, the last ones smaller. */
static inline int64_t ph_swap_tiles(int64_t rows, int64_t columns)
{
    return ((rows + PH_SWAP_TILE - 1) / PH_SWAP_TILE) * ((columns + PH_SWAP_TILE - 1) / PH_SWAP_TILE);
}

/* item = tile of PH_BLOCK_TILE positions, see ph_block_tiles: images [area, channels] become [blocks, area,
 * PH_BLOCK_WIDTH], the last block filled up with zeros, or back. With a gate only elements where it is positive pass,
 * the others become 0. */
enum { PH_BLOCK_WIDTH = 8, PH_BLOCK_TILE = 64 };
typedef struct ph_block_loop {
    const float *from, *gate; /* gate: as `from`, or NULL; of `block` */
    float *to;
    int64_t channels, area;
    bool add; /* of `unblock` */
} ph_block_loop;
typedef ph_block_loop ph_unblock_loop;

/* Tiles of one image; the last is smaller. */
static inline int64_t ph_block_tiles(int64_t area)
{
    return (area + PH_BLOCK_TILE - 1) / PH_BLOCK_TILE;
}

/* Floats of one image in blocks. */
static inline int64_t ph_block_floats(int64_t channels, int64_t area)
{
    return (channels + PH_BLOCK_WIDTH - 1) / PH_BLOCK_WIDTH * PH_BLOCK_WIDTH * area;
}

/* item = element: gradient through max(x, 0), limited above by `upper` (INFINITY: not). x is the ReLU's input, or its
 * output when upper is infinite. redirected: see ph_relu_mode. from may be to. */
typedef struct ph_rectify_loop {
    const float *x, *from;
    float *to;
    float upper;
    bool redirected, add;
} ph_rectify_loop;

/* item = element: y = f(x), or dx = f'(x) dy. slope[i / inner % channels] for PRELU. */
typedef struct ph_act_loop {
    const float *x;
    float *y;
    ph_act_kind kind;
    float a, b;
    const float *slope;
    int64_t channels, inner;
} ph_act_loop;

typedef struct ph_act_back_loop {
    ph_act_loop act; /* y is not used */
    const float *from;
    float *to;
    bool add;
} ph_act_back_loop;

/* item = row: of [rows, channels, inner], y = x scale[c] + shift[c]; scale or shift may be NULL. */
typedef struct ph_affine_loop {
    const float *x;
    float *y;
    const float *scale, *shift;
    int64_t channels, inner;
    bool add;
} ph_affine_loop;

/* Pooling over [n, height, width, channels]; forward: item = output row, backward: item = input row, n running slowest.
 * `chosen`: per output element the window element (row-major) that won; as bytes, or as int32_t when `wide`. */
typedef struct ph_pool_loop {
    const float *from; /* x, or dy */
    float *to;         /* y, or dx */
    void *chosen;
    bool wide, include_pad, add;
    int64_t channels, in_size[2], out_size[2];
    int64_t kernel[2], stride[2], dilation[2], pad_begin[2], pad_end[2];
} ph_pool_loop;
typedef ph_pool_loop ph_max_pool_loop, ph_max_pool_back_loop, ph_average_pool_loop, ph_average_pool_back_loop;

/* item = position, of [positions, channels]. `scratch`: per part `scratch_floats` floats, see ph_lrn_scratch. */
typedef struct ph_lrn_loop {
    const float *x;
    float *y; /* y, or dx */
    const float *dy;
    float *scratch;
    int64_t scratch_floats, channels;
    int64_t tile;            /* positions done together */
    int64_t before, after;   /* the window of channel c is c - before … c + after */
    float alpha, beta, bias; /* alpha already divided by the size */
    bool add;
} ph_lrn_loop;
typedef ph_lrn_loop ph_lrn_back_loop;

/* Sets tile and scratch_floats from channels and window: four rows of padded positions that the nearest cache holds. */
static inline void ph_lrn_scratch(ph_lrn_loop *loop)
{
    enum { TILE_FLOATS = 2048 };
    const int64_t step = loop->channels + loop->before + loop->after;
    loop->tile = step < TILE_FLOATS ? TILE_FLOATS / step : 1;
    loop->scratch_floats = (4 * loop->tile * step + 15) / 16 * 16;
}

/* item = (panel of PH_PANEL columns, block of PH_BLOCK rows), rows running fastest: c[m, n] (+)= bias[n] +
 * sum over k, in order, of a[m, k] b[k, n]. */
enum { PH_PANEL = 64, PH_BLOCK = 4 };
typedef struct ph_product_loop {
    const float *a, *b, *bias; /* bias may be NULL */
    float *c;
    int64_t m, n, k;
    int64_t a_row, a_column; /* steps of a; those of b and c are n along rows, 1 along columns */
    bool add;
} ph_product_loop;

typedef struct ph_cpu_loops {
#define PH_LOOP(name) ph_cpu_range name;
#include "kernels/cpu/loops.def"
#undef PH_LOOP
} ph_cpu_loops;

/* The table for the best instruction set of this machine. */
const ph_cpu_loops *ph_cpu_best_loops(void);

/* The table for one instruction set, worst first; NULL where this build or this machine has no such variant. Index 0,
 * the baseline, always exists. */
const ph_cpu_loops *ph_cpu_loops_variant(int index);

#endif
