/* What a render starts from: noise by seed, or a photo. */
#ifndef PH_RENDER_START_H
#define PH_RENDER_START_H

#include "phosphene.h"

typedef struct ph_start ph_start;

/* Reads options->init if there is one (1- and 3-channel networks only). `options` must outlive it. */
ph_status ph_start_new(const ph_render_options *options, int width, int height, int channels, ph_start **out,
                       ph_error *err);
void ph_start_free(ph_start **start);

/* True if another attempt starts differently. */
bool ph_start_is_random(const ph_start *start);

/* The parameters of one picture (see step.h), by the seed in the options and the attempt alone. Attempt n is 8^n times
 * bolder: what kept the gradient away from a nearly grey picture would keep it away from the next nearly grey one too.
 */
void ph_start_parameters(const ph_start *start, int attempt, float *parameters, size_t count);

#endif
