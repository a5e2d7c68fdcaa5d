#include "host/dream/tiling.h"

#include "host/base/alloc.h"
#include "host/base/status.h"

enum { ROUND = 8 };

void ph_axis_choose(int size, int largest, int overlap, bool fixed, int *count, int *tile)
{
    const int stride = largest - overlap;
    *count = size <= largest ? 1 : (int)(((int64_t)size + stride - 1) / stride);
    *tile = largest;
    if (fixed)
        return;
    if (*count == 1) {
        *tile = size;
        return;
    }
    const int needed = (size + *count - 1) / *count + overlap;
    const int rounded = (needed + ROUND - 1) / ROUND * ROUND;
    *tile = rounded < largest ? rounded : largest;
}

/* A trapezoid: rising over the overlap, flat, falling; never 0, so that every pixel has a weight. */
static float trapezoid(int k, int tile, int ramp)
{
    const int edge = k + 1 < tile - k ? k + 1 : tile - k;
    return edge < ramp ? (float)edge / (float)ramp : 1.0f;
}

/* weights[i, k] = w(k) / sum of the w of all tiles at that pixel. */
static void blend(ph_axis *axis, float *sums)
{
    const int ramp = axis->tile - axis->size / axis->count;
    for (int i = 0; i < axis->count; i++)
        for (int k = 0; k < axis->tile; k++)
            sums[(axis->starts[i] + k) % axis->size] += trapezoid(k, axis->tile, ramp);
    for (int i = 0; i < axis->count; i++)
        for (int k = 0; k < axis->tile; k++)
            axis->weights[(size_t)i * (size_t)axis->tile + (size_t)k] =
                trapezoid(k, axis->tile, ramp) / sums[(axis->starts[i] + k) % axis->size];
}

ph_status ph_axis_new(int size, int count, int tile, ph_axis *axis, ph_error *err)
{
    *axis = (ph_axis){.size = size, .count = count, .tile = tile};
    const size_t weights = (size_t)count * (size_t)tile;
    axis->starts = ph_alloc((size_t)count, sizeof *axis->starts);
    axis->weights = ph_alloc(weights, sizeof *axis->weights);
    float *sums = ph_alloc((size_t)size, sizeof *sums);
    if (!axis->starts || !axis->weights || !sums) {
        ph_free(sums);
        ph_axis_clear(axis);
        return ph_fail_memory(err, weights * sizeof(float), "the tiles");
    }
    for (int i = 0; i < count; i++)
        axis->starts[i] = (int)((int64_t)size * i / count);
    if (count > 1)
        blend(axis, sums);
    else
        for (size_t k = 0; k < weights; k++)
            axis->weights[k] = 1;
    ph_free(sums);
    return PH_OK;
}

void ph_axis_clear(ph_axis *axis)
{
    ph_free(axis->starts);
    ph_free(axis->weights);
    *axis = (ph_axis){0};
}
