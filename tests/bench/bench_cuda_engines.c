/* bench-cuda-engines MODEL LAYER SIZE BATCH PRECISION: for every convolution of a network's plan, forward and backward,
 * each engine of cuDNN that passes our rule: microseconds at BATCH pictures, and whether the first picture has the same
 * bits when it is alone. One line per engine and per convolution, then the sums of what is chosen and of what would be
 * fastest, and for each engine how often its bits depended on the batch. */
#include "host/base/alloc.h"
#include "host/base/status.h"
#include "host/model/graph.h"
#include "host/model/layers.h"
#include "host/model/lower.h"
#include "kernels/cuda/convolution.h"
#include "kernels/cuda/plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 40, REPEATS = 8, ENGINES = 256, ORDERS = 5 };

/* Numbers of pictures for which cuDNN is asked for its order. */
static const int64_t orders[ORDERS] = {1, 8, 32, 128, 512};

typedef struct bench {
    ph_device *device;
    int64_t batch;
    char *x, *w, *bias, *z, *y, *workspace; /* on the device */
    char *alone, *together;                 /* host, one picture */
    int64_t x_bytes, y_bytes, w_bytes;      /* of one picture; of the filters */
    cudaEvent_t begin, end;
    int tried[ENGINES], varied[ENGINES];
    double order_sums[ORDERS]; /* of the first that passes in each order */
} bench;

static ph_status random_bytes(const bench *b, char *to, int64_t bytes, ph_error *err)
{
    enum { CHUNK = 1 << 20 };
    float *values = ph_alloc(CHUNK, sizeof *values);
    char *encoded = ph_alloc(CHUNK, sizeof(float));
    ph_status status = values && encoded ? PH_OK : ph_fail_memory(err, CHUNK, "random numbers");
    uint32_t state = (uint32_t)bytes;
    for (int i = 0; status == PH_OK && i < CHUNK; i++) {
        state = state * 1664525u + 1013904223u;
        values[i] = (float)(state >> 8) / 8388608.0f - 1.0f;
    }
    if (status == PH_OK)
        ph_cuda_encode(b->device->type, values, encoded, CHUNK);
    const int64_t chunk = CHUNK * (int64_t)ph_cuda_type_size(b->device->type);
    for (int64_t at = 0; status == PH_OK && at < bytes; at += chunk)
        status = ph_cuda_write(b->device, to + at, encoded, (size_t)(bytes - at < chunk ? bytes - at : chunk), err);
    ph_free(values);
    ph_free(encoded);
    return status;
}

static ph_status memory_for(bench *b, const ph_conv_shape *s, ph_error *err)
{
    const int64_t size = (int64_t)ph_cuda_type_size(b->device->type);
    b->x_bytes = s->channels * s->height * s->width * size;
    b->y_bytes = s->out_channels * s->out_height * s->out_width * size;
    b->w_bytes = s->out_channels * (s->channels / s->groups) * s->kernel[0] * s->kernel[1] * size;
    const int64_t workspace = (INT64_C(64) << 20) + 2 * b->batch * (b->x_bytes + b->y_bytes);
    const int64_t bytes[] = {b->batch * b->x_bytes, b->w_bytes, s->out_channels * size, b->batch * b->y_bytes,
                             b->batch * b->y_bytes, workspace};
    char **places[] = {&b->x, &b->w, &b->bias, &b->z, &b->y, &b->workspace};
    for (int i = 0; i < 6; i++) {
        void *memory = NULL;
        PH_TRY(ph_cuda_memory_new(b->device, (size_t)bytes[i], &memory, err));
        *places[i] = memory;
    }
    b->alone = ph_alloc((size_t)(b->x_bytes + b->y_bytes), 1);
    b->together = ph_alloc((size_t)(b->x_bytes + b->y_bytes), 1);
    if (!b->alone || !b->together)
        return ph_fail_memory(err, (size_t)b->x_bytes, "a picture");
    PH_TRY(random_bytes(b, b->w, b->w_bytes, err));
    PH_TRY(random_bytes(b, b->bias, s->out_channels * size, err));
    PH_TRY(random_bytes(b, b->z, b->batch * b->y_bytes, err));
    return ph_conv_is_forward(s->task) ? random_bytes(b, b->x, b->batch * b->x_bytes, err)
                                       : random_bytes(b, b->y, b->batch * b->y_bytes, err);
}

