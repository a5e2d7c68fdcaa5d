#include "replay.h"
#include "host/base/alloc.h"
#include "host/base/file.h"
#include "host/base/status.h"
#include "host/model/lower.h"
#include "host/model/onnx_array.h"
#include "tensor_file.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { MAX_TENSORS = 64, BATCH = 1 };

/* Everything one replay owns. */
typedef struct work {
    ops_replay result;
    ph_graph *graph;
    int inputs[MAX_TENSORS], outputs[MAX_TENSORS]; /* graph values, in the order of the files */
    ph_array *in[MAX_TENSORS], *out[MAX_TENSORS];
    int input_count, output_count;
    int picture; /* graph value */
    ph_net *net;
    const ph_backend *backend;
    ph_device *device; /* not owned */
    ph_engine *engine;
} work;

static bool conclude(work *w, ops_verdict verdict, const char *format, ...) PH_PRINTF(3, 4);

/* Notes a verdict other than a pass; false, so that callers can return it. */
static bool conclude(work *w, ops_verdict verdict, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    w->result.verdict = verdict;
    vsnprintf(w->result.detail, sizeof w->result.detail, format, args);
    va_end(args);
    return false;
}

static bool accept(work *w, ph_status status, const ph_error *err)
{
    if (status == PH_OK)
        return true;
    return conclude(w, status == PH_UNSUPPORTED ? OPS_UNSUPPORTED : OPS_FAIL, "%s", err->message);
}

static bool only_listed(work *w, const char *const *operators)
{
    for (int i = 0; operators && i < w->graph->node_count; i++) {
        const ph_node *node = &w->graph->nodes[i];
        int k = 0;
        while (operators[k] && strcmp(operators[k], node->op) != 0)
            k++;
        if (!operators[k] || node->domain[0])
            return conclude(w, OPS_UNSUPPORTED, "%s is not among the operators replayed", node->op);
    }
    return true;
}

static int find_value(const ph_graph *graph, const char *name)
{
    for (int i = 0; i < graph->value_count; i++)
        if (strcmp(graph->values[i].name, name) == 0)
            return i;
    return -1;
}

/* The order of inputs and outputs that the numbers in file names mean is known to the file only. */
static bool find_signature(work *w, const char *model)
{
    void *bytes = NULL;
    size_t size = 0;
    ph_error err = {0};
    if (!accept(w, ph_file_read(model, 1U << 30, &bytes, &size, &err), &err))
        return false;
    Onnx__ModelProto *proto = onnx__model_proto__unpack(NULL, size, bytes);
    const Onnx__GraphProto *graph = proto ? proto->graph : NULL;
    for (size_t i = 0; graph && i < graph->n_input && w->input_count < MAX_TENSORS; i++) {
        const int value = find_value(w->graph, graph->input[i]->name);
        if (value >= 0 && w->graph->values[value].is_input)
            w->inputs[w->input_count++] = value;
    }
    for (size_t i = 0; graph && i < graph->n_output && w->output_count < MAX_TENSORS; i++)
        w->outputs[w->output_count++] = find_value(w->graph, graph->output[i]->name);
    if (proto)
        onnx__model_proto__free_unpacked(proto, NULL);
    ph_free(bytes);
    if (!w->input_count)
        return conclude(w, OPS_UNSUPPORTED, "a model without input");
    return w->output_count > 0 || conclude(w, OPS_FAIL, "no output found in %s", model);
}

static ph_array *read_one(work *w, const char *data_set, const char *kind, int index, int *type)
{
    char path[1024], message[256];
    snprintf(path, sizeof path, "%s/%s_%d.pb", data_set, kind, index);
    ph_array *array = ops_read_tensor(path, type, message, sizeof message);
    if (!array)
        conclude(w, OPS_UNSUPPORTED, "%s", message);
    return array;
}

static bool read_inputs(work *w, const char *data_set)
{
    for (int i = 0; i < w->input_count; i++) {
        int type = 0;
        w->in[i] = read_one(w, data_set, "input", i, &type);
        if (!w->in[i])
            return false;
        if (w->inputs[i] == w->picture && w->in[i]->dtype != PH_DTYPE_FLOAT)
            return conclude(w, OPS_UNSUPPORTED, "the picture has ONNX type %d, not a real one", type);
    }
    return true;
}

/* Outputs of whole numbers (masks, indices) are no function to climb: they are left out. */
static bool read_outputs(work *w, const char *data_set)
{
    const int count = w->output_count;
    w->output_count = 0;
    for (int i = 0; i < count; i++) {
        int type = 0;
        ph_array *array = read_one(w, data_set, "output", i, &type);
        if (!array)
            return false;
        if (array->dtype != PH_DTYPE_FLOAT) {
            ph_array_free(&array);
            continue;
        }
        w->outputs[w->output_count] = w->outputs[i];
        w->out[w->output_count++] = array;
        if (ph_shape_count(&array->shape) == 0)
            return conclude(w, OPS_UNSUPPORTED, "output %d is an empty tensor", i);
    }
    return w->output_count > 0 || conclude(w, OPS_UNSUPPORTED, "no output of real numbers");
}

