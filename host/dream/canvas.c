#include "host/dream/canvas.h"

#include "host/base/alloc.h"
#include "host/base/status.h"
#include "host/dream/memory.h"
#include "kernels/element/philox.h"

static int64_t groups_of(int64_t count)
{
    return (count + PH_SPREAD - 1) / PH_SPREAD;
}

int64_t ph_canvas_bytes(int width, int height, int channels, bool mask, bool fourier, ph_gradient gradient)
{
    const int64_t pixels = (int64_t)width * height, values = pixels * channels;
    const int64_t sums = groups_of(values) + groups_of(groups_of(values));
    int64_t bytes = (2 * values + (mask ? pixels : 0)) * (int64_t)sizeof(float) + sums * (int64_t)sizeof(double);
    if (fourier)
        bytes += ph_fourier_bytes(width, height, channels);
    for (int i = 0, w = width, h = height; i < PH_PYRAMID_LEVELS && gradient == PH_GRADIENT_LAPLACIAN; i++) {
        w = (w + 1) / 2;
        h = (h + 1) / 2;
        bytes += (int64_t)w * h * channels * (int64_t)sizeof(float);
    }
    return bytes;
}

/* How far the torus is turned along one axis: anywhere within a tile's stride, so that over the steps the borders of
 * the tiles are everywhere; by the jitter alone when there is one tile only. */
static int roll_of(const ph_canvas_config *c, const ph_axis *axis, uint32_t random)
{
    if (c->jitter == 0)
        return 0;
    if (axis->count > 1)
        return ph_random_below(random, axis->size / axis->count);
    const int jitter = c->jitter % axis->size;
    return (ph_random_below(random, 2 * jitter + 1) - jitter + axis->size) % axis->size;
}

/* Corners of all tiles in all steps; what is left of the last batch repeats the last tile. */
static void place_tiles(const ph_canvas *canvas, int *origins)
{
    const ph_canvas_config *c = &canvas->config;
    for (int s = 0; s <= c->steps; s++) {
        int roll_y = 0, roll_x = 0;
        if (s < c->steps) {
            const ph_random random = ph_philox(c->seed, PH_PURPOSE_ROLL, c->first + (uint32_t)s, 0);
            roll_y = roll_of(c, &canvas->y, random.x[0]);
            roll_x = roll_of(c, &canvas->x, random.x[1]);
        }
        for (int i = 0; i < canvas->padded; i++) {
            const int tile = i < canvas->tiles ? i : canvas->tiles - 1;
            *origins++ = (canvas->y.starts[tile / c->columns] + roll_y) % c->height;
            *origins++ = (canvas->x.starts[tile % c->columns] + roll_x) % c->width;
        }
    }
}

static ph_status upload_tiles(ph_canvas *canvas, ph_error *err)
{
    const ph_canvas_config *c = &canvas->config;
    PH_TRY(ph_axis_new(c->width, c->columns, c->plan->width, &canvas->x, err));
    PH_TRY(ph_axis_new(c->height, c->lines, c->plan->height, &canvas->y, err));
    const size_t count = (size_t)(c->steps + 1) * (size_t)canvas->padded * 2;
    const size_t across = (size_t)c->columns * (size_t)c->plan->width,
                 along = (size_t)c->lines * (size_t)c->plan->height;
    PH_TRY(
        ph_memory_upload(canvas->device, (void **)&canvas->weight_x, canvas->x.weights, across * sizeof(float), err));
    PH_TRY(ph_memory_upload(canvas->device, (void **)&canvas->weight_y, canvas->y.weights, along * sizeof(float), err));
    int *origins = ph_alloc(count, sizeof *origins);
    if (!origins)
        return ph_fail_memory(err, count * sizeof *origins, "the tiles");
    place_tiles(canvas, origins);
    const ph_status status =
        ph_memory_upload(canvas->device, (void **)&canvas->origins, origins, count * sizeof *origins, err);
    ph_free(origins);
    return status;
}

