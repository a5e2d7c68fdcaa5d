/* Bodies of loops that only move floats. Included by loops.c. */
#ifndef PH_CPU_LOOPS_ROWS_H
#define PH_CPU_LOOPS_ROWS_H

#include "kernels/cpu/loops.h"
#include "kernels/element/ph_math.h"

#include <string.h>

static void rows(const void *args, int part, int64_t begin, int64_t end)
{
    (void)part;
    const ph_rows_loop l = *(const ph_rows_loop *)args;
    for (int64_t i = begin; i < end; i++) {
        const float *from = l.from + i * l.from_step;
        float *to = l.to + i * l.to_step;
        if (!l.add) {
            memcpy(to, from, (size_t)l.width * sizeof *to);
            continue;
        }
        for (int64_t k = 0; k < l.width; k++)
            to[k] += from[k];
    }
}

static inline void swap_tile(const ph_swap_loop *l, int64_t matrix, int64_t first_row, int64_t first_column)
{
    const int64_t rows_end = first_row + PH_SWAP_TILE < l->rows ? first_row + PH_SWAP_TILE : l->rows;
    const int64_t columns_end = first_column + PH_SWAP_TILE < l->columns ? first_column + PH_SWAP_TILE : l->columns;
    const float *from = l->from + matrix * l->rows * l->columns;
    float *to = l->to + matrix * l->rows * l->columns;
    for (int64_t c = first_column; c < columns_end; c++) {
        float *line = to + c * l->rows;
        if (l->add)
            for (int64_t r = first_row; r < rows_end; r++)
                line[r] += from[r * l->columns + c];
        else
            for (int64_t r = first_row; r < rows_end; r++)
                line[r] = from[r * l->columns + c];
    }
}

static void swap(const void *args, int part, int64_t begin, int64_t end)
{
    (void)part;
    const ph_swap_loop l = *(const ph_swap_loop *)args;
    const int64_t across = (l.columns + PH_SWAP_TILE - 1) / PH_SWAP_TILE;
    const int64_t tiles = ph_swap_tiles(l.rows, l.columns);
    for (int64_t i = begin; i < end; i++) {
        const int64_t tile = i % tiles;
        swap_tile(&l, i / tiles, tile / across * PH_SWAP_TILE, tile % across * PH_SWAP_TILE);
    }
}

/* `count` positions of one image in a tile, `width` channels of one block. */
typedef struct block_part {
    int64_t rows, blocks; /* where it begins, in floats of either form */
    int64_t count, width;
} block_part;

static inline block_part part_of(const ph_block_loop *l, int64_t item, int64_t block)
{
    const int64_t tiles = ph_block_tiles(l->area), image = item / tiles, first = item % tiles * PH_BLOCK_TILE;
    const int64_t left = l->area - first, channel = block * PH_BLOCK_WIDTH, rest = l->channels - channel;
    return (block_part){.rows = (image * l->area + first) * l->channels + channel,
                        .blocks =
                            image * ph_block_floats(l->channels, l->area) + channel * l->area + first * PH_BLOCK_WIDTH,
                        .count = left < PH_BLOCK_TILE ? left : PH_BLOCK_TILE,
                        .width = rest < PH_BLOCK_WIDTH ? rest : PH_BLOCK_WIDTH};
}

static inline void block_some(const float *restrict from, const float *restrict gate, float *restrict to, int64_t step,
                              int64_t count, int64_t width)
{
    for (int64_t i = 0; i < count; i++, from += step, to += PH_BLOCK_WIDTH) {
        for (int64_t c = 0; c < width; c++)
            to[c] = ph_masked(from[c], !gate || gate[i * step + c] > 0.0f);
        for (int64_t c = width; c < PH_BLOCK_WIDTH; c++)
            to[c] = 0.0f;
    }
}

static void block(const void *args, int part, int64_t begin, int64_t end)
{
    (void)part;
    const ph_block_loop l = *(const ph_block_loop *)args;
    for (int64_t item = begin; item < end; item++)
        for (int64_t b = 0; b * PH_BLOCK_WIDTH < l.channels; b++) {
            const block_part p = part_of(&l, item, b);
            const float *from = l.from + p.rows, *gate = l.gate ? l.gate + p.rows : NULL;
            float *to = l.to + p.blocks;
            if (p.width < PH_BLOCK_WIDTH)
                block_some(from, gate, to, l.channels, p.count, p.width);
            else if (gate)
                block_some(from, gate, to, l.channels, p.count, PH_BLOCK_WIDTH);
            else
                block_some(from, NULL, to, l.channels, p.count, PH_BLOCK_WIDTH);
        }
}

static inline void unblock_some(const float *restrict from, float *restrict to, int64_t step, int64_t count,
                                int64_t width, bool add)
{
    for (int64_t i = 0; i < count; i++, from += PH_BLOCK_WIDTH, to += step)
        for (int64_t c = 0; c < width; c++)
            to[c] = add ? to[c] + from[c] : from[c];
}

static void unblock(const void *args, int part, int64_t begin, int64_t end)
{
    (void)part;
    const ph_unblock_loop l = *(const ph_unblock_loop *)args;
    for (int64_t item = begin; item < end; item++)
        for (int64_t b = 0; b * PH_BLOCK_WIDTH < l.channels; b++) {
            const block_part p = part_of(&l, item, b);
            const float *from = l.from + p.blocks;
            float *to = l.to + p.rows;
            if (p.width < PH_BLOCK_WIDTH)
                unblock_some(from, to, l.channels, p.count, p.width, l.add);
            else if (l.add)
                unblock_some(from, to, l.channels, p.count, PH_BLOCK_WIDTH, true);
            else
                unblock_some(from, to, l.channels, p.count, PH_BLOCK_WIDTH, false);
        }
}

#endif
