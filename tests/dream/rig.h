/* A canvas with everything under it, for tests that look inside a dream. */
#ifndef TESTS_DREAM_RIG_H
#define TESTS_DREAM_RIG_H

#include "host/dream/canvas.h"
#include "tests/base/backends.h"

typedef struct rig_wish {
    const char *target;
    int width, height, tile, overlap, batch, steps, jitter;
    ph_gradient gradient;
    float step;        /* in [0, 1] */
    float lr;          /* above 0: Fourier coefficients */
    const float *mask; /* [height, width] or NULL */
    const char *guide; /* path or NULL */
} rig_wish;

typedef struct rig {
    ph_device *device;
    ph_target *target;
    ph_plans *plans;
    ph_canvas *canvas;
} rig;

/* Fails the running test on any error. picture: [channels, height, width] in [0, 1]. */
void rig_set_up(rig *r, ph_device *device, const ph_model *model, const rig_wish *wish, const float *picture);
/* All planes as they stand: a new array, free(). */
float *rig_picture(const rig *r);
/* The gradient of the last step, likewise. */
float *rig_gradient(const rig *r);
/* All but the device. */
void rig_tear_down(rig *r);

/* count numbers that look like a smooth photo, in [0.1, 0.9]: a new array, free(). */
float *rig_photo(int channels, int width, int height);

#endif
