#include "host/image/init.h"

#include "host/base/status.h"
#include "host/image/colour_space.h"
#include "host/image/dft.h"
#include "host/image/spectrum_scale.h"
#include "kernels/element/philox.h"

#include <math.h>

void ph_init_noise(uint64_t seed, uint32_t attempt, double deviation, float *values, size_t count)
{
    const ph_purpose purpose = attempt ? PH_PURPOSE_REDRAW : PH_PURPOSE_INIT;
    for (size_t i = 0; i < count; i += 4) {
        const ph_random random = ph_philox(seed, purpose, attempt, i / 4);
        double normal[4];
        ph_random_normal(random.x[0], random.x[1], normal);
        ph_random_normal(random.x[2], random.x[3], normal + 2);
        for (size_t k = 0; k < 4 && i + k < count; k++)
            values[i + k] = (float)(deviation * normal[k]);
    }
}

/* The least short side at which the resized photo (long side rounded down) covers width x height. */
static int covering_side(const ph_photo *photo, int width, int height)
{
    const bool wide = photo->width > photo->height;
    const int64_t shorter = wide ? photo->height : photo->width, longer = wide ? photo->width : photo->height;
    const int64_t across = wide ? height : width, along = wide ? width : height;
    const int64_t needed = (along * shorter + longer - 1) / longer;
    return (int)(needed > across ? needed : across);
}

static float logit(float p)
{
    const double least = 0.5 / 255, clipped = fmin(fmax((double)p, least), 1 - least);
    return (float)log(clipped / (1 - clipped));
}

ph_status ph_init_photo(const ph_photo *photo, int width, int height, bool mix, float *planes, ph_error *err)
{
    const int channels = photo->channels;
    if (mix && channels != 3)
        return ph_fail(err, PH_MISUSE, "decorrelated colours need 3 channels, the photo was read with %d", channels);
    ph_photo *crop = NULL;
    PH_TRY(ph_photo_crop(photo, covering_side(photo, width, height), width, height, &crop, err));
    const size_t count = (size_t)width * (size_t)height;
    for (size_t i = 0; i < count; i++) {
        float value[3] = {0};
        for (int c = 0; c < channels; c++)
            value[c] = logit(crop->pixels[i * (size_t)channels + (size_t)c]);
        for (int c = 0; c < channels; c++) {
            const float *row = ph_colour_inverse + 3 * c;
            planes[(size_t)c * count + i] = mix ? row[0] * value[0] + row[1] * value[1] + row[2] * value[2] : value[c];
        }
    }
    ph_photo_free(&crop);
    return PH_OK;
}

/* The unnormalized transform there and back multiplies by width x height. */
ph_status ph_init_spectrum(const float *planes, int channels, int width, int height, const float *scale,
                           float *coefficients, ph_error *err)
{
    const size_t bins = (size_t)ph_spectrum_bins(width, height), pixels = (size_t)width * (size_t)height;
    for (int c = 0; c < channels; c++) {
        float *plane = coefficients + (size_t)c * 2 * bins;
        PH_TRY(ph_dft_r2c(planes + (size_t)c * pixels, width, height, plane, err));
        for (size_t i = 0; i < 2 * bins; i++)
            plane[i] = (float)((double)plane[i] / ((double)scale[i / 2] * (double)pixels));
    }
    return PH_OK;
}
