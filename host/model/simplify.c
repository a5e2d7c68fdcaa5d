#include "host/model/simplify.h"

#include "host/base/alloc.h"
#include "host/base/status.h"

#include <string.h>

static void index_net(ph_net *net)
{
    for (int t = 0; t < net->tensor_count; t++) {
        net->tensors[t].producer = -1;
        net->tensors[t].wanted = false;
    }
    for (int i = 0; i < net->op_count; i++)
        if (net->ops[i].kind != PH_OP_COUNT)
            net->tensors[net->ops[i].out].producer = i;
    for (int i = 0; i < net->output_count; i++)
        net->tensors[net->outputs[i]].wanted = true;
}

/* Keeps the operators that lead to an output, and the tensors that they and the picture need. */
static bool compact(ph_net *net)
{
    int *place = ph_alloc((size_t)net->tensor_count, sizeof *place); /* 1: needed; later the new index + 1 */
    if (!place)
        return false;
    place[net->input] = 1;
    for (int i = 0; i < net->output_count; i++)
        place[net->outputs[i]] = 1;
    for (int i = net->op_count - 1; i >= 0; i--) {
        ph_op *op = &net->ops[i];
        if (op->kind == PH_OP_COUNT || !place[op->out]) {
            op->kind = PH_OP_COUNT;
            continue;
        }
        for (int k = 0; k < op->in_count; k++)
            place[op->in[k]] = 1;
    }
    int tensors = 0, ops = 0;
    for (int t = 0; t < net->tensor_count; t++) {
        if (!place[t])
            continue;
        net->tensors[tensors] = net->tensors[t];
        place[t] = ++tensors;
    }
    net->tensor_count = tensors;
    for (int i = 0; i < net->op_count; i++) {
        if (net->ops[i].kind == PH_OP_COUNT)
            continue;
        ph_op *op = &net->ops[ops++];
        *op = net->ops[i];
        op->out = place[op->out] - 1;
        for (int k = 0; k < op->in_count; k++)
            op->in[k] = place[op->in[k]] - 1;
    }
    net->op_count = ops;
    net->input = place[net->input] - 1;
    for (int i = 0; i < net->output_count; i++)
        net->outputs[i] = place[net->outputs[i]] - 1;
    ph_free(place);
    index_net(net);
    return true;
}

bool ph_simplify_reshapes(ph_net *net)
{
    int *alias = ph_alloc((size_t)net->tensor_count, sizeof *alias);
    if (!alias)
        return false;
    for (int t = 0; t < net->tensor_count; t++)
        alias[t] = t;
    for (int i = 0; i < net->op_count; i++) {
        ph_op *op = &net->ops[i];
        if (op->kind == PH_OP_COUNT)
            continue;
        for (int k = 0; k < op->in_count; k++)
            op->in[k] = alias[op->in[k]];
        if (op->kind != PH_OP_RESHAPE)
            continue;
        const int before = net->tensors[op->in[0]].producer;
        if (before >= 0 && net->ops[before].kind == PH_OP_RESHAPE)
            op->in[0] = net->ops[before].in[0];
        if (ph_shape_equal(&net->tensors[op->in[0]].shape, &net->tensors[op->out].shape)) {
            alias[op->out] = op->in[0];
            op->kind = PH_OP_COUNT;
        }
    }
    for (int i = 0; i < net->output_count; i++)
        net->outputs[i] = alias[net->outputs[i]];
    ph_free(alias);
    return true;
}

ph_status ph_net_simplify(ph_net *net, bool full, ph_error *err)
{
    static bool (*const passes[])(ph_net *) = {ph_simplify_transposes, ph_simplify_reshapes, ph_simplify_folds};
    bool done = compact(net);
    for (size_t i = 0; full && done && i < sizeof passes / sizeof passes[0]; i++)
        done = passes[i](net) && compact(net);
    return done ? PH_OK : ph_fail(err, PH_NO_MEMORY, "out of memory simplifying the network");
}
