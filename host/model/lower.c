#include "host/model/lower.h"

#include "host/base/alloc.h"
#include "host/model/lowering.h"
#include "host/model/simplify.h"

#include <string.h>

/* Elements that constant folding may produce on top of a multiple of what the file itself holds. */
#define FOLD_BASE (INT64_C(1) << 24)
enum { FOLD_FACTOR = 4 };

/* ---- One node ---------------------------------------------------------------------------------------------------- */

static ph_status check_inputs(ph_lowering *l, bool *constant)
{
    *constant = true;
    for (int k = 0; k < l->node->input_count; k++) {
        const int v = l->node->inputs[k];
        if (v < 0)
            continue;
        const ph_known *x = &l->known[v];
        if (x->shape.rank < 0 && l->graph->values[v].is_input)
            return ph_lowering_fail(l, PH_UNSUPPORTED, "needs a value for the second input '%.120s'", x->name);
        if (x->shape.rank < 0)
            return ph_lowering_fail(l, PH_UNSUPPORTED, "reads '%.120s', which cannot be computed", x->name);
        *constant = *constant && x->array;
    }
    return PH_OK;
}

static ph_status lower_node(ph_lowering *l, int index)
{
    bool constant;
    l->node = &l->graph->nodes[index];
    const ph_rule *rule = ph_rule_find(l->node);
    if (!rule)
        return ph_lowering_unsupported(l);
    PH_TRY(check_inputs(l, &constant));
    if (constant && !rule->folds)
        return ph_lowering_fail(l, PH_UNSUPPORTED, "is not supported on constants alone");
    return rule->lower(l);
}

/* ---- Start and end ----------------------------------------------------------------------------------------------- */

static int64_t fold_limit(const ph_graph *graph)
{
    int64_t count = 0;
    for (int v = 0; v < graph->value_count; v++)
        if (graph->values[v].constant)
            count += ph_shape_count(&graph->values[v].constant->shape);
    return FOLD_BASE + FOLD_FACTOR * count;
}

static void lowering_stop(ph_lowering *l)
{
    ph_net_free(&l->net);
    ph_free(l->known);
    l->known = NULL;
}

/* The net's input. A picture of [1, H, W, C] is turned from [1, C, H, W], the order in which pictures come. */
static ph_status add_picture(ph_lowering *l, int picture, const ph_shape *input, bool channels_last)
{
    static const int to_pixels[] = {0, 2, 3, 1};
    ph_known *known = &l->known[picture];
    ph_tensor tensor = {.shape = *input, .name = known->name, .producer = -1};
    if (channels_last)
        tensor.shape = (ph_shape){.rank = 4, .dim = {input->dim[0], input->dim[3], input->dim[1], input->dim[2]}};
    known->shape = *input;
    l->net->input = known->tensor = ph_net_add_tensor(l->net, &tensor);
    if (l->net->input >= 0 && channels_last) {
        tensor.shape = *input;
        ph_op op = {.kind = PH_OP_TRANSPOSE, .name = known->name, .out = ph_net_add_tensor(l->net, &tensor)};
        memcpy(op.p.perm, to_pixels, sizeof to_pixels);
        known->tensor = op.out;
        if (op.out >= 0 && ph_net_add_op(l->net, &op, &l->net->input, 1) < 0)
            known->tensor = -1;
    }
    return known->tensor < 0 ? ph_fail_memory(l->err, sizeof tensor, "the network") : PH_OK;
}

/* Everything known before the first node runs: constants and the picture. */
static ph_status lowering_start(ph_lowering *l, const ph_shape *input, bool channels_last)
{
    int picture;
    PH_TRY(ph_graph_picture_input(l->graph, &picture, l->err));
    if (input->rank < 0 || input->rank > PH_MAX_RANK || ph_shape_count_within(input, PH_TENSOR_LIMIT) < 1)
        return ph_fail(l->err, PH_MISUSE, "the picture's size is empty or too large for the network");
    const ph_shape *declared = &l->graph->values[picture].declared;
    if ((declared->rank >= 0 && declared->rank != input->rank) || (channels_last && input->rank != 4))
        return ph_fail(l->err, PH_MISUSE, "input '%.120s' does not have %d dimensions", l->graph->values[picture].name,
                       input->rank);
    l->net = ph_net_new();
    l->known = ph_alloc((size_t)l->graph->value_count, sizeof *l->known);
    if (!l->net || !l->known)
        return ph_fail_memory(l->err, (size_t)l->graph->value_count * sizeof *l->known, "the network");
    for (int v = 0; v < l->graph->value_count; v++) {
        const ph_value *value = &l->graph->values[v];
        l->known[v] = (ph_known){.shape = {.rank = -1}, .array = value->constant, .tensor = -1, .name = value->name};
        if (value->constant)
            l->known[v].shape = value->constant->shape;
    }
    return add_picture(l, picture, input, channels_last);
}

static ph_status fix_values(ph_lowering *l, const ph_lower_options *options)
{
    for (int i = 0; i < options->fixed_count; i++) {
        const int v = options->fixed[i];
        if (v < 0 || v >= l->graph->value_count || l->known[v].tensor >= 0)
            return ph_fail(l->err, PH_MISUSE, "a fixed value is not another input of the network");
        l->known[v].array = options->arrays[i];
        l->known[v].shape = options->arrays[i]->shape;
    }
    return PH_OK;
}

