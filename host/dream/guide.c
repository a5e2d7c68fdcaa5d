#include "host/dream/guide.h"

#include "host/base/alloc.h"
#include "host/base/status.h"
#include "host/dream/memory.h"
#include "host/image/photo.h"
#include "host/image/resample.h"
#include "host/model/lower.h"

#include <math.h>

void ph_guide_free(ph_guide **guide)
{
    if (!guide || !*guide)
        return;
    for (size_t i = 0; i < (*guide)->count && (*guide)->outputs; i++)
        ph_memory_release((*guide)->device, (*guide)->outputs[i].features);
    ph_free((*guide)->outputs);
    ph_free(*guide);
    *guide = NULL;
}

/* What is on the way from the photo to its features. */
typedef struct passage {
    const ph_model *model;
    ph_device *device;
    const int *wanted;
    size_t wanted_count;
    ph_photo *photo;
    ph_net *net;
    ph_engine *engine;
} passage;

static ph_status lower(passage *p, int width, int height, ph_error *err)
{
    ph_lower_options options = {.simplify = true, .wanted = p->wanted, .wanted_count = (int)p->wanted_count};
    PH_TRY(ph_picture_shape(p->model->graph, width, height, &options.input, &options.channels_last, err));
    return ph_lower(p->model->graph, &options, &p->net, err);
}

/* In its own proportions, as large as the model's own size allows; a network that refuses these is given that size. */
static ph_status lower_guide(passage *p, ph_error *err)
{
    ph_shape own;
    bool channels_last;
    PH_TRY(ph_picture_shape(p->model->graph, 0, 0, &own, &channels_last, err));
    const int height = (int)own.dim[channels_last ? 1 : 2], width = (int)own.dim[channels_last ? 2 : 3];
    const double across = (double)width / p->photo->width, along = (double)height / p->photo->height;
    const double factor = fmin(1, fmin(across, along));
    const int fit_width = (int)fmax(1, rint(p->photo->width * factor));
    const int fit_height = (int)fmax(1, rint(p->photo->height * factor));
    const ph_status status = lower(p, fit_width, fit_height, err);
    return status == PH_MISUSE ? lower(p, width, height, err) : status;
}

/* The photo at the net's size, prepared, planar. */
static ph_status write_input(passage *p, ph_error *err)
{
    const ph_shape *shape = &p->net->tensors[p->net->input].shape;
    const ph_preprocess *how = p->model->preprocess;
    const int channels = (int)shape->dim[1], height = (int)shape->dim[2], width = (int)shape->dim[3];
    const size_t pixels = (size_t)width * (size_t)height, values = pixels * (size_t)channels;
    float *resized = ph_alloc(values, sizeof *resized), *input = ph_alloc(values, sizeof *input);
    ph_status status = resized && input ? PH_OK : ph_fail_memory(err, values * sizeof(float), "the guide");
    if (status == PH_OK) {
        const ph_resample job = {.from = p->photo->pixels,
                                 .from_width = p->photo->width,
                                 .from_height = p->photo->height,
                                 .channels = channels,
                                 .full_width = width,
                                 .full_height = height,
                                 .width = width,
                                 .height = height,
                                 .to = resized};
        status = ph_resample_run(&job, err);
    }
    for (size_t k = 0; k < (size_t)channels && status == PH_OK; k++)
        for (size_t i = 0; i < pixels; i++) {
            const float value = resized[i * (size_t)channels + (size_t)how->order[k]];
            input[k * pixels + i] = (how->lo + (how->hi - how->lo) * value - how->mean[k]) / how->std[k];
        }
    const ph_backend *backend = ph_device_backend(p->device);
    if (status == PH_OK)
        status = backend->write(p->device, backend->engine_input(p->engine), input, values * sizeof *input, err);
    ph_free(resized);
    ph_free(input);
    return status;
}

static ph_status keep_features(const passage *p, ph_guide *guide, ph_error *err)
{
    const ph_backend *backend = ph_device_backend(p->device);
    for (size_t i = 0; i < guide->count; i++) {
        const ph_shape *shape = &p->net->tensors[p->net->outputs[i]].shape;
        ph_guide_output *output = &guide->outputs[i];
        if (shape->rank < 2 || shape->dim[0] != 1)
            return ph_fail(err, PH_MISUSE, "--guide needs layers with channels");
        const int64_t values = ph_shape_count(shape);
        const size_t bytes = (size_t)values * sizeof(float);
        output->channels = shape->dim[1];
        output->positions = values / shape->dim[1];
        float *features = ph_alloc((size_t)values, sizeof *features);
        if (!features)
            return ph_fail_memory(err, bytes, "the guide");
        ph_status status = backend->read(p->device, features, backend->engine_output(p->engine, (int)i), bytes, err);
        for (int64_t k = 0; k < values && status == PH_OK; k++)
            if (!isfinite(features[k]))
                status = ph_fail(err, PH_NOT_FINITE, "the network's answer to the guide is not finite");
        if (status == PH_OK)
            status = ph_memory_upload(p->device, (void **)&output->features, features, bytes, err);
        ph_free(features);
        PH_TRY(status);
    }
    return PH_OK;
}

/* The weights of the target's terms, which must all be layers. */
static ph_status weigh(const ph_target *target, const int *wanted, ph_guide *guide, ph_error *err)
{
    for (int t = 0; t < target->term_count; t++) {
        const ph_term *term = &target->terms[t];
        if (term->kind != PH_UNIT_LAYER)
            return ph_fail(err, PH_MISUSE, "--guide needs a layer or a sum of layers as target, not '%.200s'",
                           target->text);
        for (size_t i = 0; i < guide->count; i++)
            if (wanted[i] == term->value)
                guide->outputs[i].weight += (float)term->weight;
    }
    return PH_OK;
}

static ph_status run(passage *p, ph_guide *guide, ph_error *err)
{
    const ph_backend *backend = ph_device_backend(p->device);
    PH_TRY(lower_guide(p, err));
    PH_TRY(backend->engine_new(p->device, p->net, 1, false, &p->engine, err));
    PH_TRY(write_input(p, err));
    PH_TRY(backend->forward(p->engine, err));
    return keep_features(p, guide, err);
}

ph_status ph_guide_new(const ph_model *model, ph_device *device, const ph_target *target, const int *wanted,
                       size_t wanted_count, const char *photo, ph_guide **out, ph_error *err)
{
    *out = NULL;
    ph_guide *guide = ph_alloc(1, sizeof *guide);
    ph_guide_output *outputs = ph_alloc(wanted_count, sizeof *outputs);
    if (!guide || !outputs) {
        ph_free(guide);
        ph_free(outputs);
        return ph_fail_memory(err, sizeof *guide, "the guide");
    }
    *guide = (ph_guide){device, outputs, wanted_count};
    passage p = {.model = model, .device = device, .wanted = wanted, .wanted_count = wanted_count};
    ph_status status = weigh(target, wanted, guide, err);
    if (status == PH_OK)
        status = ph_photo_load(photo, model->channels, &p.photo, err);
    if (status == PH_OK)
        status = run(&p, guide, err);
    ph_device_backend(device)->engine_free(p.engine);
    ph_net_free(&p.net);
    ph_photo_free(&p.photo);
    if (status == PH_OK)
        *out = guide;
    else
        ph_guide_free(&guide);
    return status;
}
