#include "host/base/alloc.h"
#include "host/base/status.h"
#include "host/engine/backend.h"
#include "host/image/photo.h"
#include "host/model/layers.h"
#include "host/model/lower.h"
#include "host/render/model.h"

#include <math.h>

struct ph_classifier {
    ph_model *model; /* not owned */
    ph_device *device;
    ph_net *net;
    ph_engine *engine;
    int width, height;
    bool softmax_missing; /* the network ends in logits */
    int64_t classes;
    float *input, *scores; /* host copies */
};

void ph_classifier_free(ph_classifier **classifier)
{
    if (!classifier || !*classifier)
        return;
    ph_classifier *c = *classifier;
    if (c->engine)
        ph_device_backend(c->device)->engine_free(c->engine);
    ph_net_free(&c->net);
    ph_device_close(&c->device);
    ph_free(c->input);
    ph_free(c->scores);
    ph_free(c);
    *classifier = NULL;
}

/* The network from the picture to its class probabilities, at the model's own size. */
static ph_status lower_classes(ph_classifier *c, ph_error *err)
{
    const ph_model *model = c->model;
    ph_shape *shapes = NULL;
    ph_lower_options lower = {.simplify = true, .wanted_count = 1};
    ph_status status = ph_model_shapes(model, 0, 0, &lower.input, &lower.channels_last, &shapes, err);
    int value = -1;
    if (status == PH_OK)
        status = ph_layer_probabilities(model->graph, shapes, &value, &c->softmax_missing, err);
    ph_free(shapes);
    PH_TRY(status);
    lower.wanted = &value;
    PH_TRY(ph_lower(model->graph, &lower, &c->net, err));
    const ph_shape *input = &c->net->tensors[c->net->input].shape;
    c->height = (int)input->dim[2];
    c->width = (int)input->dim[3];
    c->classes = ph_shape_count(&c->net->tensors[c->net->outputs[0]].shape);
    return PH_OK;
}

ph_status ph_classifier_new(ph_model *model, const char *backend, int threads, ph_classifier **out, ph_error *err)
{
    *out = NULL;
    PH_TRY(ph_model_need_picture(model, err));
    ph_classifier *c = ph_alloc(1, sizeof *c);
    if (!c)
        return ph_fail_memory(err, sizeof *c, "the classifier");
    c->model = model;
    ph_status status = PH_OK;
    PH_TRY_GOTO(status, fail, lower_classes(c, err));
    const ph_device_options options = {.precision = PH_PRECISION_FP32, .threads = threads};
    PH_TRY_GOTO(status, fail, ph_device_open(backend, &options, &c->device, NULL, 0, err));
    PH_TRY_GOTO(status, fail, ph_device_backend(c->device)->engine_new(c->device, c->net, 1, false, &c->engine, err));
    const size_t values = (size_t)(model->channels * c->width * c->height);
    c->input = ph_alloc(values, sizeof *c->input);
    c->scores = ph_alloc((size_t)c->classes, sizeof *c->scores);
    if (!c->input || !c->scores) {
        status = ph_fail_memory(err, values * sizeof *c->input, "the classifier");
        goto fail;
    }
    *out = c;
    return PH_OK;
fail:
    ph_classifier_free(&c);
    return status;
}

/* The photo as the network's input, planar. */
static ph_status load_input(ph_classifier *c, const char *path, ph_error *err)
{
    const ph_preprocess *p = c->model->preprocess;
    const int channels = c->model->channels;
    if (channels != 1 && channels != 3)
        return ph_fail(err, PH_UNSUPPORTED, "classify needs a network of 1 or 3 input channels; this one has %d",
                       channels);
    ph_photo *photo = NULL, *crop = NULL;
    PH_TRY(ph_photo_load(path, channels, &photo, err));
    /* The usual evaluation: 256 for 224, and in proportion for other sizes. */
    const int longer = c->width > c->height ? c->width : c->height;
    const ph_status status = ph_photo_crop(photo, (longer * 256 + 112) / 224, c->width, c->height, &crop, err);
    ph_photo_free(&photo);
    PH_TRY(status);
    const int64_t pixels = (int64_t)c->width * c->height;
    for (int k = 0; k < channels; k++)
        for (int64_t i = 0; i < pixels; i++) {
            const float value = crop->pixels[i * channels + p->order[k]];
            c->input[k * pixels + i] = (p->lo + (p->hi - p->lo) * value - p->mean[k]) / p->std[k];
        }
    ph_photo_free(&crop);
    return PH_OK;
}

static void softmax(float *scores, int64_t count)
{
    float highest = scores[0];
    for (int64_t i = 1; i < count; i++)
        highest = scores[i] > highest ? scores[i] : highest;
    double sum = 0;
    for (int64_t i = 0; i < count; i++) {
        scores[i] = expf(scores[i] - highest);
        sum += (double)scores[i];
    }
    for (int64_t i = 0; i < count; i++)
        scores[i] = (float)((double)scores[i] / sum);
}

/* The `count` best, by repeated selection: equal scores keep the order of their indices. */
static size_t best_classes(const ph_classifier *c, ph_class *top, size_t count)
{
    size_t filled = 0;
    for (; filled < count && (int64_t)filled < c->classes; filled++) {
        int64_t best = -1;
        for (int64_t i = 0; i < c->classes; i++) {
            bool taken = false;
            for (size_t t = 0; t < filled && !taken; t++)
                taken = top[t].index == i;
            if (!taken && (best < 0 || c->scores[i] > c->scores[best]))
                best = i;
        }
        top[filled] = (ph_class){best, ph_model_label(c->model, best), c->scores[best]};
    }
    return filled;
}

ph_status ph_classifier_run(ph_classifier *classifier, const char *photo_path, ph_class *top, size_t count,
                            size_t *filled, ph_error *err)
{
    ph_classifier *c = classifier;
    const ph_backend *backend = ph_device_backend(c->device);
    PH_TRY(load_input(c, photo_path, err));
    const size_t values = (size_t)(c->model->channels * c->width * c->height);
    PH_TRY(backend->write(c->device, backend->engine_input(c->engine), c->input, values * sizeof *c->input, err));
    PH_TRY(backend->forward(c->engine, err));
    PH_TRY(backend->read(c->device, c->scores, backend->engine_output(c->engine, 0),
                         (size_t)c->classes * sizeof *c->scores, err));
    for (int64_t i = 0; i < c->classes; i++)
        if (!isfinite(c->scores[i]))
            return ph_fail(err, PH_NOT_FINITE, "'%s': the network's answer is not finite; is --preprocess right?",
                           photo_path);
    if (c->softmax_missing)
        softmax(c->scores, c->classes);
    *filled = best_classes(c, top, count);
    return PH_OK;
}
