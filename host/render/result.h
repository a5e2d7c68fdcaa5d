/* One finished picture with everything that is known of it. */
#ifndef PH_RENDER_RESULT_H
#define PH_RENDER_RESULT_H

#include "phosphene.h"

typedef struct ph_snapshot {
    int step;
    uint8_t *pixels; /* owned */
} ph_snapshot;

struct ph_result {
    ph_result_info info; /* its strings and course point into what follows */
    char *target, *layer, *settings;
    float *course;
    uint8_t *pixels;
    ph_snapshot *snapshots; /* info.snapshot_count of them */
};

/* An empty result with room for `snapshots` snapshots and `steps` course entries. */
ph_status ph_result_new(size_t snapshots, int steps, ph_result **out, ph_error *err);

#endif
