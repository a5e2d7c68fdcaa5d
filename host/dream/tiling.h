/* How a picture is cut into tiles: along each axis evenly spaced tiles of one size that overlap, on a torus, with
 * weights that blend their gradients into one. */
#ifndef PH_DREAM_TILING_H
#define PH_DREAM_TILING_H

#include "phosphene.h"

typedef struct ph_axis {
    int size, count, tile; /* of the picture; tiles; of a tile */
    int *starts;           /* [count]: first pixel of each tile */
    float *weights;        /* [count, tile]; at every pixel of the picture those of its tiles sum to 1 */
} ph_axis;

/* The size of the tiles and their number when none may be larger than `largest` and neighbours shall overlap by at
 * least `overlap`: one tile as large as the picture if that fits, else as many as needed, as small as they then can be
 * (rounded up to a multiple of 8). fixed: the tile is `largest` always,
 * and shows a smaller picture repeated. overlap < largest. */
void ph_axis_choose(int size, int largest, int overlap, bool fixed, int *count, int *tile);

/* Lays out that many tiles. PH_NO_MEMORY. */
ph_status ph_axis_new(int size, int count, int tile, ph_axis *axis, ph_error *err);
void ph_axis_clear(ph_axis *axis);

#endif
