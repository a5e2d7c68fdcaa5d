/* Picture sizes: what the model declares, and which one to advise when one does not fit. */
#include "host/model/lower.h"
#include "host/model/lowering.h"

#include <stdio.h>
#include <string.h>

/* ---- Layout of the input ----------------------------------------------------------------------------------------- */

static bool is_colour_count(int64_t dim)
{
    return dim == 1 || dim == 3 || dim == 4;
}

/* A Transpose from [N, H, W, C] to [N, C, H, W] that reads the value. */
static bool is_turned(const ph_graph *graph, int value)
{
    static const int64_t to_planes[] = {0, 3, 1, 2};
    for (int n = 0; n < graph->node_count; n++) {
        const ph_node *node = &graph->nodes[n];
        const ph_attribute *perm = ph_node_attribute(node, "perm");
        if (!strcmp(node->op, "Transpose") && node->input_count == 1 && node->inputs[0] == value && perm &&
            perm->kind == PH_ATTR_INTS && perm->count == 4 && !memcmp(perm->ints, to_planes, sizeof to_planes))
            return true;
    }
    return false;
}

static bool is_channels_last(const ph_graph *graph, int picture)
{
    const ph_shape *declared = &graph->values[picture].declared;
    if (declared->rank != 4)
        return false;
    const bool first = is_colour_count(declared->dim[1]), last = is_colour_count(declared->dim[3]);
    if (first != last)
        return last;
    return is_turned(graph, picture);
}

/* The input channels of the first convolution; 3 when there is none. */
static int64_t guess_channels(const ph_graph *graph)
{
    for (int n = 0; n < graph->node_count; n++) {
        const ph_node *node = &graph->nodes[n];
        if (strcmp(node->op, "Conv") != 0 || node->input_count < 2 || node->inputs[1] < 0)
            continue;
        const ph_array *weight = graph->values[node->inputs[1]].constant;
        const int64_t groups = ph_node_int(node, "group", 1);
        if (weight && weight->shape.rank == 4 && groups > 0 && groups <= weight->shape.dim[0])
            return weight->shape.dim[1] * groups;
    }
    return 3;
}

/* ---- The input's shape ------------------------------------------------------------------------------------------- */

enum { DEFAULT_SIZE = 224 };

/* One side of the picture from what is asked for and what is declared (< 1: open). */
static int64_t side(int asked, int64_t declared)
{
    if (asked > 0)
        return asked;
    return declared >= 1 ? declared : DEFAULT_SIZE;
}

static ph_status flat_shape(const ph_value *value, int width, int height, ph_shape *shape, ph_error *err)
{
    if (width > 0 || height > 0)
        return ph_fail(err, PH_MISUSE, "input '%.120s' is not a picture: leave the size out", value->name);
    *shape = value->declared;
    for (int axis = 0; axis < shape->rank; axis++)
        if (shape->dim[axis] < 1 || (axis == 0 && shape->rank > 1 && shape->rank != 3))
            shape->dim[axis] = 1;
    return PH_OK;
}

ph_status ph_picture_shape(const ph_graph *graph, int width, int height, ph_shape *shape, bool *channels_last,
                           ph_error *err)
{
    int picture;
    PH_TRY(ph_graph_picture_input(graph, &picture, err));
    const ph_value *value = &graph->values[picture];
    if (width < 0 || height < 0)
        return ph_fail(err, PH_MISUSE, "a picture cannot be %dx%d: give sizes above 0", width, height);
    *channels_last = is_channels_last(graph, picture);
    ph_shape declared = value->declared;
    if (declared.rank < 0)
        declared = (ph_shape){.rank = 4, .dim = {-1, -1, -1, -1}};
    if (declared.rank != 4) {
        PH_TRY(flat_shape(value, width, height, shape, err));
    } else {
        const int c = *channels_last ? 3 : 1, y = *channels_last ? 1 : 2, x = y + 1;
        *shape = (ph_shape){.rank = 4, .dim = {1, 1, 1, 1}};
        shape->dim[c] = declared.dim[c] >= 1 ? declared.dim[c] : guess_channels(graph);
        shape->dim[y] = side(height, declared.dim[y]);
        shape->dim[x] = side(width, declared.dim[x]);
    }
    if (ph_shape_count_within(shape, PH_TENSOR_LIMIT) < 1) {
        char text[PH_SHAPE_TEXT];
        return ph_fail(err, PH_FORMAT, "input '%.120s' of %s is too large", value->name, ph_shape_text(shape, text));
    }
    return PH_OK;
}

