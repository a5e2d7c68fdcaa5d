#include "tests/bench/measure.h"
#include "host/base/alloc.h"
#include "host/base/clock.h"
#include "host/base/status.h"
#include "host/engine/backend.h"
#include "host/model/graph.h"
#include "host/model/layers.h"
#include "host/model/lower.h"
#include "tests/bench/ceiling.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROUNDS = 5, MOST_REPEATS = 2000, FIRST_STEP = 24 };
static const double round_seconds = 0.1;

/* ---- The network ------------------------------------------------------------------------------------------------- */

typedef struct network {
    ph_graph *graph;
    ph_net *net;
    ph_device *device;
    const ph_backend *backend;
    ph_engine *engine;
    ph_recording *recording;
} network;

static ph_status load(network *n, const bench_options *o, bench_result *result, ph_error *err)
{
    int value;
    bool channels_last;
    ph_shape shape;
    PH_TRY(ph_graph_read(o->model, &n->graph, err));
    PH_TRY(ph_layer_find(n->graph, o->layer, strlen(o->layer), &value, err));
    PH_TRY(ph_picture_shape(n->graph, o->size, o->size, &shape, &channels_last, err));
    const ph_lower_options options = {.input = shape, .wanted = &value, .wanted_count = 1, .simplify = true};
    PH_TRY(ph_lower(n->graph, &options, &n->net, err));
    result->count = bench_count_of(n->net);
    ph_device_options device = {0};
    if (!ph_precision_named(o->precision, &device.precision))
        return ph_fail(err, PH_MISUSE, "unknown precision '%s'", o->precision);
    PH_TRY(ph_device_open(o->backend, &device, &n->device, NULL, 0, err));
    n->backend = ph_device_backend(n->device);
    PH_TRY(n->backend->engine_bytes(n->device, n->net, o->batch, true, &result->estimate, err));
    const int64_t before = bench_memory_used();
    PH_TRY(n->backend->engine_new(n->device, n->net, o->batch, true, &n->engine, err));
    result->taken = bench_memory_used() - before;
    return PH_OK;
}

static void unload(network *n)
{
    if (n->recording)
        n->backend->recording_free(n->recording);
    if (n->engine)
        n->backend->engine_free(n->engine);
    ph_device_close(&n->device);
    ph_net_free(&n->net);
    ph_graph_free(&n->graph);
}

/* Random pixels and a gradient as a channel's mean has it. */
static ph_status fill(const network *n, int batch, ph_error *err)
{
    uint32_t state = 1;
    for (int i = 0; i < 2; i++) {
        const int64_t count = ph_shape_count(&n->net->tensors[i ? n->net->outputs[0] : n->net->input].shape) * batch;
        float *values = ph_alloc((size_t)count, sizeof *values);
        if (!values)
            return ph_fail_memory(err, (size_t)count * sizeof *values, "the input");
        for (int64_t k = 0; k < count; k++) {
            state = state * 1664525u + 1013904223u;
            values[k] = ((float)(state >> 8) / 8388608.0f - 1.0f) * (i ? 1e-3f : 100.0f);
        }
        float *to = i ? n->backend->engine_output_gradient(n->engine, 0) : n->backend->engine_input(n->engine);
        const ph_status status = n->backend->write(n->device, to, values, (size_t)count * sizeof *values, err);
        ph_free(values);
        PH_TRY(status);
    }
    return PH_OK;
}

/* Waits for all that is queued. */
static ph_status settle(const network *n, ph_error *err)
{
    float value;
    return n->backend->read(n->device, &value, n->backend->engine_input_gradient(n->engine), sizeof value, err);
}

static ph_status pass(const network *n, ph_error *err)
{
    PH_TRY(n->backend->forward(n->engine, err));
    return n->backend->backward(n->engine, PH_RELU_NORMAL, err);
}

/* As the render loop does it: recorded where the backend can. Done once before, so that nothing is left to set up. */
static ph_status record(network *n, ph_error *err)
{
    PH_TRY(pass(n, err));
    PH_TRY(settle(n, err));
    if (!n->backend->record_begin)
        return PH_OK;
    PH_TRY(n->backend->record_begin(n->device, err));
    const ph_status status = pass(n, err);
    const ph_status end = n->backend->record_end(n->device, status == PH_OK ? &n->recording : NULL, err);
    return status == PH_OK ? end : status;
}

