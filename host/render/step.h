/* One step of the optimization, for a batch of pictures, on a device: everything that is allocated once and run many
 * times. The step reads like the picture's way: parameters -> picture -> warp -> network -> objective, and back. */
#ifndef PH_RENDER_STEP_H
#define PH_RENDER_STEP_H

#include "host/engine/backend.h"
#include "host/model/preprocess.h"
#include "host/objective/heads.h"
#include "phosphene.h"

typedef struct ph_step_config {
    const ph_render_options *options;
    const ph_preprocess *preprocess;
    const ph_net *net; /* must outlive the step, like the two above */
    int batch;
    int width, height, channels; /* of the picture and of the network's input */
} ph_step_config;

typedef struct ph_step ph_step;

/* Device memory that ph_step_new will take: network and stages. */
ph_status ph_step_bytes(ph_device *device, const ph_step_config *config, int64_t *bytes, ph_error *err);
ph_status ph_step_new(ph_device *device, const ph_step_config *config, ph_step **out, ph_error *err);
void ph_step_free(ph_step **step);

/* Parameters of one picture, in floats: [channels, height, width/2+1, 2] (Fourier) or [channels, height, width]. */
size_t ph_step_parameter_count(const ph_step *step);

/* What the pictures of the batch maximize on output number `output` of the net. Copied. */
ph_status ph_step_heads(ph_step *step, int output, const ph_head *head, ph_error *err);

/* Starts over: parameters [batch x parameter_count], seeds [batch]; optimizer state and step number go to zero. */
ph_status ph_step_start(ph_step *step, const float *parameters, const uint64_t *seeds, ph_error *err);

/* Forward, objective, backward, ascent. Where the backend can, the second step of a mode is recorded and all later ones
 * are replays of it, which may still be under way on return: whatever reads from the device waits for them. */
ph_status ph_step_run(ph_step *step, ph_relu_mode mode, ph_error *err);

/* True where ph_step_run returns before its work is done. */
bool ph_step_is_queued(const ph_step *step);

/* Of the latest step: objectives [batch]; L2 norm of each picture's gradient [batch]. */
ph_status ph_step_objectives(ph_step *step, float *objectives, ph_error *err);
ph_status ph_step_gradient_norms(ph_step *step, float *norms, ph_error *err);
/* Objectives of all steps so far: [batch x options.steps]. */
ph_status ph_step_course(ph_step *step, float *course, ph_error *err);

/* The pictures as they stand, before colour and sigmoid: [batch, channels, height, width]. */
ph_status ph_step_planes(ph_step *step, float *planes, ph_error *err);
/* Objectives [batch] of finished pictures [batch, channels, height, width] in [0, 1], without warp. */
ph_status ph_step_clean(ph_step *step, const float *pictures, float *objectives, ph_error *err);

#endif
