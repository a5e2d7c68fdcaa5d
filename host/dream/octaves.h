/* From a photo to a dream: octave by octave, and what is kept of the photo in the end. */
#ifndef PH_DREAM_OCTAVES_H
#define PH_DREAM_OCTAVES_H

#include "host/dream/canvas.h"
#include "host/image/photo.h"

typedef struct ph_octaves_job {
    const ph_dream_options *options;
    const ph_callbacks *callbacks;
    ph_plans *plans;
    const ph_photo *photo;
    const ph_photo *mask; /* of any size, one channel; or NULL */
    int tile;             /* no side is larger */
    int frame;            /* frames roll differently */
} ph_octaves_job;

typedef struct ph_octaves_outcome {
    uint8_t *pixels; /* [height, width, channels] of the photo; owned by the receiver (ph_free) */
    float *course;   /* objective of each step; owned by the receiver */
    int octaves;     /* made or begun */
    int steps_done;
    double first, last; /* objectives of the last octave's steps */
    double clean;       /* of the finished picture; NaN when interrupted */
    bool interrupted;
} ph_octaves_outcome;

/* How many octaves, and the size of each (0 is the smallest). */
int ph_octave_count(const ph_dream_options *options, int width, int height);
int ph_octave_side(const ph_dream_options *options, int count, int octave, int side);

/* Whether Fourier coefficients are dreamed on, not pixels; and how gradients are brought to size. */
bool ph_octaves_fourier(const ph_dream_options *options);
ph_gradient ph_octaves_gradient(const ph_dream_options *options);
/* Device memory that the largest octave of a photo takes, tiles and plan not counted. */
int64_t ph_octaves_bytes(const ph_dream_options *options, const ph_photo *photo);

/* PH_OK also when interrupted. PH_NO_GRADIENT: in no step did anything get through to the picture. */
ph_status ph_octaves_run(const ph_octaves_job *job, ph_octaves_outcome *outcome, ph_error *err);

#endif
