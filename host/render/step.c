#include "host/render/step.h"

#include "host/base/alloc.h"
#include "host/base/status.h"
#include "host/image/spectrum_scale.h"
#include "host/render/options.h"
#include "host/render/step_private.h"

#include <string.h>

enum { MAX_BUFFERS = 32 };

typedef struct buffer {
    void **memory;
    int64_t bytes;
} buffer;

/* Every fixed-size buffer of the stages, in one list: the memory estimate and the allocation both read it. */
static int list_buffers(ph_step *s, buffer *list)
{
    const int64_t real = sizeof(float), b = s->batch;
    const int64_t values = b * s->channels * s->pixels, parameters = b * s->parameters;
    const int64_t bins = s->fourier ? s->bins : 0, spectrum = b * s->channels * bins * 2;
    const bool ascent = !s->adam, penalty = s->penalty, high = s->options->high_frequency > 0;
    const buffer all[] = {
        {(void **)&s->state, sizeof *s->state},
        {(void **)&s->seeds, b * (int64_t)sizeof *s->seeds},
        {(void **)&s->maps, b * 6 * real},
        {(void **)&s->still, b * 6 * real},
        {(void **)&s->objective, b * real},
        {(void **)&s->course, b * s->options->steps * real},
        {(void **)&s->gain, s->channels * real},
        {(void **)&s->offset, s->channels * real},
        {(void **)&s->order, s->channels * (int64_t)sizeof(int)},
        {(void **)&s->parameter, parameters * real},
        {(void **)&s->gradient, parameters * real},
        {(void **)&s->m, ascent ? 0 : parameters * real},
        {(void **)&s->v, ascent ? 0 : parameters * real},
        {(void **)&s->scale, bins * real},
        {(void **)&s->frequency, (bins || high) ? s->bins * real : 0},
        {(void **)&s->spectrum, high ? b * s->channels * s->bins * 2 * real : spectrum * real},
        {(void **)&s->planes, s->fourier || high ? values * real : 0},
        {(void **)&s->picture, values * real},
        {(void **)&s->picture_gradient, values * real},
        {(void **)&s->square_sums, b * s->chunks * (int64_t)sizeof(double)},
        {(void **)&s->norms, b * real},
        {(void **)&s->l2_norms, penalty && s->options->l2 > 0 ? b * real : 0},
        {(void **)&s->channel_sums, s->head_channels * b * 2 * (int64_t)sizeof(double)},
    };
    const int count = sizeof all / sizeof *all;
    memcpy(list, all, sizeof all);
    return count;
}

static void configure(ph_step *s, ph_device *device, const ph_step_config *config)
{
    const ph_render_options *o = config->options;
    s->device = device;
    s->backend = ph_device_backend(device);
    s->options = o;
    s->preprocess = config->preprocess;
    s->net = config->net;
    s->batch = config->batch;
    s->channels = config->channels;
    s->width = config->width;
    s->height = config->height;
    s->pixels = (int64_t)s->width * s->height;
    s->bins = (int64_t)s->height * (s->width / 2 + 1);
    s->fourier = ph_options_fourier(o);
    s->adam = strcmp(o->optimizer, "adam") == 0;
    s->mix = ph_options_mix(o, s->channels);
    s->penalty = o->tv > 0 || o->l1 > 0 || o->l2 > 0 || o->blur > 0;
    s->parameters = s->channels * (s->fourier ? 2 * s->bins : s->pixels);
    const int64_t longest = s->parameters > s->channels * s->pixels ? s->parameters : s->channels * s->pixels;
    s->chunks = (longest + PH_CHUNK - 1) / PH_CHUNK;
    for (int i = 0; i < s->net->output_count; i++) {
        const int64_t channels = ph_head_channels_of(&s->net->tensors[s->net->outputs[i]].shape);
        if (channels > s->head_channels)
            s->head_channels = channels;
    }
}

int64_t ph_head_channels_of(const ph_shape *shape)
{
    return shape->rank >= 2 ? shape->dim[1] : 1;
}

ph_status ph_step_bytes(ph_device *device, const ph_step_config *config, int64_t *bytes, ph_error *err)
{
    ph_step s = {0};
    configure(&s, device, config);
    PH_TRY(s.backend->engine_bytes(device, s.net, s.batch, true, bytes, err));
    buffer list[MAX_BUFFERS];
    const int count = list_buffers(&s, list);
    for (int i = 0; i < count; i++)
        *bytes += list[i].bytes;
    return PH_OK;
}

/* Tables that stay the same for the life of the step. */
static ph_status upload_tables(ph_step *s, ph_error *err)
{
    const ph_preprocess *p = s->preprocess;
    float gain[PH_MAX_CHANNELS], offset[PH_MAX_CHANNELS];
    for (int c = 0; c < s->channels; c++) {
        gain[c] = (p->hi - p->lo) / p->std[c];
        offset[c] = (p->lo - p->mean[c]) / p->std[c];
    }
    const size_t reals = (size_t)s->channels * sizeof(float);
    PH_TRY(s->backend->write(s->device, s->gain, gain, reals, err));
    PH_TRY(s->backend->write(s->device, s->offset, offset, reals, err));
    PH_TRY(s->backend->write(s->device, s->order, p->order, (size_t)s->channels * sizeof(int), err));
    for (int b = 0; b < s->batch; b++) {
        const float identity[6] = {1, 0, 0, 0, 1, 0};
        PH_TRY(s->backend->write(s->device, s->still + 6 * b, identity, sizeof identity, err));
    }
    if (!s->frequency)
        return PH_OK;
    const size_t bytes = (size_t)s->bins * sizeof(float);
    float *table = ph_alloc((size_t)s->bins, sizeof(float));
    if (!table)
        return ph_fail_memory(err, bytes, "the table of frequencies");
    ph_spectrum_frequencies(s->width, s->height, table);
    ph_status status = s->backend->write(s->device, s->frequency, table, bytes, err);
    if (status == PH_OK && s->fourier) {
        ph_spectrum_scale(s->width, s->height, s->options->decay, table);
        status = s->backend->write(s->device, s->scale, table, bytes, err);
    }
    ph_free(table);
    return status;
}

