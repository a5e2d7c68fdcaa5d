/* Contact sheets. */
#ifndef PH_IMAGE_GRID_H
#define PH_IMAGE_GRID_H

#include "phosphene.h"

typedef struct ph_grid {
    int width, height, channels;
    uint8_t *pixels; /* [height, width, channels] */
} ph_grid;

/* Sets `count` pictures of width x height x channels side by side, row by row, on mid-grey with gaps of 4 pixels
 * between them. columns 0: nearly square, as many columns as rows or one more. PH_MISUSE (no pictures, or a sheet
 * beyond 1000000 pixels on a side or 2 GiB), PH_NO_MEMORY. */
ph_status ph_grid_new(const uint8_t *const *pictures, size_t count, int width, int height, int channels, int columns,
                      ph_grid **out, ph_error *err);
void ph_grid_free(ph_grid **grid);

#endif
