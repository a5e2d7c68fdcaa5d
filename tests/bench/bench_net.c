/* bench-net MODEL LAYER [SIZE [BATCH [REPEATS [BACKEND]]]]: time of a network up to a layer, forward and backward to
 * the picture, per operator, and as a ratio to its convolutions alone. Minima over the repeats: others may use the
 * machine. */
#include "host/base/alloc.h"
#include "host/base/clock.h"
#include "host/base/status.h"
#include "host/base/text.h"
#include "host/engine/backend.h"
#include "host/model/graph.h"
#include "host/model/layers.h"
#include "host/model/lower.h"
#include "tests/bench/clock.h"
#include "tests/bench/floor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct bench {
    const char *model, *layer, *device_name;
    int size, batch, repeats;
    ph_graph *graph;
    ph_net *net;
    ph_device *device;
    ph_engine *engine;
} bench;

static ph_status load(bench *b, ph_error *err)
{
    int value;
    bool channels_last;
    ph_shape shape;
    PH_TRY(ph_graph_read(b->model, &b->graph, err));
    PH_TRY(ph_layer_find(b->graph, b->layer, strlen(b->layer), &value, err));
    PH_TRY(ph_picture_shape(b->graph, b->size, b->size, &shape, &channels_last, err));
    const ph_lower_options options = {.input = shape, .wanted = &value, .wanted_count = 1, .simplify = true};
    PH_TRY(ph_lower(b->graph, &options, &b->net, err));
    PH_TRY(ph_device_open(b->device_name, NULL, &b->device, NULL, 0, err));
    const ph_backend *backend = ph_device_backend(b->device);
    int64_t bytes;
    PH_TRY(backend->engine_bytes(b->device, b->net, b->batch, true, &bytes, err));
    const double start = ph_clock_seconds();
    PH_TRY(backend->engine_new(b->device, b->net, b->batch, true, &b->engine, err));
    char text[256], in[PH_SHAPE_TEXT];
    PH_TRY(backend->probe(text, sizeof text, err));
    printf("%s, input %s, batch %d: %d operators, %.1f MB, made in %.0f ms\n", text,
           ph_shape_text(&b->net->tensors[b->net->input].shape, in), b->batch, b->net->op_count, (double)bytes / 1e6,
           (ph_clock_seconds() - start) * 1e3);
    return PH_OK;
}

/* Deterministic numbers in [-1, 1). */
static void fill(float *to, int64_t count)
{
    uint32_t state = 1;
    for (int64_t i = 0; i < count; i++) {
        state = state * 1664525u + 1013904223u;
        to[i] = (float)(state >> 8) / 8388608.0f - 1.0f;
    }
}

static ph_status load_values(const bench *b, ph_error *err)
{
    const ph_backend *backend = ph_device_backend(b->device);
    for (int i = 0; i < 2; i++) {
        const int tensor = i ? b->net->outputs[0] : b->net->input;
        const int64_t count = ph_shape_count(&b->net->tensors[tensor].shape) * b->batch;
        float *to = i ? backend->engine_output_gradient(b->engine, 0) : backend->engine_input(b->engine);
        float *values = ph_alloc((size_t)count, sizeof *values);
        if (!values)
            return ph_fail_memory(err, (size_t)count * sizeof *values, "the input");
        fill(values, count);
        for (int64_t k = 0; !i && k < count; k++)
            values[k] *= 100.0f;
        const ph_status status = backend->write(b->device, to, values, (size_t)count * sizeof *values, err);
        ph_free(values);
        PH_TRY(status);
    }
    return PH_OK;
}

/* Per operator the smallest time of one step; seconds[0]: forward, [1]: backward, [2], [3]: whole passes; [4]:
 * processor time of both. */
static ph_status measure(const bench *b, double *seconds[5], ph_error *err)
{
    const ph_backend *backend = ph_device_backend(b->device);
    const int ops = b->net->op_count;
    double *times = ph_alloc((size_t)ops, 4 * sizeof *times);
    if (!times)
        return ph_fail_memory(err, (size_t)ops * 4 * sizeof *times, "the times");
    ph_status status = PH_OK;
    for (int r = 0; r < b->repeats && status == PH_OK; r++) {
        double *before = times, *after = times + 2 * ops;
        backend->engine_times(b->engine, before, before + ops);
        const double start = ph_clock_seconds(), start_cpu = bench_cpu_seconds();
        status = backend->forward(b->engine, err);
        const double middle = ph_clock_seconds();
        if (status == PH_OK)
            status = backend->backward(b->engine, PH_RELU_NORMAL, err);
        const double end = ph_clock_seconds(), cpu = bench_cpu_seconds() - start_cpu;
        backend->engine_times(b->engine, after, after + ops);
        for (int i = 0; i < ops; i++)
            for (int k = 0; k < 2; k++) {
                const double spent = after[k * ops + i] - before[k * ops + i];
                seconds[k][i] = r && seconds[k][i] < spent ? seconds[k][i] : spent;
            }
        *seconds[2] = r && *seconds[2] < middle - start ? *seconds[2] : middle - start;
        *seconds[4] = r && *seconds[4] < cpu ? *seconds[4] : cpu;
        *seconds[3] = r && *seconds[3] < end - middle ? *seconds[3] : end - middle;
    }
    ph_free(times);
    return status;
}

