/* A guide photo as a network sees it. */
#ifndef PH_DREAM_GUIDE_H
#define PH_DREAM_GUIDE_H

#include "host/engine/backend.h"
#include "host/objective/target.h"
#include "host/render/model.h"

typedef struct ph_guide_output {
    float *features; /* device, [channels, positions] */
    int64_t channels, positions;
    float weight; /* of the target's terms on this output */
} ph_guide_output;

typedef struct ph_guide {
    ph_device *device;
    ph_guide_output *outputs; /* one per value wanted */
    size_t count;
} ph_guide;

/* Reads the photo, resized to fit into the model's own input size, through the network up to the values wanted. The
 * target must be a layer or a sum of layers: PH_MISUSE if not. Errors of reading, lowering and running. */
ph_status ph_guide_new(const ph_model *model, ph_device *device, const ph_target *target, const int *wanted,
                       size_t wanted_count, const char *photo, ph_guide **out, ph_error *err);
void ph_guide_free(ph_guide **guide);

#endif