static bool lower(work *w, bool simplify)
{
    int fixed[MAX_TENSORS], fixed_count = 0;
    const ph_array *arrays[MAX_TENSORS];
    ph_lower_options options = {.wanted = w->outputs, .wanted_count = w->output_count, .simplify = simplify};
    for (int i = 0; i < w->input_count; i++) {
        if (w->inputs[i] == w->picture) {
            options.input = w->in[i]->shape;
            continue;
        }
        fixed[fixed_count] = w->inputs[i];
        arrays[fixed_count++] = w->in[i];
    }
    options.fixed = fixed;
    options.arrays = arrays;
    options.fixed_count = fixed_count;
    ph_error err = {0};
    return accept(w, ph_lower(w->graph, &options, &w->net, &err), &err);
}

static bool compare(work *w, int output, const float *got, double tolerance)
{
    const ph_array *want = w->out[output];
    const float *values = want->data;
    const ph_shape *shape = &w->net->tensors[w->net->outputs[output]].shape;
    char a[PH_SHAPE_TEXT], b[PH_SHAPE_TEXT];
    if (!ph_shape_equal(shape, &want->shape))
        return conclude(w, OPS_FAIL, "output %d is %s, expected %s", output, ph_shape_text(shape, a),
                        ph_shape_text(&want->shape, b));
    const int64_t count = ph_shape_count(shape);
    double largest = 0;
    for (int64_t i = 0; i < count; i++)
        largest = fmax(largest, fabs((double)values[i]));
    for (int64_t i = 0; i < count; i++) {
        const double error = fabs((double)got[i] - (double)values[i]) / (largest > 0 ? largest : 1);
        const bool same = got[i] == values[i]; /* infinities too */
        if (!same && !(error <= tolerance))
            return conclude(w, OPS_FAIL, "output %d [%lld] of %s is %a, expected %a: error %.3g of the largest value",
                            output, (long long)i, ph_shape_text(shape, a), (double)got[i], (double)values[i], error);
        if (!same)
            w->result.worst = fmax(w->result.worst, error);
    }
    return true;
}

static bool run(work *w, double tolerance)
{
    const ph_backend *b = w->backend;
    ph_error err = {0};
    const ph_array *picture = NULL;
    for (int i = 0; i < w->input_count; i++)
        if (w->inputs[i] == w->picture)
            picture = w->in[i];
    const size_t bytes = (size_t)ph_shape_count(&picture->shape) * sizeof(float);
    if (!accept(w, b->engine_new(w->device, w->net, BATCH, false, &w->engine, &err), &err) ||
        !accept(w, b->write(w->device, b->engine_input(w->engine), picture->data, bytes, &err), &err) ||
        !accept(w, b->forward(w->engine, &err), &err))
        return false;
    if (w->net->output_count != w->output_count)
        return conclude(w, OPS_FAIL, "%d outputs instead of %d", w->net->output_count, w->output_count);
    for (int o = 0; o < w->output_count; o++) {
        const size_t count = (size_t)ph_shape_count(&w->net->tensors[w->net->outputs[o]].shape);
        float *got = ph_alloc(count, sizeof *got);
        const bool good =
            got &&
            accept(w, b->read(w->device, got, b->engine_output(w->engine, o), count * sizeof *got, &err), &err) &&
            compare(w, o, got, tolerance);
        ph_free(got);
        if (!good)
            return false;
    }
    return true;
}

static void clean_up(work *w)
{
    w->backend->engine_free(w->engine);
    ph_net_free(&w->net);
    for (int i = 0; i < MAX_TENSORS; i++) {
        ph_array_free(&w->in[i]);
        ph_array_free(&w->out[i]);
    }
    ph_graph_free(&w->graph);
}

ops_replay ops_replay_case(const char *model, const char *data_set, ph_device *device, bool simplify, double tolerance,
                           const char *const *operators)
{
    work w = {.backend = ph_device_backend(device), .device = device, .result = {.verdict = OPS_PASS}};
    ph_error err = {0};
    if (accept(&w, ph_graph_read(model, &w.graph, &err), &err) && only_listed(&w, operators) &&
        find_signature(&w, model) && accept(&w, ph_graph_picture_input(w.graph, &w.picture, &err), &err) &&
        read_inputs(&w, data_set) && read_outputs(&w, data_set) && lower(&w, simplify))
        run(&w, tolerance);
    clean_up(&w);
    return w.result;
}