/* ---- Advice ------------------------------------------------------------------------------------------------------ */

/* Elements that all trials together may fold: a hostile file must not make the search slow. */
#define TRIAL_BUDGET (INT64_C(1) << 24)

typedef struct ph_trial {
    const ph_graph *graph;
    ph_lower_options options;
    int y, x; /* the picture's axes */
    int64_t budget;
} ph_trial;

static bool works(ph_trial *trial, int64_t size)
{
    ph_net *net = NULL;
    bool size_matters;
    trial->options.input.dim[trial->y] = trial->options.input.dim[trial->x] = size;
    const ph_status status =
        ph_lower_once(trial->graph, &trial->options, true, &trial->budget, &net, &size_matters, NULL);
    ph_net_free(&net);
    return status == PH_OK;
}

/* A size that works, or 0: the declared one when it is fixed, else those that networks are usually made for. */
static int64_t find_size(ph_trial *trial, const ph_shape *declared)
{
    static const int usual[] = {224, 227, 229, 299, 256, 192, 160, 128, 96, 64, 32, 28};
    if (declared->rank == 4 && declared->dim[trial->y] >= 1 && declared->dim[trial->y] == declared->dim[trial->x])
        return works(trial, declared->dim[trial->y]) ? declared->dim[trial->y] : 0;
    for (size_t i = 0; i < sizeof usual / sizeof usual[0]; i++)
        if (works(trial, usual[i]))
            return usual[i];
    return 0;
}

/* The smallest size in (0, good], supposing that all sizes above one that works do. */
static int64_t smallest(ph_trial *trial, int64_t good)
{
    int64_t bad = 0;
    while (good - bad > 1) {
        const int64_t middle = bad + (good - bad) / 2;
        if (works(trial, middle))
            good = middle;
        else
            bad = middle;
    }
    return good;
}

static void advise(ph_trial *trial, int64_t good, const ph_shape *asked, char *text, size_t size)
{
    /* Global pooling and the like: all larger pictures work, too. */
    const bool grows = works(trial, good + 32) && works(trial, good + 64);
    const int64_t least = grows ? smallest(trial, good) : good;
    const bool small = asked->dim[trial->y] < least || asked->dim[trial->x] < least;
    if (grows && small)
        snprintf(text, size, "the smallest size that works is %lldx%lld", (long long)least, (long long)least);
    else if (grows || works(trial, 2 * good))
        snprintf(text, size, "%lldx%lld works", (long long)good, (long long)good);
    else
        snprintf(text, size, "this target works at %lldx%lld only", (long long)good, (long long)good);
}

ph_status ph_lower_size_advice(const ph_graph *graph, const ph_lower_options *options, const ph_error *failure,
                               ph_error *err)
{
    ph_trial trial = {.graph = graph, .options = *options, .budget = TRIAL_BUDGET};
    int picture;
    int64_t good = 0;
    if (options->input.rank == 4 && ph_graph_picture_input(graph, &picture, NULL) == PH_OK) {
        trial.y = options->channels_last || is_channels_last(graph, picture) ? 1 : 2;
        trial.x = trial.y + 1;
        good = find_size(&trial, &graph->values[picture].declared);
    }
    if (!good)
        return ph_fail(err, failure->status, "%s", failure->message);
    char text[80];
    advise(&trial, good, &options->input, text, sizeof text);
    return ph_fail(err, PH_MISUSE, "%s at %lldx%lld: %s", failure->message, (long long)options->input.dim[trial.x],
                   (long long)options->input.dim[trial.y], text);
}