/* The table; sums up the floor of all convolutions for one picture. */
static ph_status print_table(const bench *b, double *const seconds[5], bench_floor *all, ph_error *err)
{
    double rest[2] = {0, 0}, sum = 0;
    for (int i = 0; i < b->net->op_count; i++) {
        const ph_op *op = &b->net->ops[i];
        const bool conv = op->kind == PH_OP_CONV || op->kind == PH_OP_DECONV;
        bench_floor floor = {0};
        if (conv)
            PH_TRY(bench_floor_of(b->net, op, b->repeats, &floor, err));
        all->forward += floor.forward;
        all->backward += floor.backward;
        all->forward_cpu += floor.forward_cpu;
        all->backward_cpu += floor.backward_cpu;
        sum += seconds[0][i] + seconds[1][i];
        rest[0] += conv ? 0 : seconds[0][i];
        rest[1] += conv ? 0 : seconds[1][i];
        char shape[PH_SHAPE_TEXT];
        printf("%-14s %-16s %8.3f %8.3f", ph_op_name(op->kind), ph_shape_text(&b->net->tensors[op->out].shape, shape),
               seconds[0][i] * 1e3, seconds[1][i] * 1e3);
        if (conv)
            printf("   floor %7.3f %7.3f", floor.forward * 1e3, floor.backward * 1e3);
        printf("   %s\n", op->name);
    }
    printf("operators other than convolutions: %.2f + %.2f ms; best times of all operators: %.2f ms\n", rest[0] * 1e3,
           rest[1] * 1e3, sum * 1e3);
    return PH_OK;
}

static ph_status run(bench *b, ph_error *err)
{
    PH_TRY(load(b, err));
    PH_TRY(load_values(b, err));
    const size_t ops = (size_t)b->net->op_count;
    double *memory = ph_alloc(2 * ops + 3, sizeof *memory);
    if (!memory)
        return ph_fail_memory(err, (2 * ops + 3) * sizeof *memory, "the times");
    double *const seconds[5] = {memory, memory + ops, memory + 2 * ops, memory + 2 * ops + 1, memory + 2 * ops + 2};
    bench_floor floor = {0};
    ph_status status = measure(b, (double **)seconds, err);
    if (status == PH_OK)
        status = print_table(b, seconds, &floor, err);
    if (status == PH_OK) {
        const double forward = *seconds[2] / b->batch * 1e3, backward = *seconds[3] / b->batch * 1e3;
        const double least = (floor.forward + floor.backward) * 1e3;
        const double cpu = *seconds[4] / b->batch * 1e3, least_cpu = (floor.forward_cpu + floor.backward_cpu) * 1e3;
        printf("per picture: forward %.2f + backward %.2f = %.2f ms; convolutions alone %.2f + %.2f = %.2f ms; "
               "ratio %.3f; processor time %.2f and %.2f ms, ratio %.3f\n",
               forward, backward, forward + backward, floor.forward * 1e3, floor.backward * 1e3, least,
               (forward + backward) / least, cpu, least_cpu, cpu / least_cpu);
    }
    ph_free(memory);
    return status;
}

int main(int argc, char **argv)
{
    int64_t numbers[3] = {0, 1, 20};
    if (argc < 3 || argc > 7) {
        fprintf(stderr, "usage: %s MODEL LAYER [SIZE [BATCH [REPEATS [BACKEND]]]]\n", argv[0]);
        return 2;
    }
    for (int i = 3; i < argc && i < 6; i++)
        if (!ph_parse_int(argv[i], i == 3 ? 0 : 1, 100000, &numbers[i - 3])) {
            fprintf(stderr, "'%s' is not a number\n", argv[i]);
            return 2;
        }
    bench b = {.model = argv[1],
               .layer = argv[2],
               .device_name = argc > 6 ? argv[6] : "cpu",
               .size = (int)numbers[0],
               .batch = (int)numbers[1],
               .repeats = (int)numbers[2]};
    ph_error err = {0};
    const ph_status status = run(&b, &err);
    if (status != PH_OK)
        fprintf(stderr, "%s\n", err.message);
    if (b.engine)
        ph_device_backend(b.device)->engine_free(b.engine);
    ph_device_close(&b.device);
    ph_net_free(&b.net);
    ph_graph_free(&b.graph);
    return status == PH_OK ? 0 : 1;
}
