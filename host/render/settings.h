/* The settings of a picture as JSON: what a PNG carries and `--from` repeats.
 *
 *   {"program": "phosphene", "version", "model": SHA-256, "preprocessing": {"range",
 *    "mean", "std", "channels"}, "target", "negative", "device" (GPU), "backend", "steps_done",
 *    "interrupted", "options": {every recorded row of ph_render_option_list, '_' for '-'}, "course": [objective per
 * step]}
 *
 * It holds no times, no names of machines and no paths but that of the photo a picture started from: the same render
 * gives the same bytes. Numbers of 64 bits ("seed") are strings, as JSON's numbers hold 53 bits only. */
#ifndef PH_RENDER_SETTINGS_H
#define PH_RENDER_SETTINGS_H

#include "host/model/preprocess.h"
#include "phosphene.h"

typedef struct ph_settings_source {
    const ph_render_options *options;
    int width, height;        /* the picture's: recorded instead of options->width, height, which may be 0 */
    const char *model_sha256; /* ph_model_sha256 */
    const ph_preprocess *preprocess;
    const char *target;  /* as asked for */
    bool negative;       /* the effective sign: of options and job together */
    const char *backend; /* that computed it: "cpu" */
    const char *device;  /* more of it: card, libraries, precision; "": nothing */
    int steps_done;
    bool interrupted;
    const float *course; /* steps_done objectives */
} ph_settings_source;

/* *json is a new string (ph_free), one line. PH_NO_MEMORY. */
ph_status ph_settings_write(const ph_settings_source *source, char **json, ph_error *err);

#endif
