/* Tiles of one large picture that the network sees as a batch, and their gradients put together again. The picture is a
 * torus: what runs out on the right comes in on the left (np.roll of the original DeepDream, without moving a pixel),
 * so a tile may start anywhere, and one that is larger than the picture sees it repeated. */
#ifndef PH_ELEMENT_TILE_H
#define PH_ELEMENT_TILE_H

#include "kernels/element/ph_fn.h"

/* tile, count = tiles x tile_width x tile_height: input[t, k, y, x] = gain[k] picture[order[k], y', x'] + offset[k],
 * y' = (origins[t].y + y) mod height, x' likewise. */
typedef struct ph_tile_args {
    const float *picture;       /* [channels, height, width], in [0, 1] */
    const int *origins;         /* [tiles, 2]: y, x of the tile's corner, in 0 … size-1 */
    float *input;               /* [tiles, channels, tile_height, tile_width] */
    const float *gain, *offset; /* [channels]: value range, mean and std */
    const int *order;           /* [channels]: picture channel of each network channel (BGR networks) */
    int channels, width, height, tile_width, tile_height;
} ph_tile_args;

PH_FN int64_t ph_tile_row(ph_tile_args a)
{
    return a.tile_width;
}

/* A row is a line of a tile, in all channels. */
PH_FN void ph_tile_span(int64_t row, int64_t first, int64_t count, ph_tile_args a)
{
    const int64_t t = ph_quotient(row, a.tile_height);
    const int64_t y = row - t * a.tile_height;
    const int64_t pixels = (int64_t)a.width * a.height, tile = (int64_t)a.tile_width * a.tile_height;
    const int64_t from_y = (a.origins[2 * t] + y) % a.height;
    for (int k = 0; k < a.channels; k++) {
        const float *line = a.picture + a.order[k] * pixels + from_y * a.width;
        float *to = a.input + (t * a.channels + k) * tile + y * a.tile_width;
        const float gain = a.gain[k], offset = a.offset[k];
        for (int64_t x = first; x < first + count;) {
            const int64_t from_x = (a.origins[2 * t + 1] + x) % a.width;
            const int64_t whole = a.width - from_x, left = first + count - x, run = whole < left ? whole : left;
            PH_SIMD
            for (int64_t l = 0; l < run; l++)
                to[x + l] = line[from_x + l] * gain + offset;
            x += run;
        }
    }
}

PH_SPAN_AT(tile)

/* tile_vjp, count = lines x columns of the picture that the tile covers (lines = min(tile_height, height), columns
 * likewise), for ONE tile: the adjoint of `tile`, weighted so that tiles that overlap blend into each other:
 *   gradient[order[k], y', x'] += gain[k] sum weight_y[y] weight_x[x] input_gradient[k, y, x]
 * over the (y, x) of the tile that show pixel (y', x'): one, or more when the tile is larger than the picture. Tiles of
 * a batch follow each other, so their sums have one order. */
typedef struct ph_tile_vjp_args {
    const float *input_gradient; /* of the tile: [channels, tile_height, tile_width] */
    const int *origin;           /* y, x of the tile's corner */
    float *gradient;             /* [channels, height, width] */
    const float *weight_y, *weight_x;
    const float *gain;
    const int *order;
    int channels, width, height, tile_width, tile_height;
} ph_tile_vjp_args;

PH_FN int64_t ph_tile_vjp_row(ph_tile_vjp_args a)
{
    return a.tile_width < a.width ? a.tile_width : a.width;
}

/* One stretch of a line, without a break at the picture's edge. */
PH_FN void ph_tile_vjp_add(float *to, const float *from, const float *weight, float scale, int64_t count)
{
    PH_SIMD
    for (int64_t l = 0; l < count; l++)
        to[l] += from[l] * (scale * weight[l]);
}

/* A row is a line of the tile, in all channels, with the lines that repeat it. */
PH_FN void ph_tile_vjp_span(int64_t row, int64_t first, int64_t count, ph_tile_vjp_args a)
{
    const int64_t pixels = (int64_t)a.width * a.height, tile = (int64_t)a.tile_width * a.tile_height;
    const int64_t to_y = (a.origin[0] + row) % a.height;
    for (int k = 0; k < a.channels; k++) {
        float *line = a.gradient + a.order[k] * pixels + to_y * a.width;
        for (int64_t y = row; y < a.tile_height; y += a.height) {
            const float *from = a.input_gradient + k * tile + y * a.tile_width;
            const float scale = a.gain[k] * a.weight_y[y];
            for (int64_t shift = 0; shift < a.tile_width; shift += a.width) {
                const int64_t end =
                    shift + first + count < a.tile_width ? shift + first + count : (int64_t)a.tile_width;
                for (int64_t x = shift + first; x < end;) {
                    const int64_t to_x = (a.origin[1] + x) % a.width;
                    const int64_t whole = a.width - to_x, run = whole < end - x ? whole : end - x;
                    ph_tile_vjp_add(line + to_x, from + x, a.weight_x + x, scale, run);
                    x += run;
                }
            }
        }
    }
}

PH_SPAN_AT(tile_vjp)

#endif
