/* One octave on the device: the picture that is climbed, its gradient, and the tiles it is seen through. */
#ifndef PH_DREAM_CANVAS_H
#define PH_DREAM_CANVAS_H

#include "host/dream/fourier.h"
#include "host/dream/plan.h"
#include "host/dream/tiling.h"

/* How the gradient is brought to size. */
typedef enum ph_gradient {
    PH_GRADIENT_MEAN,     /* divided by its mean magnitude (the original Caffe notebook) */
    PH_GRADIENT_RMS,      /* divided by its root mean square */
    PH_GRADIENT_LAPLACIAN /* every level of its Laplacian pyramid divided by its root mean square (TensorFlow) */
} ph_gradient;

enum { PH_PYRAMID_LEVELS = 4, PH_RATES = 2 * (PH_PYRAMID_LEVELS + 2) };

typedef struct ph_canvas_config {
    ph_plan *plan;
    int width, height, channels;
    int columns, lines; /* tiles */
    int steps;          /* that will be made */
    ph_gradient gradient;
    float step;        /* length of a step in units of [0, 1] */
    float lr;          /* above 0: Fourier coefficients climbed by Adam at this rate, instead of pixels */
    int jitter;        /* pixels either way; 0 nails the tiles down */
    uint64_t seed;     /* of the rolls */
    uint32_t first;    /* number of the first step, for the rolls: octaves and frames have their own */
    const float *mask; /* [height, width] or NULL */
} ph_canvas_config;

typedef struct ph_canvas {
    ph_canvas_config config;
    const ph_plans *plans;
    ph_device *device;
    const ph_backend *backend;
    int64_t pixels, values; /* of a plane; of all */
    int tiles, padded;      /* their number, and that rounded up to whole batches */
    ph_axis x, y;
    float *objectives; /* host, [padded] */
    double mask_sum;
    ph_fourier *fourier; /* or NULL */

    /* Device memory. */
    float *picture, *gradient; /* [channels, height, width] */
    float *mask;               /* [height, width] or NULL */
    float *weight_x, *weight_y;
    int *origins; /* [steps + 1, padded, 2]; the last without roll */
    float *tile_objectives;
    double *sums, *spread;
    float *rates; /* pairs as magnitude leaves them: the step's, each level's, the lowest's; then the bare step */
    float *levels[PH_PYRAMID_LEVELS];
} ph_canvas;

/* Device memory that a canvas of this size takes, tiles and plan not counted. */
int64_t ph_canvas_bytes(int width, int height, int channels, bool mask, bool fourier, ph_gradient gradient);

ph_status ph_canvas_new(const ph_plans *plans, const ph_canvas_config *config, ph_canvas **out, ph_error *err);
void ph_canvas_free(ph_canvas **canvas);

/* The picture in and out: one plane of `channels`, [height, width]. */
ph_status ph_canvas_write(ph_canvas *canvas, int channel, const float *plane, ph_error *err);
ph_status ph_canvas_read(ph_canvas *canvas, int channel, float *plane, ph_error *err);

/* Once the picture is written: what its parametrization makes of it. */
ph_status ph_canvas_begin(ph_canvas *canvas, ph_error *err);

/* Asked between the batches of a step's tiles, with the share of them that is done: false gives the step up. */
typedef bool (*ph_canvas_ask)(double share, void *user);

typedef struct ph_canvas_step_config {
    int number; /* 0 … steps-1 */
    ph_relu_mode mode;
    ph_canvas_ask ask; /* or NULL */
    void *user;
} ph_canvas_step_config;

typedef struct ph_canvas_outcome {
    double objective; /* the mean over the tiles, before the step */
    double magnitude; /* mean size of the gradient's values; 0 when nothing gets through */
} ph_canvas_outcome;

/* One step: objective and gradient of all tiles, then the ascent. PH_NOT_FINITE; PH_INTERRUPTED when given up: the
 * picture is then that before the step. */
ph_status ph_canvas_step(ph_canvas *canvas, const ph_canvas_step_config *config, ph_canvas_outcome *outcome,
                         ph_error *err);
/* The objective of the picture as it stands, tiles not moved. */
ph_status ph_canvas_objective(ph_canvas *canvas, double *objective, ph_error *err);

#endif