ph_status ph_step_new(ph_device *device, const ph_step_config *config, ph_step **out, ph_error *err)
{
    *out = NULL;
    ph_step *s = ph_alloc(1, sizeof *s);
    if (!s)
        return ph_fail_memory(err, sizeof *s, "the step");
    ph_status status = PH_OK;
    configure(s, device, config);
    const size_t outputs = (size_t)s->net->output_count;
    s->heads = ph_alloc(outputs, sizeof *s->heads);
    if (!s->heads) {
        status = ph_fail_memory(err, outputs * sizeof *s->heads, "the objectives");
        goto fail;
    }
    PH_TRY_GOTO(status, fail, s->backend->engine_new(device, s->net, s->batch, true, &s->engine, err));
    buffer list[MAX_BUFFERS];
    const int count = list_buffers(s, list);
    for (int i = 0; i < count; i++)
        if (list[i].bytes)
            PH_TRY_GOTO(status, fail, s->backend->memory_new(device, (size_t)list[i].bytes, list[i].memory, err));
    if (s->fourier || s->options->high_frequency > 0)
        PH_TRY_GOTO(status, fail,
                    s->backend->fft_new(device, s->width, s->height, s->batch * s->channels, &s->fft, err));
    PH_TRY_GOTO(status, fail, upload_tables(s, err));
    *out = s;
    return PH_OK;
fail:
    ph_step_free(&s);
    return status;
}

/* A recorded step speaks of the memory that it was recorded with. */
static void forget_recordings(ph_step *s)
{
    for (int mode = 0; mode < 2; mode++) {
        if (s->recordings[mode])
            s->backend->recording_free(s->recordings[mode]);
        s->recordings[mode] = NULL;
    }
}

void ph_step_free(ph_step **step)
{
    if (!step || !*step)
        return;
    ph_step *s = *step;
    forget_recordings(s);
    buffer list[MAX_BUFFERS];
    const int count = list_buffers(s, list);
    for (int i = 0; i < count; i++)
        if (*list[i].memory)
            s->backend->memory_free(s->device, *list[i].memory);
    for (int i = 0; s->heads && i < s->net->output_count; i++) {
        if (s->heads[i].terms)
            s->backend->memory_free(s->device, s->heads[i].terms);
        if (s->heads[i].vectors)
            s->backend->memory_free(s->device, s->heads[i].vectors);
    }
    if (s->fft)
        s->backend->fft_free(s->fft);
    s->backend->engine_free(s->engine);
    ph_free(s->heads);
    ph_free(s);
    *step = NULL;
}

size_t ph_step_parameter_count(const ph_step *step)
{
    return (size_t)step->parameters;
}

/* Replaces device memory by a copy of `bytes` from the host; nothing when there are none. */
static ph_status replace(ph_step *s, void **memory, const void *from, size_t bytes, ph_error *err)
{
    if (*memory)
        s->backend->memory_free(s->device, *memory);
    *memory = NULL;
    if (!bytes)
        return PH_OK;
    PH_TRY(s->backend->memory_new(s->device, bytes, memory, err));
    return s->backend->write(s->device, *memory, from, bytes, err);
}

ph_status ph_step_heads(ph_step *step, int output, const ph_head *head, ph_error *err)
{
    ph_step_head *to = &step->heads[output];
    forget_recordings(step);
    to->channels = head->channels;
    to->positions = head->positions;
    to->term_count = head->term_count;
    const size_t terms = (size_t)step->batch * (size_t)head->term_count;
    const size_t vectors = (size_t)head->vector_count * (size_t)head->channels;
    PH_TRY(replace(step, (void **)&to->terms, head->terms, terms * sizeof *head->terms, err));
    return replace(step, (void **)&to->vectors, head->vectors, vectors * sizeof *head->vectors, err);
}

ph_status ph_step_start(ph_step *step, const float *parameters, const uint64_t *seeds, ph_error *err)
{
    const ph_backend *backend = step->backend;
    const size_t bytes = (size_t)(step->batch * step->parameters) * sizeof(float);
    const ph_step_state start = {0};
    PH_TRY(backend->write(step->device, step->state, &start, sizeof start, err));
    PH_TRY(backend->write(step->device, step->seeds, seeds, (size_t)step->batch * sizeof *seeds, err));
    PH_TRY(backend->write(step->device, step->parameter, parameters, bytes, err));
    if (!step->adam)
        return PH_OK;
    float *zeros = ph_alloc(bytes, 1);
    if (!zeros)
        return ph_fail_memory(err, bytes, "the optimizer's state");
    ph_status status = backend->write(step->device, step->m, zeros, bytes, err);
    if (status == PH_OK)
        status = backend->write(step->device, step->v, zeros, bytes, err);
    ph_free(zeros);
    return status;
}
