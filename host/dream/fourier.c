#include "host/dream/fourier.h"

#include "host/base/alloc.h"
#include "host/base/status.h"
#include "host/dream/memory.h"
#include "host/image/colour_space.h"
#include "host/image/spectrum_scale.h"

#include <string.h>

/* One call of an element kernel, by name: kernel, count, then the fields of its argument struct. */
#define RUN(f, kernel, count, ...)                                                                                     \
    PH_TRY(                                                                                                            \
        ph_device_backend((f)->device)->element->kernel((f)->device, (count), (ph_##kernel##_args){__VA_ARGS__}, err))

/* Short memories for few steps; the epsilon is far below any gradient that counts, whose scale the target decides. */
static const float BETA1 = 0.5f, BETA2 = 0.999f, EPSILON = 1e-16f;
static const double DECAY = 1;

int64_t ph_fourier_bytes(int width, int height, int channels)
{
    const int64_t bins = ph_spectrum_bins(width, height);
    return (7 * channels + 2) * bins * (int64_t)sizeof(float);
}

/* A table of the spectrum on the device: the frequencies, or the scale, or what undoes it. */
static ph_status write_table(ph_fourier *f, float *to, bool frequencies, bool inverse, ph_error *err)
{
    const size_t bytes = (size_t)f->bins * sizeof(float);
    float *table = ph_alloc((size_t)f->bins, sizeof *table);
    if (!table)
        return ph_fail_memory(err, bytes, "the frequencies");
    if (frequencies)
        ph_spectrum_frequencies(f->width, f->height, table);
    else
        ph_spectrum_scale(f->width, f->height, DECAY, table);
    for (int64_t k = 0; k < f->bins && inverse; k++)
        table[k] = (float)(1 / ((double)table[k] * (double)f->pixels));
    const ph_status status = ph_device_backend(f->device)->write(f->device, to, table, bytes, err);
    ph_free(table);
    return status;
}

ph_status ph_fourier_new(ph_device *device, int width, int height, int channels, int steps, float lr, ph_fourier **out,
                         ph_error *err)
{
    *out = NULL;
    ph_fourier *f = ph_alloc(1, sizeof *f);
    if (!f)
        return ph_fail_memory(err, sizeof *f, "an octave");
    *f = (ph_fourier){
        .device = device, .width = width, .height = height, .channels = channels, .steps = steps, .lr = lr};
    f->pixels = (int64_t)width * height;
    f->bins = ph_spectrum_bins(width, height);
    const size_t plane = (size_t)f->bins * sizeof(float), all = (size_t)channels * plane;
    const struct {
        void **memory;
        size_t bytes;
    } buffers[] = {{(void **)&f->state, sizeof *f->state},
                   {(void **)&f->coefficients, 2 * all},
                   {(void **)&f->m, 2 * all},
                   {(void **)&f->spectrum, 2 * all},
                   {(void **)&f->v, all},
                   {(void **)&f->scale, plane},
                   {(void **)&f->frequency, plane}};
    ph_status status = PH_OK;
    for (size_t i = 0; i < sizeof buffers / sizeof *buffers && status == PH_OK; i++)
        status = ph_memory_upload(device, buffers[i].memory, NULL, buffers[i].bytes, err);
    if (status == PH_OK)
        status = ph_device_backend(device)->fft_new(device, width, height, channels, &f->fft, err);
    if (status == PH_OK)
        status = write_table(f, f->frequency, true, false, err);
    if (status == PH_OK)
        *out = f;
    else
        ph_fourier_free(&f);
    return status;
}

void ph_fourier_free(ph_fourier **fourier)
{
    if (!fourier || !*fourier)
        return;
    ph_fourier *f = *fourier;
    void *const memory[] = {f->state, f->coefficients, f->m, f->spectrum, f->v, f->scale, f->frequency};
    for (size_t i = 0; i < sizeof memory / sizeof *memory; i++)
        ph_memory_release(f->device, memory[i]);
    if (f->fft)
        ph_device_backend(f->device)->fft_free(f->fft);
    ph_free(f);
    *fourier = NULL;
}

static bool mixes(const ph_fourier *f)
{
    return f->channels == 3;
}

/* Coefficients -> picture. */
static ph_status show(ph_fourier *f, float *picture, ph_error *err)
{
    RUN(f, spectrum, f->channels * f->bins, .coefficients = f->coefficients, .scale = f->scale, .spectrum = f->spectrum,
        .bins = f->bins);
    PH_TRY(ph_device_backend(f->device)->fft_c2r(f->fft, f->spectrum, picture, err));
    ph_colour_args args = {
        .planes = picture, .picture = picture, .pixels = f->pixels, .channels = f->channels, .mix = mixes(f)};
    memcpy(args.matrix, ph_colour_matrix, sizeof args.matrix);
    return ph_device_backend(f->device)->element->colour(f->device, f->pixels, args, err);
}

ph_status ph_fourier_take(ph_fourier *fourier, float *picture, float *scratch, ph_error *err)
{
    ph_fourier *f = fourier;
    const ph_backend *backend = ph_device_backend(f->device);
    ph_uncolour_args args = {
        .picture = picture, .planes = scratch, .pixels = f->pixels, .channels = f->channels, .mix = mixes(f)};
    memcpy(args.inverse, ph_colour_inverse, sizeof args.inverse);
    PH_TRY(backend->element->uncolour(f->device, f->pixels, args, err));
    PH_TRY(backend->fft_r2c(f->fft, scratch, f->spectrum, err));
    PH_TRY(write_table(f, f->scale, false, true, err));
    RUN(f, spectrum, f->channels * f->bins, .coefficients = f->spectrum, .scale = f->scale, .spectrum = f->coefficients,
        .bins = f->bins);
    PH_TRY(write_table(f, f->scale, false, false, err));
    return show(f, picture, err);
}

ph_status ph_fourier_climb(ph_fourier *fourier, float *picture, float *gradient, ph_error *err)
{
    ph_fourier *f = fourier;
    const ph_backend *backend = ph_device_backend(f->device);
    ph_colour_vjp_args args = {.picture = picture,
                               .picture_gradient = gradient,
                               .planes_gradient = gradient,
                               .pixels = f->pixels,
                               .channels = f->channels,
                               .mix = mixes(f)};
    memcpy(args.matrix, ph_colour_matrix, sizeof args.matrix);
    PH_TRY(backend->element->colour_vjp(f->device, f->pixels, args, err));
    PH_TRY(backend->fft_r2c(f->fft, gradient, f->spectrum, err));
    RUN(f, spectrum_vjp, f->channels * f->bins, .transformed = f->spectrum, .scale = f->scale, .gradient = f->spectrum,
        .bins = f->bins, .width = f->width, .columns = f->width / 2 + 1);
    RUN(f, schedule, 1, .state = f->state, .steps = f->steps, .lr = f->lr, .beta1 = BETA1, .beta2 = BETA2);
    RUN(f, adam_complex, f->channels * f->bins, .state = f->state, .coefficients = f->coefficients,
        .gradient = f->spectrum, .m = f->m, .v = f->v, .frequency = f->frequency, .bins = f->bins, .beta1 = BETA1,
        .beta2 = BETA2, .epsilon = EPSILON, .shared = 1);
    RUN(f, advance, 1, .state = f->state);
    return show(f, picture, err);
}
