#include "host/cli/dreaming.h"

#include "host/cli/json.h"

#include <stdlib.h>

void ph_cli_dreaming_fail(ph_cli_dreaming *d, const ph_error *err)
{
    ph_cli_say("%s", err->message);
    if (!d->failed++)
        d->first = *err;
    d->last = *err;
}

char *ph_cli_dreaming_path(ph_cli_dreaming *d, const char *photo)
{
    const ph_cli_naming naming = {.target = ph_dream_target(d->dream),
                                  .layer = ph_dream_target(d->dream),
                                  .photo = photo,
                                  .channel = -1,
                                  .seed = d->options.seed,
                                  .index = d->at + 1,
                                  .count = d->photos.count,
                                  .negative = d->options.negative};
    return ph_cli_output_name(d->output, &naming);
}

/* result: NULL when there is none; error: why, or why it could not be written. */
static void report(const ph_cli_dreaming *d, const char *photo, int frame, const ph_result *result, const char *output,
                   const char *error)
{
    if (!d->json)
        return;
    cJSON *object = ph_cli_json_new();
    ph_cli_json_text(object, "photo", photo);
    if (d->frames)
        ph_cli_json_whole(object, "frame", frame + 1);
    ph_cli_json_result(object, ph_dream_target(d->dream), result, d->options.seed, d->options.backend);
    ph_cli_json_outcome(object, output, error);
    ph_cli_json_print(object);
}

static void tell(const ph_cli_dreaming *d, const ph_result *result, const char *path)
{
    ph_result_info info;
    ph_result_get(result, &info);
    if (!d->quiet)
        ph_cli_say("wrote %s: objective %.5g, %d steps%s, %.1f s", path, info.last, info.steps,
                   info.interrupted ? ", interrupted" : "", info.seconds);
}

ph_status ph_cli_dreaming_photo(ph_cli_dreaming *d, const char *photo, int frame, const char *path)
{
    ph_result *result = NULL;
    ph_error err = {0};
    ph_status status = ph_dream_frame(d->dream, photo, frame, &result, &err);
    ph_cli_progress_clear(&d->progress);
    if (!result) {
        ph_cli_dreaming_fail(d, &err);
        report(d, photo, frame, NULL, NULL, err.message);
        return status;
    }
    const ph_status written = path ? ph_result_write_png(result, path, &err) : ph_cli_output_send(result, &err);
    if (written != PH_OK) {
        ph_cli_dreaming_fail(d, &err);
        status = status == PH_OK ? written : status;
    } else if (path) {
        tell(d, result, path);
    }
    report(d, photo, frame, result, written == PH_OK ? path : NULL, written == PH_OK ? NULL : err.message);
    ph_result_free(&result);
    return status;
}
