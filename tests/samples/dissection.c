#include "tests/samples/dissection.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { NUMBERS = 256 };

const float *dissection_map(const float *maps, int channels, int places, int picture, int channel)
{
    return maps + ((size_t)picture * (size_t)channels + (size_t)channel) * (size_t)places;
}

float dissection_highest(const float *map, int places)
{
    float most = map[0];
    for (int i = 1; i < places; i++)
        most = map[i] > most ? map[i] : most;
    return most;
}

/* A map at pixel (y, x) of a picture of side x side: bilinear between the centres of the fields, which divide the
 * picture evenly; beyond the outermost the map goes on as it ends. */
static float upsampled(const float *map, int map_side, int side, int y, int x)
{
    const float last = (float)(map_side - 1), scale = (float)map_side / (float)side;
    const float v = fminf(fmaxf(((float)y + 0.5f) * scale - 0.5f, 0), last);
    const float u = fminf(fmaxf(((float)x + 0.5f) * scale - 0.5f, 0), last);
    const int top = (int)v, left = (int)u;
    const int bottom = top < map_side - 1 ? top + 1 : top, right = left < map_side - 1 ? left + 1 : left;
    const float down = v - (float)top, across = u - (float)left;
    const float above = (1 - across) * map[top * map_side + left] + across * map[top * map_side + right];
    const float below = (1 - across) * map[bottom * map_side + left] + across * map[bottom * map_side + right];
    return (1 - down) * above + down * below;
}

static int descending(const void *a, const void *b)
{
    const float x = *(const float *)a, y = *(const float *)b;
    return (x < y) - (x > y);
}

/* The value that the share DISSECTION_TOP of a channel's places in all pictures exceeds, at most. */
static float threshold(const float *maps, int channels, int places, int pictures, int channel, float *sorted)
{
    for (int i = 0; i < pictures; i++)
        memcpy(sorted + i * places, dissection_map(maps, channels, places, i, channel),
               (size_t)places * sizeof *sorted);
    const size_t count = (size_t)pictures * (size_t)places;
    qsort(sorted, count, sizeof *sorted, descending);
    return sorted[(size_t)(DISSECTION_TOP * (double)count)];
}

/* Adds one picture to the pixels where the channel is on, and to those of them that bear each label. */
static void count_picture(const float *map, int map_side, float above, const uint8_t *labels, int kinds, int side,
                          int64_t *on, int64_t *both)
{
    for (int y = 0; y < side; y++)
        for (int x = 0; x < side; x++) {
            if (upsampled(map, map_side, side, y, x) <= above)
                continue;
            ++*on;
            for (int k = 0; k < kinds; k++)
                both[labels[(k * side + y) * side + x]]++;
        }
}

void dissect(const float *maps, int channels, int map_side, const uint8_t *labels, int kinds, int side, int pictures,
             dissected *out)
{
    const int places = map_side * map_side, pixels = kinds * side * side;
    int64_t area[NUMBERS] = {0};
    for (int64_t i = 0; i < (int64_t)pictures * pixels; i++)
        area[labels[i]]++;
    float *sorted = malloc((size_t)pictures * (size_t)places * sizeof *sorted);
    ck_assert_ptr_nonnull(sorted);
    for (int c = 0; c < channels; c++) {
        const float above = threshold(maps, channels, places, pictures, c, sorted);
        int64_t on = 0, both[NUMBERS] = {0};
        for (int i = 0; i < pictures; i++) {
            const float *map = dissection_map(maps, channels, places, i, c);
            if (dissection_highest(map, places) > above) /* else no value between its own is */
                count_picture(map, map_side, above, labels + (size_t)i * (size_t)pixels, kinds, side, &on, both);
        }
        out[c] = (dissected){0};
        for (int n = 1; n < NUMBERS; n++) {
            const double iou = both[n] > 0 ? (double)both[n] / (double)(on + area[n] - both[n]) : 0;
            if (iou > out[c].iou)
                out[c] = (dissected){n, iou};
        }
    }
    free(sorted);
}
