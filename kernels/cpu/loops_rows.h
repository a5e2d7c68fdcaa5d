/* Bodies of loops that only move floats. Included by loops.c. */
#ifndef PH_CPU_LOOPS_ROWS_H
#define PH_CPU_LOOPS_ROWS_H

#include "kernels/cpu/loops.h"

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

#endif
