/* One batch of pictures from first noise to finished 8-bit pictures. */
#ifndef PH_RENDER_BATCH_H
#define PH_RENDER_BATCH_H

#include "host/objective/target.h"
#include "host/render/model.h"
#include "host/render/start.h"
#include "host/render/step.h"

typedef struct ph_batch_config {
    const ph_model *model;
    const ph_render_options *options;
    const ph_callbacks *callbacks; /* never NULL; its members may be */
    const ph_start *start;
    const ph_net *net;
    const int *wanted;               /* graph value of each output of the net */
    const char *backend;             /* name, for the results */
    const char *device;              /* what its describe says, "" without */
    ph_shape input;                  /* [1, C, H, W] */
    const ph_target *const *targets; /* `count` pictures to make */
    int count;                       /* <= batch; the rest of the batch repeats the last picture and is thrown away */
    int attempt;                     /* 0 first; later ones start from another, bolder draw */
    size_t finished, pictures;       /* of the whole render, for the progress report */
} ph_batch_config;

/* What became of one picture: exactly one of result (status PH_OK or PH_INTERRUPTED) and a message. PH_NO_GRADIENT
 * means that no step ever had a gradient: another draw may help. */
typedef struct ph_outcome {
    ph_status status;
    struct ph_result *result; /* owned by the receiver */
    ph_error error;
} ph_outcome;

/* Fills `count` outcomes. Returns other than PH_OK when the batch as a whole failed (device, memory): then all outcomes
 * are empty; PH_INTERRUPTED when progress asked to stop: the outcomes hold the pictures so far. */
ph_status ph_batch_run(ph_step *step, int batch, const ph_batch_config *config, ph_outcome *outcomes, ph_error *err);

#endif
