/* bench-cuda-nodes MODEL LAYER SIZE BATCH PRECISION [REPEATS]: what each node of a network's plan takes on the GPU,
 * forward and backward, in microseconds, beside the engine cuDNN uses; and the sums by kind. Each node runs REPEATS
 * times in a row between two events, after one turn that does not count. */
#include "host/base/alloc.h"
#include "host/base/status.h"
#include "host/model/graph.h"
#include "host/model/layers.h"
#include "host/model/lower.h"
#include "kernels/cuda/plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct bench {
    ph_graph *graph;
    ph_net *net;
    ph_device *device;
    ph_cuda_plan *plan;
    int repeats;
    cudaEvent_t begin, end;
} bench;

static ph_status load(bench *b, char **words, ph_error *err)
{
    int value;
    bool channels_last;
    ph_shape shape;
    ph_device_options options = {0};
    if (!ph_precision_named(words[5], &options.precision))
        return ph_fail(err, PH_MISUSE, "unknown precision '%s'", words[5]);
    const int size = atoi(words[3]);
    PH_TRY(ph_graph_read(words[1], &b->graph, err));
    PH_TRY(ph_layer_find(b->graph, words[2], strlen(words[2]), &value, err));
    PH_TRY(ph_picture_shape(b->graph, size, size, &shape, &channels_last, err));
    const ph_lower_options lower = {.input = shape, .wanted = &value, .wanted_count = 1, .simplify = true};
    PH_TRY(ph_lower(b->graph, &lower, &b->net, err));
    PH_TRY(ph_device_open("cuda", &options, &b->device, NULL, 0, err));
    PH_TRY(ph_cuda_plan_new(b->device, b->net, atoi(words[4]), true, &b->plan, err));
    PH_TRY(ph_cuda_plan_make(b->plan, err));
    PH_TRY(ph_cuda_check(b->device, cudaEventCreate(&b->begin), "an event", err));
    return ph_cuda_check(b->device, cudaEventCreate(&b->end), "an event", err);
}

/* Random input and output gradients: zeros would run faster than real data. */
static ph_status fill(const bench *b, ph_error *err)
{
    for (int i = -1; i < b->net->output_count; i++) {
        const int tensor = i < 0 ? b->net->input : b->net->outputs[i];
        const int64_t count = ph_shape_count(&b->net->tensors[tensor].shape) * b->plan->batch;
        float *values = ph_alloc((size_t)count, sizeof *values);
        if (!values)
            return ph_fail_memory(err, (size_t)count * sizeof *values, "the input");
        uint32_t state = 1;
        for (int64_t k = 0; k < count; k++) {
            state = state * 1664525u + 1013904223u;
            values[k] = ((float)(state >> 8) / 8388608.0f - 1.0f) * (i < 0 ? 100.0f : 1e-3f);
        }
        float *to = i < 0 ? b->plan->input : b->plan->output_gradients[i];
        const ph_status status = ph_cuda_write(b->device, to, values, (size_t)count * sizeof *values, err);
        ph_free(values);
        PH_TRY(status);
    }
    return PH_OK;
}

static ph_status run_node(const bench *b, const ph_cuda_node *node, bool back, ph_error *err)
{
    return back ? node->kernel->backward(b->plan, node, PH_RELU_NORMAL, err)
                : node->kernel->forward(b->plan, node, err);
}

static ph_status time_node(const bench *b, const ph_cuda_node *node, bool back, double *microseconds, ph_error *err)
{
    float milliseconds = 0;
    PH_TRY(run_node(b, node, back, err));
    PH_TRY(ph_cuda_check(b->device, cudaEventRecord(b->begin, b->device->stream), "timing", err));
    for (int i = 0; i < b->repeats; i++)
        PH_TRY(run_node(b, node, back, err));
    PH_TRY(ph_cuda_check(b->device, cudaEventRecord(b->end, b->device->stream), "timing", err));
    PH_TRY(ph_cuda_check(b->device, cudaEventSynchronize(b->end), "timing", err));
    PH_TRY(ph_cuda_check(b->device, cudaEventElapsedTime(&milliseconds, b->begin, b->end), "timing", err));
    *microseconds = 1e3 * (double)milliseconds / b->repeats;
    return PH_OK;
}

static ph_status table(const bench *b, ph_error *err)
{
    double sums[PH_OP_COUNT + 1][2] = {{0}}, all = 0;
    const ph_cuda_plan *plan = b->plan;
    for (int back = 0; back < 2; back++)
        for (size_t i = 0; i < plan->node_count; i++) {
            const ph_cuda_node *node = &plan->nodes[back ? plan->node_count - 1 - i : i];
            if (back && !node->backward)
                continue;
            char name[PH_CUDA_NODE_TEXT], shape[PH_SHAPE_TEXT] = "";
            double time = 0;
            PH_TRY(time_node(b, node, back, &time, err));
            const int index = node->out >= 0 ? node->out : node->in[0];
            ph_shape_text(&b->net->tensors[plan->values[index].tensor].shape, shape);
            printf("%s %8.1f us  %-18s %s\n", back ? "back" : "forw", time, shape, ph_cuda_node_text(node, name));
            sums[node->op ? node->op->kind : PH_OP_COUNT][back] += time;
            all += time;
        }
    for (int kind = 0; kind <= PH_OP_COUNT; kind++)
        if (sums[kind][0] > 0)
            printf("sum  %-14s forward %9.1f us, backward %9.1f us\n",
                   kind < PH_OP_COUNT ? ph_op_name((ph_op_kind)kind) : "layouts, ends", sums[kind][0], sums[kind][1]);
    printf("all  %.1f us for %d pictures, %.1f MB\n", all, plan->batch, (double)plan->bytes / 1e6);
    return PH_OK;
}

int main(int count, char **words)
{
    if (count < 6) {
        fputs("usage: bench-cuda-nodes MODEL LAYER SIZE BATCH PRECISION [REPEATS]\n", stderr);
        return 2;
    }
    ph_error err = {0};
    bench b = {.repeats = count > 6 ? atoi(words[6]) : 20};
    ph_status status = load(&b, words, &err);
    if (status == PH_OK)
        status = fill(&b, &err);
    if (status == PH_OK)
        status = table(&b, &err);
    if (status != PH_OK)
        fprintf(stderr, "%s\n", err.message);
    ph_cuda_plan_free(b.plan);
    ph_device_close(&b.device);
    ph_net_free(&b.net);
    ph_graph_free(&b.graph);
    return status != PH_OK;
}