static void free_memory(bench *b)
{
    char **places[] = {&b->x, &b->w, &b->bias, &b->z, &b->y, &b->workspace};
    for (int i = 0; i < 6; i++) {
        ph_cuda_memory_free(b->device, *places[i]);
        *places[i] = NULL;
    }
    ph_free(b->alone);
    ph_free(b->together);
    b->alone = b->together = NULL;
}

/* The first picture of the result, of `pictures` together. */
static ph_status first_picture(const bench *b, const ph_conv_choice *choice, int64_t pictures, char *to, ph_error *err)
{
    const bool forward = ph_conv_is_forward(choice->shape.task);
    char *result = forward ? b->y : b->x;
    const int64_t each = forward ? b->y_bytes : b->x_bytes;
    ph_conv *conv = NULL;
    PH_TRY(ph_conv_build(b->device, choice, pictures, &conv, err));
    ph_status status = ph_cuda_check(
        b->device, cudaMemsetAsync(result, 0, (size_t)(pictures * each), b->device->stream), "clearing", err);
    if (status == PH_OK)
        status = ph_conv_run(conv, b->x, b->w, b->bias, b->z, b->y, b->workspace, err);
    if (status == PH_OK)
        status = ph_cuda_read(b->device, to, result, (size_t)each, err);
    ph_conv_free(conv);
    return status;
}

static ph_status time_choice(const bench *b, const ph_conv_choice *choice, double *microseconds, ph_error *err)
{
    ph_conv *conv = NULL;
    float milliseconds = 0;
    PH_TRY(ph_conv_build(b->device, choice, b->batch, &conv, err));
    ph_status status = ph_conv_run(conv, b->x, b->w, b->bias, b->z, b->y, b->workspace, err);
    (void)cudaEventRecord(b->begin, b->device->stream);
    for (int i = 0; status == PH_OK && i < REPEATS; i++)
        status = ph_conv_run(conv, b->x, b->w, b->bias, b->z, b->y, b->workspace, err);
    (void)cudaEventRecord(b->end, b->device->stream);
    if (status == PH_OK)
        status = ph_cuda_check(b->device, cudaEventSynchronize(b->end), "timing", err);
    (void)cudaEventElapsedTime(&milliseconds, b->begin, b->end);
    *microseconds = 1e3 * (double)milliseconds / REPEATS;
    ph_conv_free(conv);
    return status;
}

static void write_choice(const ph_conv_choice *choice, char *text, size_t size)
{
    size_t used = (size_t)snprintf(text, size, "%lld:", (long long)choice->engine);
    for (int i = 0; i < choice->knob_count && used < size; i++)
        used += (size_t)snprintf(text + used, size - used, "%s%d=%lld", i ? "," : "", (int)choice->knobs[i].type,
                                 (long long)choice->knobs[i].value);
}

