/* What step.c (memory) and step_run.c (the way there and back) share. */
#ifndef PH_RENDER_STEP_PRIVATE_H
#define PH_RENDER_STEP_PRIVATE_H

#include "host/render/step.h"

typedef struct ph_step_head {
    ph_head_term *terms; /* device */
    float *vectors;      /* device or NULL */
    int64_t channels, positions;
    int term_count;
} ph_step_head;

struct ph_step {
    ph_device *device;
    const ph_backend *backend;
    const ph_render_options *options;
    const ph_preprocess *preprocess;
    const ph_net *net;
    ph_engine *engine;
    ph_fft *fft;
    ph_step_head *heads; /* one per output of the net */

    int batch, channels, width, height;
    int64_t pixels, bins, parameters; /* of one picture: plane, spectrum plane, all parameters */
    int64_t chunks;                   /* of the longest thing whose norm is taken */
    int64_t head_channels;            /* most channels of any output */
    ph_recording *recordings[2];      /* the whole step by ph_relu_mode, where the backend records */
    bool rehearsed[2];                /* was run once call by call */
    bool fourier, adam, mix, penalty;

    /* Device memory. */
    ph_step_state *state;
    uint64_t *seeds;
    float *maps, *still; /* affine maps of the step; those that leave the picture as it is */
    float *objective, *course;
    float *gain, *offset;
    int *order;
    float *parameter, *gradient, *m, *v;
    float *scale, *frequency, *spectrum, *planes;
    float *picture, *picture_gradient;
    double *square_sums, *channel_sums;
    float *norms, *l2_norms;
};

/* Channels of an output as objectives count them: axis 1. */
int64_t ph_head_channels_of(const ph_shape *shape);

#endif
