/* --style param=fourier: an octave as Fourier coefficients in decorrelated colours, scaled by 1/f and climbed by Adam,
 * as a render does it. */
#ifndef PH_DREAM_FOURIER_H
#define PH_DREAM_FOURIER_H

#include "host/engine/backend.h"

typedef struct ph_fourier {
    ph_device *device;
    int width, height, channels, steps;
    float lr;
    int64_t pixels, bins;
    ph_fft *fft;
    /* Device memory. */
    ph_step_state *state;
    float *coefficients, *m, *spectrum; /* [channels, bins, 2] */
    float *v;                           /* [channels, bins] */
    float *scale, *frequency;           /* [bins] */
} ph_fourier;

/* Device memory that it takes besides the picture and its gradient. */
int64_t ph_fourier_bytes(int width, int height, int channels);
ph_status ph_fourier_new(ph_device *device, int width, int height, int channels, int steps, float lr, ph_fourier **out,
                         ph_error *err);
void ph_fourier_free(ph_fourier **fourier);

/* Takes the coefficients from the picture, [channels, height, width] on the device, and shows what they give: the same,
 * but for values nearer than half a level to black or white. `scratch` is as large as the picture. */
ph_status ph_fourier_take(ph_fourier *fourier, float *picture, float *scratch, ph_error *err);
/* One step of Adam along d/dpicture, which is overwritten, and the picture that it gives. */
ph_status ph_fourier_climb(ph_fourier *fourier, float *picture, float *gradient, ph_error *err);

#endif
