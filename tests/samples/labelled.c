#include "tests/samples/labelled.h"

#include "host/engine/backend.h"
#include "host/model/layers.h"
#include "host/model/lower.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

enum { DRAWN = 128, SIDE = LABELLED_SIDE, PIXELS = SIDE * SIDE, KINDS = PH_PICTURES_KINDS };

typedef struct viewer {
    ph_graph *graph;
    ph_net *net;
    ph_device *device;
    ph_engine *engine;
} viewer;

static void view(viewer *v, const char *network, const char *const layers[LABELLED_LAYERS])
{
    ph_error err = {0};
    int wanted[LABELLED_LAYERS];
    ph_lower_options options = {.simplify = true, .wanted = wanted, .wanted_count = LABELLED_LAYERS};
    const ph_device_options device = {.precision = PH_PRECISION_FP32, .threads = 1};
    ph_status status = ph_graph_read(network, &v->graph, &err);
    for (int k = 0; k < LABELLED_LAYERS && status == PH_OK; k++)
        status = ph_layer_find(v->graph, layers[k], strlen(layers[k]), &wanted[k], &err);
    if (status == PH_OK)
        status = ph_picture_shape(v->graph, SIDE, SIDE, &options.input, &options.channels_last, &err);
    if (status == PH_OK)
        status = ph_lower(v->graph, &options, &v->net, &err);
    if (status == PH_OK)
        status = ph_device_open("cpu", &device, &v->device, NULL, 0, &err);
    if (status == PH_OK)
        status = ph_device_backend(v->device)->engine_new(v->device, v->net, 1, false, &v->engine, &err);
    ck_assert_msg(status == PH_OK, "%s", err.message);
}

static void view_end(viewer *v)
{
    ph_device_backend(v->device)->engine_free(v->engine);
    ph_device_close(&v->device);
    ph_net_free(&v->net);
    ph_graph_free(&v->graph);
}

/* The middle of a picture and of its labels, as the training cropped them; the preset `tf`: pixels are -1..1. */
static void draw(uint64_t seed, float *input, uint8_t *labels)
{
    static const int off = (DRAWN - SIDE) / 2;
    uint8_t *rgb = malloc(DRAWN * DRAWN * (3 + KINDS)), *whole[KINDS];
    ck_assert_ptr_nonnull(rgb);
    for (int k = 0; k < KINDS; k++)
        whole[k] = rgb + DRAWN * DRAWN * (3 + k);
    ck_assert_int_ge(ph_pictures_draw(seed, -1, DRAWN, DRAWN, rgb, whole), 0);
    for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++) {
            const int from = (y + off) * DRAWN + x + off;
            for (int c = 0; c < 3; c++)
                input[c * PIXELS + y * SIDE + x] = (float)rgb[from * 3 + c] / 127.5f - 1;
            for (int k = 0; k < KINDS; k++)
                labels[k * PIXELS + y * SIDE + x] = whole[k][from];
        }
    free(rgb);
}

static void look(viewer *v, const float *input, labelled *made, int picture)
{
    const ph_backend *backend = ph_device_backend(v->device);
    ph_error err = {0};
    ph_status status =
        backend->write(v->device, backend->engine_input(v->engine), input, 3 * PIXELS * sizeof *input, &err);
    if (status == PH_OK)
        status = backend->forward(v->engine, &err);
    for (int k = 0; k < LABELLED_LAYERS && status == PH_OK; k++) {
        const size_t values = (size_t)(made->channels[k] * made->sides[k] * made->sides[k]);
        status = backend->read(v->device, made->maps[k] + (size_t)picture * values,
                               backend->engine_output(v->engine, k), values * sizeof(float), &err);
    }
    ck_assert_msg(status == PH_OK, "%s", err.message);
}

void labelled_make(labelled *made, const char *network, const char *const layers[LABELLED_LAYERS], uint64_t first,
                   int pictures)
{
    viewer v = {0};
    view(&v, network, layers);
    *made = (labelled){.pictures = pictures};
    made->labels = malloc((size_t)pictures * KINDS * PIXELS);
    ck_assert_ptr_nonnull(made->labels);
    for (int k = 0; k < LABELLED_LAYERS; k++) {
        const ph_shape *shape = &v.net->tensors[v.net->outputs[k]].shape;
        ck_assert_int_eq(shape->dim[2], shape->dim[3]);
        made->channels[k] = (int)shape->dim[1];
        made->sides[k] = (int)shape->dim[2];
        made->maps[k] = malloc((size_t)pictures * (size_t)ph_shape_count(shape) * sizeof(float));
        ck_assert_ptr_nonnull(made->maps[k]);
    }
    float *input = malloc(3 * PIXELS * sizeof *input);
    ck_assert_ptr_nonnull(input);
    for (int i = 0; i < pictures; i++) {
        draw(first + (uint64_t)i, input, made->labels + (size_t)i * KINDS * PIXELS);
        look(&v, input, made, i);
    }
    free(input);
    view_end(&v);
}

void labelled_free(labelled *made)
{
    for (int k = 0; k < LABELLED_LAYERS; k++)
        free(made->maps[k]);
    free(made->labels);
    *made = (labelled){0};
}
