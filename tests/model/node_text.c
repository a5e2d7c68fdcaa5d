#include "tests/model/node_text.h"

#include "tests/model/build_model.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_LIST = 64, MAX_TEXT = 2048 };

typedef struct parser {
    build_model *model;
    int constants;
} parser;

/* Numbers separated by ',', ':' or 'x'. */
static size_t read_list(const char *text, int64_t values[MAX_LIST])
{
    size_t count = 0;
    while (*text) {
        char *end;
        ck_assert_msg(count < MAX_LIST, "too many numbers in '%s'", text);
        values[count++] = strtoll(text, &end, 10);
        ck_assert_msg(end != text, "no number in '%s'", text);
        text = *end ? end + 1 : end;
    }
    return count;
}

ph_shape node_text_shape(const char *text)
{
    int64_t dims[MAX_LIST];
    ph_shape shape = {.rank = (int)read_list(text, dims)};
    for (int axis = 0; axis < shape.rank; axis++)
        shape.dim[axis] = dims[axis];
    return shape;
}

/* Large ones are scaled so that a sum over all but the first dimension stays near 1. */
static void float_constant(build_model *model, const char *name, const char *shape_text, bool positive)
{
    const ph_shape shape = node_text_shape(shape_text);
    const int64_t count = ph_shape_count(&shape);
    float *values = malloc(((size_t)count + 1) * sizeof *values);
    const double scale = 1 / sqrt(1 + (double)count / (shape.rank && shape.dim[0] ? (double)shape.dim[0] : 1));
    for (int64_t i = 0; i < count; i++) {
        const double x = fmod((double)i * 0.618034 + 0.31, 1);
        values[i] = (float)((positive ? 0.5 + x : 2 * x - 1) * (count > 64 ? scale : 1));
    }
    build_floats(model, name, shape.rank, shape.dim, values);
    free(values);
}

/* The name under which the input stands in the model. */
static void read_input(parser *p, const char *text, char name[64])
{
    int64_t values[MAX_LIST];
    snprintf(name, 64, "%s", text);
    if (!strcmp(text, "-"))
        name[0] = '\0';
    const bool constant = strchr("fins", text[0]) && text[1] && strchr("0123456789-p", text[1]);
    if (!constant && strcmp(text, "i") != 0)
        return;
    snprintf(name, 64, "c%d", p->constants++);
    if (text[0] == 'f') {
        const bool positive = text[1] == 'p';
        float_constant(p->model, name, text + (positive ? 2 : 1), positive);
    } else if (text[0] == 's') {
        build_floats(p->model, name, 0, values, &(float){strtof(text + 1, NULL)});
    } else {
        const int64_t count = (int64_t)read_list(text + 1, values);
        build_int64s(p->model, name, text[0] == 'n' ? 0 : 1, &count, values);
    }
}

static void read_attribute(parser *p, char *text)
{
    int64_t values[MAX_LIST];
    char *value = strchr(text, '=');
    ck_assert_msg(value != NULL, "'%s' is no attribute", text);
    *value++ = '\0';
    if (!strchr("0123456789-", value[0]))
        build_string(p->model, text, value);
    else if (strchr(value, ','))
        build_ints(p->model, text, read_list(value, values), values);
    else if (strchr(value, '.'))
        build_float(p->model, text, strtof(value, NULL));
    else
        build_int(p->model, text, strtoll(value, NULL, 10));
}

/* Op(inputs) attributes > outputs */
static void read_node(parser *p, char *text)
{
    char inputs[MAX_TEXT] = "", *rest, *save = NULL;
    while (*text == ' ')
        text++;
    char *open = strchr(text, '('), *close = strchr(text, ')'), *outputs = strchr(text, '>');
    ck_assert_msg(open && close, "no inputs in '%s'", text);
    *open = *close = '\0';
    if (outputs)
        *outputs++ = '\0';
    while (outputs && *outputs == ' ')
        outputs++;
    for (char *one = strtok_r(open + 1, ", ", &save); one; one = strtok_r(NULL, ", ", &save)) {
        char name[64];
        read_input(p, one, name);
        const size_t used = strlen(inputs);
        snprintf(inputs + used, sizeof inputs - used, "%s%s", one == open + 1 ? "" : ",", name);
    }
    rest = close + 1;
    save = NULL;
    build_node(p->model, text, outputs ? outputs : "y", inputs, outputs ? outputs : "y");
    for (char *one = strtok_r(rest, " ", &save); one; one = strtok_r(NULL, " ", &save))
        read_attribute(p, one);
}

ph_graph *node_text_graph(const char *text, int64_t opset, const char *input, const char *outputs)
{
    parser p = {.model = build_new(opset)};
    char copy[MAX_TEXT], *save = NULL;
    const ph_shape shape = node_text_shape(input);
    build_input(p.model, "x", shape.rank, shape.dim);
    ck_assert_uint_lt(strlen(text), sizeof copy);
    snprintf(copy, sizeof copy, "%s", text);
    for (char *one = strtok_r(copy, ";", &save); one; one = strtok_r(NULL, ";", &save))
        read_node(&p, one);
    snprintf(copy, sizeof copy, "%s", outputs);
    for (char *one = strtok_r(copy, ",", &save); one; one = strtok_r(NULL, ",", &save))
        build_output(p.model, one, -1, NULL);
    ph_graph *graph = build_graph(p.model);
    build_free(p.model);
    return graph;
}

ph_status node_text_lower(const ph_graph *graph, const char *input, const char *wanted, bool simplify, ph_net **net,
                          ph_error *err)
{
    int values[MAX_LIST], count = 0;
    char copy[MAX_TEXT], *save = NULL;
    snprintf(copy, sizeof copy, "%s", wanted);
    for (char *one = strtok_r(copy, ",", &save); one; one = strtok_r(NULL, ",", &save))
        values[count++] = value_named(graph, one);
    const ph_lower_options options = {
        .input = node_text_shape(input), .wanted = values, .wanted_count = count, .simplify = simplify};
    return ph_lower(graph, &options, net, err);
}

const char *node_text_ops(const ph_net *net, char text[NODE_TEXT_OPS])
{
    size_t used = 0;
    text[0] = '\0';
    for (int i = 0; i < net->op_count && used < NODE_TEXT_OPS - 32; i++) {
        const ph_op *op = &net->ops[i];
        const bool fused = op->kind == PH_OP_CONV && op->p.conv.relu;
        used += (size_t)snprintf(text + used, NODE_TEXT_OPS - used, "%s%s%s", i ? " " : "", ph_op_name(op->kind),
                                 fused ? "+Relu" : "");
    }
    return text;
}