/* Times of the chosen engine, the fastest, and the fastest of those whose bits did not depend on the batch. */
static ph_status compare(bench *b, const ph_conv_shape *s, double sums[3], ph_error *err)
{
    static const char *const tasks[] = {"forw", "relu", "resi", "rrel", "back", "badd"};
    ph_conv_choice *choices = ph_alloc(MOST, sizeof *choices);
    if (!choices)
        return ph_fail_memory(err, sizeof *choices, "the engines");
    const int count = ph_conv_candidates(b->device, s, ph_conv_canonical(s), choices, MOST);
    double times[3] = {0, 1e30, 1e30};
    char names[3][200] = {"", "", ""};
    int varied = 0, first_varied = 0;
    for (int i = 0; i < count; i++) {
        double time = 0;
        if (time_choice(b, &choices[i], &time, NULL) != PH_OK ||
            first_picture(b, &choices[i], b->batch, b->together, NULL) != PH_OK ||
            first_picture(b, &choices[i], 1, b->alone, NULL) != PH_OK)
            continue;
        const bool same =
            memcmp(b->together, b->alone, (size_t)(ph_conv_is_forward(s->task) ? b->y_bytes : b->x_bytes)) == 0;
        char name[200];
        write_choice(&choices[i], name, sizeof name);
        printf("  %8.1f us %s %s\n", time, same ? "steady" : "varies", name);
        varied += !same;
        if (i == 0)
            first_varied = !same;
        if (choices[i].engine < ENGINES) {
            b->tried[choices[i].engine]++;
            b->varied[choices[i].engine] += !same;
        }
        for (int k = 0; k < 3; k++)
            if ((k == 0 && i == 0) || (k == 1 && time < times[1]) || (k == 2 && same && time < times[2])) {
                times[k] = time;
                memcpy(names[k], name, sizeof name);
            }
    }
    for (int k = 0; k < 3; k++)
        sums[k] += times[k];
    for (int k = 0; k < ORDERS; k++) {
        double time = times[0];
        if (ph_conv_candidates(b->device, s, orders[k], choices, 1))
            (void)time_choice(b, choices, &time, NULL);
        b->order_sums[k] += time;
    }
    printf("%s c%lld k%lld %lldx%lld r%lld s%lld: %d engines, %d vary%s; %.1f %s; best %.1f %s; steady %.1f %s\n",
           tasks[s->task], (long long)s->channels, (long long)s->out_channels, (long long)s->out_height,
           (long long)s->out_width, (long long)s->kernel[0], (long long)s->stride[0], count, varied,
           first_varied ? " (the chosen too)" : "", times[0], names[0], times[1], names[1], times[2], names[2]);
    ph_free(choices);
    return PH_OK;
}

static ph_status run(bench *b, char **words, ph_error *err)
{
    int value;
    bool channels_last;
    ph_shape shape;
    ph_graph *graph = NULL;
    ph_net *net = NULL;
    ph_cuda_plan *plan = NULL;
    ph_device_options options = {0};
    double sums[3] = {0};
    if (!ph_precision_named(words[5], &options.precision))
        return ph_fail(err, PH_MISUSE, "unknown precision '%s'", words[5]);
    b->batch = atoi(words[4]);
    PH_TRY(ph_graph_read(words[1], &graph, err));
    PH_TRY(ph_layer_find(graph, words[2], strlen(words[2]), &value, err));
    PH_TRY(ph_picture_shape(graph, atoi(words[3]), atoi(words[3]), &shape, &channels_last, err));
    const ph_lower_options lower = {.input = shape, .wanted = &value, .wanted_count = 1, .simplify = true};
    PH_TRY(ph_lower(graph, &lower, &net, err));
    PH_TRY(ph_device_open("cuda", &options, &b->device, NULL, 0, err));
    PH_TRY(ph_cuda_plan_new(b->device, net, (int)b->batch, true, &plan, err));
    PH_TRY(ph_cuda_check(b->device, cudaEventCreate(&b->begin), "an event", err));
    PH_TRY(ph_cuda_check(b->device, cudaEventCreate(&b->end), "an event", err));
    ph_status status = PH_OK;
    for (size_t i = 0; status == PH_OK && i < b->device->choice_count; i++) {
        const ph_conv_shape s = b->device->choices[i].shape;
        status = memory_for(b, &s, err);
        if (status == PH_OK)
            status = compare(b, &s, sums, err);
        free_memory(b);
    }
    printf("sum of distinct convolutions: chosen %.0f us, fastest %.0f us, fastest of the steady %.0f us\n", sums[0],
           sums[1], sums[2]);
    for (int k = 0; k < ORDERS; k++)
        printf("first in the order for %lld pictures: %.0f us\n", (long long)orders[k], b->order_sums[k]);
    for (int i = 0; i < ENGINES; i++)
        if (b->tried[i])
            printf("engine %d: %d of %d vary\n", i, b->varied[i], b->tried[i]);
    ph_cuda_plan_free(plan);
    ph_net_free(&net);
    ph_graph_free(&graph);
    ph_device_close(&b->device);
    return status;
}

int main(int count, char **words)
{
    if (count < 6) {
        fputs("usage: bench-cuda-engines MODEL LAYER SIZE BATCH PRECISION\n", stderr);
        return 2;
    }
    ph_error err = {0};
    bench b = {0};
    const ph_status status = run(&b, words, &err);
    if (status != PH_OK)
        fprintf(stderr, "%s\n", err.message);
    return status != PH_OK;
}