static ph_status name_outputs(ph_lowering *l, const ph_lower_options *options)
{
    l->net->outputs = ph_net_alloc(l->net, (size_t)options->wanted_count, sizeof *l->net->outputs);
    if (!l->net->outputs)
        return ph_fail_memory(l->err, (size_t)options->wanted_count * sizeof *l->net->outputs, "the outputs");
    for (int i = 0; i < options->wanted_count; i++) {
        const ph_known *known = &l->known[options->wanted[i]];
        if (known->array)
            return ph_fail(l->err, PH_MISUSE, "tensor '%.120s' does not depend on the picture", known->name);
        if (known->tensor < 0)
            return ph_fail(l->err, PH_UNSUPPORTED, "tensor '%.120s' cannot be computed", known->name);
        l->net->tensors[known->tensor].wanted = true;
        l->net->outputs[i] = known->tensor;
    }
    l->net->output_count = options->wanted_count;
    return PH_OK;
}

/* ---- All nodes that the wanted values need ----------------------------------------------------------------------- */

static ph_status mark_needed(const ph_graph *graph, const ph_lower_options *options, bool *needed, ph_error *err)
{
    /* Values first, nodes behind them. */
    bool *nodes = needed + graph->value_count;
    for (int i = 0; i < options->wanted_count; i++) {
        if (options->wanted[i] < 0 || options->wanted[i] >= graph->value_count)
            return ph_fail(err, PH_MISUSE, "a wanted tensor does not exist");
        needed[options->wanted[i]] = true;
    }
    for (int n = graph->node_count - 1; n >= 0; n--) {
        const ph_node *node = &graph->nodes[n];
        for (int k = 0; k < node->output_count; k++)
            nodes[n] = nodes[n] || (node->outputs[k] >= 0 && needed[node->outputs[k]]);
        for (int k = 0; nodes[n] && k < node->input_count; k++)
            if (node->inputs[k] >= 0)
                needed[node->inputs[k]] = true;
    }
    return PH_OK;
}

ph_status ph_lower_once(const ph_graph *graph, const ph_lower_options *options, bool dry, int64_t *fold_budget,
                        ph_net **out, bool *size_matters, ph_error *err)
{
    ph_status status = PH_OK;
    ph_lowering l = {.graph = graph, .dry = dry, .fold_budget = *fold_budget, .err = err};
    bool *needed = ph_alloc((size_t)graph->value_count + (size_t)graph->node_count, sizeof *needed);
    if (!needed)
        return ph_fail_memory(err, (size_t)graph->value_count, "the network");
    PH_TRY_GOTO(status, end, mark_needed(graph, options, needed, err));
    PH_TRY_GOTO(status, end, lowering_start(&l, &options->input, options->channels_last));
    PH_TRY_GOTO(status, end, fix_values(&l, options));
    for (int n = 0; n < graph->node_count; n++)
        if (needed[graph->value_count + n])
            PH_TRY_GOTO(status, end, lower_node(&l, n));
    PH_TRY_GOTO(status, end, name_outputs(&l, options));
    *out = l.net;
    l.net = NULL;
end:
    *fold_budget = l.fold_budget;
    *size_matters = l.size_matters;
    lowering_stop(&l);
    ph_free(needed);
    return status;
}

ph_status ph_lower(const ph_graph *graph, const ph_lower_options *options, ph_net **out, ph_error *err)
{
    *out = NULL;
    ph_error failure = {0};
    bool size_matters = false;
    int64_t budget = fold_limit(graph);
    ph_net *net = NULL;
    ph_status status = ph_lower_once(graph, options, false, &budget, &net, &size_matters, &failure);
    if (size_matters && (status == PH_FORMAT || status == PH_UNSUPPORTED))
        return ph_lower_size_advice(graph, options, &failure, err);
    if (status == PH_OK)
        status = ph_net_simplify(net, options->simplify, &failure);
    if (status == PH_OK)
        *out = net;
    else {
        ph_net_free(&net);
        if (err)
            *err = failure;
    }
    return status;
}

/* ---- Shapes alone ------------------------------------------------------------------------------------------------ */

ph_status ph_infer_shapes(const ph_graph *graph, const ph_shape *input, ph_shape *shapes, double *macs, bool *supported,
                          ph_error *err)
{
    ph_status status = PH_OK;
    ph_error failure = {0};
    ph_lowering l = {.graph = graph, .dry = true, .fold_budget = fold_limit(graph), .err = err};
    PH_TRY_GOTO(status, end, lowering_start(&l, input, false));
    l.err = &failure;
    for (int n = 0; n < graph->node_count; n++) {
        const int before = l.net->op_count;
        const ph_status node_status = lower_node(&l, n);
        if (node_status == PH_NO_MEMORY) {
            status = ph_fail(err, PH_NO_MEMORY, "%s", failure.message);
            goto end;
        }
        if (supported)
            supported[n] = node_status == PH_OK;
        if (!macs)
            continue;
        macs[n] = 0;
        for (int i = before; i < l.net->op_count; i++)
            macs[n] += ph_op_macs(l.net, &l.net->ops[i]);
    }
    for (int v = 0; v < graph->value_count; v++)
        shapes[v] = l.known[v].shape;
end:
    lowering_stop(&l);
    return status;
}
