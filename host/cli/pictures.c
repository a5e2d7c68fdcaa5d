#include "host/cli/pictures.h"

#include "host/cli/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STEP_SUFFIX = 32 };

/* ---- Reporting -------------------------------------------------------------------------------------------------- */

/* result: what is known, or NULL. output: where it is, or NULL. error: why it is not there, or NULL. */
static void print_json(const ph_cli_pictures *pictures, const char *target, const ph_result *result, const char *output,
                       const char *error)
{
    cJSON *object = ph_cli_json_new();
    ph_cli_json_result(object, target, result, pictures->seed, pictures->backend);
    ph_cli_json_outcome(object, output, error);
    ph_cli_json_print(object);
}

static void tell(const ph_result *result, const char *path)
{
    ph_result_info info;
    ph_result_get(result, &info);
    ph_cli_say("wrote %s: objective %.5g (clean %.5g), %d steps%s, %.1f s", path, info.last, info.clean, info.steps,
               info.interrupted ? ", interrupted" : "", info.seconds);
}

/* The two sides of a pair mostly fail for one reason: it is said once. */
void ph_cli_pictures_fail(ph_cli_pictures *pictures, const ph_error *err)
{
    ph_cli_progress_clear(pictures->progress);
    if (!pictures->jobs->pair || strcmp(pictures->last.message, err->message) != 0)
        ph_cli_say("%s", err->message);
    if (!pictures->failed++)
        pictures->first = *err;
    pictures->last = *err;
}

/* ---- Writing ---------------------------------------------------------------------------------------------------- */

static bool keep_status(ph_cli_pictures *pictures, ph_status status, const ph_error *err)
{
    if (status != PH_OK)
        ph_cli_pictures_fail(pictures, err);
    return status == PH_OK;
}

static void write_snapshots(ph_cli_pictures *pictures, const ph_result *result, const char *path)
{
    ph_result_info info;
    ph_result_get(result, &info);
    for (size_t i = 0; i < info.snapshot_count; i++) {
        int step = 0;
        char suffix[STEP_SUFFIX];
        ph_result_pixels(result, (int)i, &step);
        snprintf(suffix, sizeof suffix, "-step%04d", step);
        char *name = ph_cli_output_beside(pictures->output, path, suffix);
        ph_error err = {0};
        const bool good = keep_status(pictures, ph_result_write_snapshot_png(result, (int)i, name, &err), &err);
        free(name);
        if (!good)
            return;
    }
}

static size_t sides_of(const ph_cli_pictures *pictures)
{
    return pictures->jobs->pair ? 2 : 1;
}

/* The path of a picture; of a pair the side that comes first names the sheet. */
static char *path_for(ph_cli_pictures *pictures, size_t index, const ph_result_info *info)
{
    const ph_cli_jobs *jobs = pictures->jobs;
    const size_t target = index / sides_of(pictures);
    const ph_cli_naming naming = {.target = jobs->targets[target],
                                  .layer = info->layer ? info->layer : "",
                                  .channel = info->channel,
                                  .seed = info->seed,
                                  .index = target + 1,
                                  .count = jobs->target_count,
                                  .negative = !jobs->pair && jobs->list[index].negative};
    if (!jobs->pair)
        return ph_cli_output_name(pictures->output, &naming);
    char **base = &pictures->targets[target].base;
    if (!*base)
        *base = ph_cli_output_name(pictures->output, &naming);
    return ph_cli_output_beside(pictures->output, *base, jobs->list[index].negative ? "-negative" : "-positive");
}

static void write_pair(ph_cli_pictures *pictures, size_t target)
{
    const ph_result *const sides[2] = {pictures->results[2 * target], pictures->results[2 * target + 1]};
    const char *base = pictures->targets[target].base;
    ph_error err = {0};
    if (!sides[0] || !sides[1])
        return;
    if (keep_status(pictures, ph_write_grid_png(sides, 2, 2, base, &err), &err) && !pictures->quiet)
        ph_cli_say("wrote %s: positive, negative", base);
}

static void write_result(ph_cli_pictures *pictures, size_t index, const ph_result *result)
{
    const char *target = pictures->jobs->list[index].target;
    ph_result_info info;
    ph_result_get(result, &info);
    pictures->interrupted = pictures->interrupted || info.interrupted;
    ph_error err = {0};
    if (pictures->output->to_stdout) {
        keep_status(pictures, ph_cli_output_send(result, &err), &err);
        return;
    }
    char *path = path_for(pictures, index, &info);
    const bool good = keep_status(pictures, ph_result_write_png(result, path, &err), &err);
    if (good)
        write_snapshots(pictures, result, path);
    if (good && !pictures->quiet)
        tell(result, path);
    if (pictures->json)
        print_json(pictures, target, result, good ? path : NULL, good ? NULL : err.message);
    free(path);
}

void ph_cli_pictures_start(ph_cli_pictures *pictures)
{
    pictures->results = ph_cli_alloc(pictures->jobs->count, sizeof *pictures->results);
    pictures->targets = ph_cli_alloc(pictures->jobs->target_count, sizeof *pictures->targets);
}

void ph_cli_pictures_add(ph_cli_pictures *pictures, size_t index, ph_result *result, const ph_error *err)
{
    const size_t sides = sides_of(pictures), target = index / sides;
    ph_cli_progress_clear(pictures->progress);
    pictures->results[index] = result;
    if (result) {
        write_result(pictures, index, result);
    } else if (err && err->status == PH_INTERRUPTED) {
        pictures->interrupted = true;
    } else if (err) {
        ph_cli_pictures_fail(pictures, err);
        if (pictures->json)
            print_json(pictures, pictures->jobs->list[index].target, NULL, NULL, err->message);
    }
    if (++pictures->targets[target].delivered < (int)sides)
        return;
    if (sides == 2)
        write_pair(pictures, target);
    for (size_t side = 0; side < sides && !pictures->keep; side++)
        ph_result_free(&pictures->results[target * sides + side]);
}

void ph_cli_pictures_sheet(ph_cli_pictures *pictures, const char *path, int columns)
{
    const ph_result **list = ph_cli_alloc(pictures->jobs->count, sizeof *list);
    size_t count = 0;
    for (size_t i = 0; i < pictures->jobs->count; i++)
        if (pictures->results[i])
            list[count++] = pictures->results[i];
    ph_error err = {0};
    if (count && keep_status(pictures, ph_write_grid_png(list, count, columns, path, &err), &err) && !pictures->quiet)
        ph_cli_say("wrote %s: %zu picture%s", path, count, count == 1 ? "" : "s");
    free(list);
}

/* One status if nothing came out and all for the same reason; 1 when some pictures are there and some are not. */
int ph_cli_pictures_status(const ph_cli_pictures *pictures)
{
    if (pictures->interrupted)
        return PH_EXIT_INTERRUPTED;
    if (!pictures->failed)
        return PH_EXIT_DONE;
    const bool all = pictures->failed >= pictures->jobs->count && pictures->first.status == pictures->last.status;
    return all ? ph_cli_exit_status(pictures->first.status) : PH_EXIT_FAILED;
}

void ph_cli_pictures_clear(ph_cli_pictures *pictures)
{
    for (size_t i = 0; i < pictures->jobs->count; i++)
        ph_result_free(&pictures->results[i]);
    for (size_t i = 0; i < pictures->jobs->target_count; i++)
        free(pictures->targets[i].base);
    free(pictures->targets);
    free(pictures->results);
}
