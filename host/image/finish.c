#include "host/image/finish.h"

#include "host/base/alloc.h"
#include "host/base/status.h"
#include "host/image/colour_space.h"

#include <math.h>

/* Beyond this a picture is mostly amplified noise or has none of its contrast left. A power of two. */
enum { MAX_FACTOR = 8 };

int ph_finish_channels(int channels)
{
    return channels == 1 ? 1 : 3;
}

/* The planes with the colour matrix applied, in RGB (or the network's channels) before the sigmoid. */
static ph_status mixed_planes(const ph_finish *job, float *mixed, ph_error *err)
{
    const size_t count = (size_t)job->width * (size_t)job->height;
    for (size_t i = 0; i < count; i++)
        for (int c = 0; c < job->channels; c++) {
            const float *row = ph_colour_matrix + 3 * (c % 3), *plane = job->planes + i;
            float value = plane[(size_t)c * count];
            if (job->mix)
                value = row[0] * plane[0] + row[1] * plane[count] + row[2] * plane[2 * count];
            if (!isfinite(value))
                return ph_fail(err, PH_NOT_FINITE, "the picture holds infinite or not-a-number values: lower --lr");
            mixed[(size_t)c * count + i] = value;
        }
    return PH_OK;
}

static double plane_mean(const float *plane, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += (double)plane[i];
    return sum / (double)count;
}

/* Every channel stretched by `factor` around its own mean, so that dark pictures stay dark, then through the sigmoid.
 */
static void squash(const float *mixed, const float *means, int channels, float factor, size_t count, float *picture)
{
    for (int c = 0; c < channels; c++) {
        const float *plane = mixed + (size_t)c * count;
        const float mean = factor == 1 ? 0 : means[c];
        for (size_t i = 0; i < count; i++)
            picture[(size_t)c * count + i] = 1.0f / (1.0f + expf(-(mean + factor * (plane[i] - mean))));
    }
}

/* Deviation of the picture at a factor, minus the one wanted. */
static double excess(const ph_finish *job, const float *mixed, const float *means, double factor, float *picture)
{
    const size_t pixels = (size_t)job->width * (size_t)job->height;
    const int seen = job->channels < 3 ? job->channels : 3;
    squash(mixed, means, seen, (float)factor, pixels, picture);
    return ph_luminance_deviation(picture, seen, pixels) - job->contrast;
}

/* The factor, bracketed by doubling or halving from 1, then by bisection of its logarithm. */
static double contrast_factor(const ph_finish *job, const float *mixed, const float *means, float *picture)
{
    const double enough = 1e-4; /* a fortieth of a grey level */
    double low = 1, high = 1, factor = 1, found = excess(job, mixed, means, factor, picture);
    if (found + job->contrast < 1e-6)
        return 1; /* flat: an amplified rounding error is no picture */
    const bool rising = found < 0;
    while (fabs(found) > enough && rising == (found < 0) &&
           (rising ? factor < MAX_FACTOR : factor > 1.0 / MAX_FACTOR)) {
        *(rising ? &low : &high) = factor;
        factor *= rising ? 2 : 0.5;
        *(rising ? &high : &low) = factor;
        found = excess(job, mixed, means, factor, picture);
    }
    if (rising == (found < 0))
        return factor;
    for (int i = 0; i < 40 && fabs(found) > enough; i++) {
        factor = sqrt(low * high);
        found = excess(job, mixed, means, factor, picture);
        *(found < 0 ? &low : &high) = factor;
    }
    return factor;
}

static void quantize(const ph_finish *job, float *picture, uint8_t *pixels)
{
    const size_t count = (size_t)job->width * (size_t)job->height;
    const int shown = ph_finish_channels(job->channels);
    for (size_t i = 0; i < count * (size_t)job->channels; i++)
        picture[i] = floorf(picture[i] * 255.0f + 0.5f) / 255.0f;
    for (size_t i = 0; i < count; i++)
        for (int c = 0; c < shown; c++) {
            const float value = c < job->channels ? picture[(size_t)c * count + i] : 128.0f / 255.0f;
            pixels[i * (size_t)shown + (size_t)c] = (uint8_t)(value * 255.0f + 0.5f);
        }
}

ph_status ph_finish_run(const ph_finish *job, uint8_t *pixels, float *picture, ph_error *err)
{
    const size_t values = (size_t)job->width * (size_t)job->height * (size_t)job->channels;
    const size_t pixels_each = values / (size_t)job->channels;
    /* The planes, and behind them the mean of each. */
    float *mixed = ph_alloc(values + (size_t)job->channels, sizeof *mixed);
    float *own = picture ? NULL : ph_alloc(values, sizeof *own);
    float *result = picture ? picture : own;
    ph_status status = PH_OK;
    if (!mixed || !result)
        status = ph_fail_memory(err, values * sizeof *mixed, "the finished picture");
    else
        status = mixed_planes(job, mixed, err);
    if (status == PH_OK) {
        float *means = mixed + values;
        for (int c = 0; c < job->channels; c++)
            means[c] = (float)plane_mean(mixed + (size_t)c * pixels_each, pixels_each);
        const double factor = job->contrast > 0 ? contrast_factor(job, mixed, means, result) : 1;
        squash(mixed, means, job->channels, (float)factor, pixels_each, result);
        quantize(job, result, pixels);
    }
    ph_free(own);
    ph_free(mixed);
    return status;
}
