#include "host/render/result.h"

#include "host/base/alloc.h"
#include "host/base/status.h"
#include "host/image/grid.h"
#include "host/image/png.h"

#define SETTINGS_KEY "phosphene"

ph_status ph_result_new(size_t snapshots, int steps, ph_result **out, ph_error *err)
{
    *out = NULL;
    ph_result *result = ph_alloc(1, sizeof *result);
    if (!result)
        return ph_fail_memory(err, sizeof *result, "a result");
    result->snapshots = ph_alloc(snapshots, sizeof *result->snapshots);
    result->course = ph_alloc((size_t)steps, sizeof *result->course);
    if (!result->snapshots || !result->course) {
        ph_result_free(&result);
        return ph_fail_memory(err, (size_t)steps * sizeof(float), "a result");
    }
    result->info.course = result->course;
    *out = result;
    return PH_OK;
}

void ph_result_free(ph_result **result)
{
    if (!result || !*result)
        return;
    ph_result *r = *result;
    for (size_t i = 0; i < r->info.snapshot_count; i++)
        ph_free(r->snapshots[i].pixels);
    ph_free(r->snapshots);
    ph_free(r->target);
    ph_free(r->layer);
    ph_free(r->settings);
    ph_free(r->course);
    ph_free(r->pixels);
    ph_free(r);
    *result = NULL;
}

void ph_result_get(const ph_result *result, ph_result_info *info)
{
    *info = result->info;
}

const uint8_t *ph_result_pixels(const ph_result *result, int snapshot, int *step)
{
    const bool finished = snapshot < 0;
    if (!finished && (size_t)snapshot >= result->info.snapshot_count)
        return NULL;
    if (step)
        *step = finished ? result->info.steps : result->snapshots[snapshot].step;
    return finished ? result->pixels : result->snapshots[snapshot].pixels;
}

ph_status ph_result_write_png(const ph_result *result, const char *path, ph_error *err)
{
    return ph_png_write(path, result->pixels, result->info.width, result->info.height, result->info.channels,
                        SETTINGS_KEY, result->settings, err);
}

ph_status ph_result_write_snapshot_png(const ph_result *result, int snapshot, const char *path, ph_error *err)
{
    const uint8_t *pixels = ph_result_pixels(result, snapshot, NULL);
    if (!pixels)
        return ph_fail(err, PH_MISUSE, "the picture has %zu snapshots, no number %d", result->info.snapshot_count,
                       snapshot);
    return ph_png_write(path, pixels, result->info.width, result->info.height, result->info.channels, NULL, NULL, err);
}

/* On a sheet: the snapshots, then the finished picture unless that is the last of them. */
static size_t frames_of(const ph_result *result)
{
    const size_t snapshots = result->info.snapshot_count;
    return snapshots && result->snapshots[snapshots - 1].step == result->info.steps ? snapshots : snapshots + 1;
}

static ph_status check_sizes(const ph_result *const *results, size_t count, ph_error *err)
{
    const ph_result_info *first = &results[0]->info;
    for (size_t i = 1; i < count; i++) {
        const ph_result_info *info = &results[i]->info;
        if (info->width != first->width || info->height != first->height || info->channels != first->channels)
            return ph_fail(err, PH_MISUSE, "a contact sheet needs pictures of one size: %dx%d and %dx%d", first->width,
                           first->height, info->width, info->height);
    }
    return PH_OK;
}

ph_status ph_write_grid_png(const ph_result *const *results, size_t count, int columns, const char *path, ph_error *err)
{
    if (!count)
        return ph_fail(err, PH_MISUSE, "a contact sheet needs at least one picture");
    PH_TRY(check_sizes(results, count, err));
    const ph_result_info *first = &results[0]->info;
    size_t frames = 0, filled = 0;
    for (size_t i = 0; i < count; i++)
        frames += frames_of(results[i]);
    const uint8_t **pictures = ph_alloc(frames, sizeof *pictures);
    if (!pictures)
        return ph_fail_memory(err, frames * sizeof *pictures, "the contact sheet");
    for (size_t i = 0; i < count; i++)
        for (size_t frame = 0; frame < frames_of(results[i]); frame++)
            pictures[filled++] =
                ph_result_pixels(results[i], frame < results[i]->info.snapshot_count ? (int)frame : -1, NULL);
    const int across = columns || frames == count ? columns : (int)frames_of(results[0]);
    ph_grid *sheet = NULL;
    ph_status status = PH_OK;
    PH_TRY_GOTO(status, done,
                ph_grid_new(pictures, frames, first->width, first->height, first->channels, across, &sheet, err));
    status = ph_png_write(path, sheet->pixels, sheet->width, sheet->height, first->channels, NULL, NULL, err);
done:
    ph_grid_free(&sheet);
    ph_free(pictures);
    return status;
}

ph_status ph_settings_read_png(const char *path, char **json, ph_error *err)
{
    return ph_png_read_text(path, SETTINGS_KEY, json, err);
}

void ph_string_free(char **string)
{
    if (!string)
        return;
    ph_free(*string);
    *string = NULL;
}
