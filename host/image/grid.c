#include "host/image/grid.h"

#include "host/base/alloc.h"
#include "host/base/status.h"

#include <string.h>

enum { GAP = 4, GREY = 128, MAX_SIDE = 1000000 };
static const size_t MAX_BYTES = (size_t)1 << 31;

void ph_grid_free(ph_grid **grid)
{
    if (!grid || !*grid)
        return;
    ph_free((*grid)->pixels);
    ph_free(*grid);
    *grid = NULL;
}

static size_t square_columns(size_t count)
{
    size_t columns = 1;
    while (columns * columns < count)
        columns++;
    return columns;
}

ph_status ph_grid_new(const uint8_t *const *pictures, size_t count, int width, int height, int channels, int columns,
                      ph_grid **out, ph_error *err)
{
    *out = NULL;
    if (count < 1 || count > MAX_SIDE || width < 1 || height < 1 || channels < 1 || columns < 0)
        return ph_fail(err, PH_MISUSE, "a sheet of %zu pictures of %dx%dx%d in %d columns cannot be made", count, width,
                       height, channels, columns);
    const size_t asked = columns ? (size_t)columns : square_columns(count), across = asked < count ? asked : count;
    const size_t down = (count + across - 1) / across;
    const size_t step_x = (size_t)width + GAP, step_y = (size_t)height + GAP;
    const size_t sheet_width = across * step_x - GAP, sheet_height = down * step_y - GAP, depth = (size_t)channels;
    if (sheet_width > MAX_SIDE || sheet_height > MAX_SIDE || sheet_width * sheet_height > MAX_BYTES / depth)
        return ph_fail(err, PH_MISUSE, "a sheet of %zux%zu pictures of %dx%d pixels is too large: use fewer per sheet",
                       across, down, width, height);
    ph_grid *grid = ph_alloc(1, sizeof *grid);
    if (grid)
        grid->pixels = ph_alloc(sheet_width * sheet_height, depth);
    if (!grid || !grid->pixels) {
        ph_grid_free(&grid);
        return ph_fail_memory(err, sheet_width * sheet_height * depth, "a sheet of pictures");
    }
    grid->width = (int)sheet_width;
    grid->height = (int)sheet_height;
    grid->channels = channels;
    memset(grid->pixels, GREY, sheet_width * sheet_height * depth);
    for (size_t i = 0; i < count; i++)
        for (size_t y = 0; y < (size_t)height; y++)
            memcpy(grid->pixels + ((i / across * step_y + y) * sheet_width + i % across * step_x) * depth,
                   pictures[i] + y * (size_t)width * depth, (size_t)width * depth);
    *out = grid;
    return PH_OK;
}
