#include "host/render/start.h"

#include "host/base/alloc.h"
#include "host/base/status.h"
#include "host/image/init.h"
#include "host/image/photo.h"
#include "host/image/spectrum_scale.h"
#include "host/render/options.h"

#include <math.h>
#include <string.h>

struct ph_start {
    const ph_render_options *options;
    float *photo; /* parameters that show the photo, or NULL */
};

/* Planes of the photo, and for Fourier parameters their spectrum in their place. */
static ph_status photo_parameters(const ph_render_options *o, const ph_photo *photo, int width, int height, float **out,
                                  ph_error *err)
{
    const int channels = photo->channels;
    const size_t values = (size_t)(channels * width * height), bins = (size_t)ph_spectrum_bins(width, height);
    const bool mix = ph_options_mix(o, channels);
    float *planes = ph_alloc(values, sizeof *planes);
    if (!planes)
        return ph_fail_memory(err, values * sizeof *planes, "the photo to start from");
    ph_status status = ph_init_photo(photo, width, height, mix, planes, err);
    if (status != PH_OK || !ph_options_fourier(o)) {
        if (status == PH_OK)
            *out = planes;
        else
            ph_free(planes);
        return status;
    }
    float *scale = ph_alloc(bins, sizeof *scale);
    float *spectrum = ph_alloc((size_t)channels * bins * 2, sizeof *spectrum);
    if (scale && spectrum) {
        ph_spectrum_scale(width, height, o->decay, scale);
        status = ph_init_spectrum(planes, channels, width, height, scale, spectrum, err);
    } else {
        status = ph_fail_memory(err, (size_t)channels * bins * 2 * sizeof *spectrum, "the photo to start from");
    }
    ph_free(planes);
    ph_free(scale);
    if (status == PH_OK)
        *out = spectrum;
    else
        ph_free(spectrum);
    return status;
}

ph_status ph_start_new(const ph_render_options *options, int width, int height, int channels, ph_start **out,
                       ph_error *err)
{
    *out = NULL;
    if (*options->init && channels != 1 && channels != 3)
        return ph_fail(err, PH_MISUSE, "--init: a photo has 1 or 3 channels, this network's input has %d", channels);
    ph_start *start = ph_alloc(1, sizeof *start);
    if (!start)
        return ph_fail_memory(err, sizeof *start, "the start");
    start->options = options;
    ph_photo *photo = NULL;
    ph_status status = PH_OK;
    if (*options->init)
        status = ph_photo_load(options->init, channels, &photo, err);
    if (photo)
        status = photo_parameters(options, photo, width, height, &start->photo, err);
    ph_photo_free(&photo);
    if (status != PH_OK)
        ph_start_free(&start);
    *out = start;
    return status;
}

void ph_start_free(ph_start **start)
{
    if (!start || !*start)
        return;
    ph_free((*start)->photo);
    ph_free(*start);
    *start = NULL;
}

bool ph_start_is_random(const ph_start *start)
{
    return !start->photo;
}

void ph_start_parameters(const ph_start *start, int attempt, float *parameters, size_t count)
{
    const ph_render_options *o = start->options;
    if (start->photo)
        memcpy(parameters, start->photo, count * sizeof *parameters);
    else
        ph_init_noise(o->seed, (uint32_t)attempt, o->init_sd * pow(8, attempt), parameters, count);
}