static ph_status allocate(ph_canvas *canvas, ph_error *err)
{
    const ph_canvas_config *c = &canvas->config;
    const size_t bytes = (size_t)canvas->values * sizeof(float), groups = (size_t)groups_of(canvas->values);
    const size_t spread = (size_t)groups_of((int64_t)groups);
    const struct {
        void **memory;
        size_t bytes;
    } buffers[] = {
        {(void **)&canvas->picture, bytes},
        {(void **)&canvas->gradient, bytes},
        {(void **)&canvas->tile_objectives, (size_t)canvas->padded * sizeof(float)},
        {(void **)&canvas->sums, groups * sizeof(double)},
        {(void **)&canvas->spread, spread * sizeof(double)},
        {(void **)&canvas->rates, (PH_RATES + 1) * sizeof(float)},
    };
    for (size_t i = 0; i < sizeof buffers / sizeof *buffers; i++)
        PH_TRY(ph_memory_upload(canvas->device, buffers[i].memory, NULL, buffers[i].bytes, err));
    PH_TRY(canvas->backend->write(canvas->device, canvas->rates + PH_RATES, &c->step, sizeof c->step, err));
    for (int i = 0, w = c->width, h = c->height; i < PH_PYRAMID_LEVELS && c->gradient == PH_GRADIENT_LAPLACIAN; i++) {
        w = (w + 1) / 2;
        h = (h + 1) / 2;
        const size_t level = (size_t)c->channels * (size_t)w * (size_t)h * sizeof(float);
        PH_TRY(ph_memory_upload(canvas->device, (void **)&canvas->levels[i], NULL, level, err));
    }
    return PH_OK;
}

static ph_status upload_mask(ph_canvas *canvas, ph_error *err)
{
    const float *mask = canvas->config.mask;
    canvas->mask_sum = (double)canvas->pixels;
    if (!mask)
        return PH_OK;
    canvas->mask_sum = 0;
    for (int64_t i = 0; i < canvas->pixels; i++)
        canvas->mask_sum += (double)mask[i];
    return ph_memory_upload(canvas->device, (void **)&canvas->mask, mask, (size_t)canvas->pixels * sizeof *mask, err);
}

ph_status ph_canvas_new(const ph_plans *plans, const ph_canvas_config *config, ph_canvas **out, ph_error *err)
{
    *out = NULL;
    ph_canvas *canvas = ph_alloc(1, sizeof *canvas);
    if (!canvas)
        return ph_fail_memory(err, sizeof *canvas, "an octave");
    *canvas = (ph_canvas){.config = *config, .plans = plans, .device = plans->device};
    canvas->backend = ph_device_backend(plans->device);
    canvas->pixels = (int64_t)config->width * config->height;
    canvas->values = canvas->pixels * config->channels;
    canvas->tiles = config->columns * config->lines;
    const int batch = config->plan->batch;
    canvas->padded = (canvas->tiles + batch - 1) / batch * batch;
    canvas->objectives = ph_alloc((size_t)canvas->padded, sizeof *canvas->objectives);
    ph_status status = canvas->objectives ? PH_OK : ph_fail_memory(err, sizeof(float), "an octave");
    if (status == PH_OK)
        status = allocate(canvas, err);
    if (status == PH_OK)
        status = upload_tiles(canvas, err);
    if (status == PH_OK)
        status = upload_mask(canvas, err);
    if (status == PH_OK && config->lr > 0)
        status = ph_fourier_new(canvas->device, config->width, config->height, config->channels, config->steps,
                                config->lr, &canvas->fourier, err);
    if (status == PH_OK)
        *out = canvas;
    else
        ph_canvas_free(&canvas);
    return status;
}

void ph_canvas_free(ph_canvas **canvas)
{
    if (!canvas || !*canvas)
        return;
    ph_canvas *c = *canvas;
    void *const memory[] = {c->picture, c->gradient,        c->mask, c->weight_x, c->weight_y,
                            c->origins, c->tile_objectives, c->sums, c->spread,   c->rates};
    for (size_t i = 0; i < sizeof memory / sizeof *memory; i++)
        ph_memory_release(c->device, memory[i]);
    for (int i = 0; i < PH_PYRAMID_LEVELS; i++)
        ph_memory_release(c->device, c->levels[i]);
    ph_fourier_free(&c->fourier);
    ph_axis_clear(&c->x);
    ph_axis_clear(&c->y);
    ph_free(c->objectives);
    ph_free(c);
    *canvas = NULL;
}

ph_status ph_canvas_write(ph_canvas *canvas, int channel, const float *plane, ph_error *err)
{
    return canvas->backend->write(canvas->device, canvas->picture + channel * canvas->pixels, plane,
                                  (size_t)canvas->pixels * sizeof *plane, err);
}

ph_status ph_canvas_read(ph_canvas *canvas, int channel, float *plane, ph_error *err)
{
    return canvas->backend->read(canvas->device, plane, canvas->picture + channel * canvas->pixels,
                                 (size_t)canvas->pixels * sizeof *plane, err);
}

ph_status ph_canvas_begin(ph_canvas *canvas, ph_error *err)
{
    return canvas->fourier ? ph_fourier_take(canvas->fourier, canvas->picture, canvas->gradient, err) : PH_OK;
}