static ph_status repeat(const network *n, int times, double *seconds, ph_error *err)
{
    const double start = ph_clock_seconds();
    for (int i = 0; i < times; i++)
        PH_TRY(n->recording ? n->backend->replay(n->recording, err) : pass(n, err));
    PH_TRY(settle(n, err));
    *seconds = (ph_clock_seconds() - start) / times;
    return PH_OK;
}

static int by_size(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static ph_status measure_network(const bench_options *o, bench_result *result, ph_error *err)
{
    network n = {0};
    double times[ROUNDS], once = 0;
    ph_status status = load(&n, o, result, err);
    if (status == PH_OK)
        status = fill(&n, o->batch, err);
    if (status == PH_OK)
        status = record(&n, err);
    if (status == PH_OK)
        status = repeat(&n, 1, &once, err);
    const double wish = round_seconds / (once > 0 ? once : 1);
    const int times_each = wish < 1 ? 1 : wish > MOST_REPEATS ? MOST_REPEATS : (int)wish;
    for (int i = 0; i < ROUNDS && status == PH_OK; i++)
        status = repeat(&n, times_each, &times[i], err);
    if (status == PH_OK) {
        qsort(times, ROUNDS, sizeof *times, by_size);
        result->network = times[ROUNDS / 2];
    }
    unload(&n);
    return status;
}

/* ---- Whole steps ---------------------------------------------------------------------------------------------------
 */

typedef struct watch {
    double from, to; /* times of FIRST_STEP (redirected ReLUs are over) and of the last step */
    int last;
} watch;

static bool note_time(const ph_progress *progress, void *user)
{
    watch *w = user;
    if (progress->step == FIRST_STEP)
        w->from = ph_clock_seconds();
    if (progress->step > FIRST_STEP) {
        w->to = ph_clock_seconds();
        w->last = progress->step;
    }
    return true;
}

static void drop(size_t index, ph_result *result, const ph_error *err, void *user)
{
    (void)index;
    (void)err;
    (void)user;
    ph_result_free(&result);
}

static ph_status configure(const bench_options *o, double per_step, ph_render_options *options, ph_error *err)
{
    const double wish = 2 * ROUNDS * round_seconds / per_step;
    ph_render_options_init(options);
    options->width = options->height = o->size;
    options->batch = o->batch;
    options->steps = FIRST_STEP + (wish < 32 ? 32 : wish > 1000 ? 1000 : (int)wish);
    PH_TRY(ph_render_options_set(options, "backend", o->backend, err));
    return strncmp(o->backend, "cuda", 4) == 0 ? ph_render_options_set(options, "precision", o->precision, err) : PH_OK;
}

static ph_status measure_steps(const bench_options *o, bench_result *result, ph_error *err)
{
    enum { CHANNELS = 64 };
    ph_render_options options;
    ph_model *model = NULL;
    ph_job *jobs = ph_alloc((size_t)o->batch, sizeof *jobs);
    char(*targets)[64] = ph_alloc((size_t)o->batch, sizeof *targets);
    ph_status status = PH_OK;
    watch w = {0};
    if (!jobs || !targets)
        status = ph_fail_memory(err, (size_t)o->batch * sizeof *targets, "the targets");
    for (int i = 0; i < o->batch && status == PH_OK; i++) {
        snprintf(targets[i], sizeof *targets, "%s:%d", o->layer, i % CHANNELS);
        jobs[i].target = targets[i];
    }
    if (status == PH_OK)
        status = configure(o, result->network, &options, err);
    if (status == PH_OK)
        status = ph_model_load(o->model, &(ph_model_options){.preprocess = "lucid"}, &model, err);
    if (status == PH_OK) {
        const ph_callbacks callbacks = {.progress = note_time, .result = drop, .user = &w};
        status = ph_render_many(model, jobs, (size_t)o->batch, &options, &callbacks, err);
    }
    if (status == PH_NO_GRADIENT) /* a dead unit or two do not matter here */
        status = PH_OK;
    if (status == PH_OK && w.last > FIRST_STEP)
        result->step = (w.to - w.from) / (w.last - FIRST_STEP);
    ph_model_free(&model);
    ph_free(targets);
    ph_free(jobs);
    return status;
}

ph_status bench_measure(const bench_options *options, bench_result *result, ph_error *err)
{
    PH_TRY(measure_network(options, result, err));
    return measure_steps(options, result, err);
}
