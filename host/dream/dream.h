/* What a ph_dream holds between photos. */
#ifndef PH_DREAM_DREAM_H
#define PH_DREAM_DREAM_H

#include "host/dream/plan.h"
#include "host/image/photo.h"

struct ph_dream {
    ph_model *model; /* not owned */
    ph_dream_options options;
    ph_callbacks callbacks;
    ph_device *device;
    ph_target *target;
    ph_plans *plans;
    ph_photo *mask; /* or NULL */
    bool may_widen; /* the backend chose a precision of narrow range, and may choose another */
};

/* What the settings of a dreamed picture are made from. */
typedef struct ph_dream_record {
    const ph_dream *dream;
    const char *photo;
    char photo_sha256[65];
    int frame, tile; /* the tile in effect: with the same one the picture comes out the same on any machine */
    int steps_done;
    bool interrupted;
    const float *course;
} ph_dream_record;

/* *json is a new string (ph_free):
 *   {"program", "version", "command": "dream", "model", "preprocessing", "target", "negative", "photo": path as given,
 *    "photo_sha256", "frame", "backend", "steps_done", "interrupted", "options", "course"} */
ph_status ph_dream_settings_write(const ph_dream_record *record, char **json, ph_error *err);

#endif
