#include "host/objective/unit.h"

#include "host/base/alloc.h"
#include "host/base/status.h"
#include "host/model/layers.h"
#include "host/model/lower.h"
#include "host/objective/direction.h"
#include "host/objective/label.h"
#include "host/objective/npy.h"

#include <inttypes.h>
#include <string.h>

static size_t longer(size_t length, const char *name)
{
    const size_t other = name ? strlen(name) : 0;
    return other > length ? other : length;
}

void ph_units_init(ph_units *units, const ph_graph *graph, const ph_shape *shapes, const ph_preprocess *preprocess)
{
    size_t longest = sizeof "#2147483647";
    for (int i = 0; i < graph->node_count; i++)
        longest = longer(longest, graph->nodes[i].name);
    for (int i = 0; i < graph->value_count; i++)
        longest = longer(longest, graph->values[i].name);
    *units = (ph_units){graph, shapes, preprocess, longest};
}

/* ---- Layers ----------------------------------------------------------------------------------------------------- */

/* May a name end before this character? */
static bool delimits(char c)
{
    return !c || strchr(" \t\r\n+-:@", c);
}

/* What the user probably meant by the name when nothing is called so: up to a blank or '+', without a selector. */
static size_t probable_length(ph_piece rest)
{
    size_t length = 0;
    while (length < rest.length && !strchr(" \t\r\n+", rest.chars[length]))
        length++;
    for (size_t i = length; i-- > 0;) {
        const char *after = rest.chars + i + 1;
        if (rest.chars[i] == '@' ||
            (rest.chars[i] == ':' &&
             ((*after >= '0' && *after <= '9') || !strncmp(after, "rand(", 5) || !strncmp(after, "dir(", 4))))
            length = i;
    }
    return length;
}

static bool ends_with(const char *name, ph_piece piece)
{
    if (!name)
        return false;
    const size_t length = strlen(name);
    return length >= piece.length && memcmp(name + length - piece.length, piece.chars, piece.length) == 0;
}

/* Whether it is worth asking for a layer of this name: the search makes lists and suggestions. */
static bool plausible(const ph_units *units, ph_piece name)
{
    const ph_graph *graph = units->graph;
    if (name.chars[0] == '#')
        return true;
    for (int i = 0; i < graph->node_count; i++)
        if (ends_with(graph->nodes[i].name, name))
            return true;
    for (int i = 0; i < graph->value_count; i++)
        if (ends_with(graph->values[i].name, name))
            return true;
    return false;
}

/* The longest prefix that names a layer; 0 when there is none. */
static ph_status layer_prefix(const ph_units *units, ph_piece rest, size_t *length, int *value, ph_error *err)
{
    for (*length = rest.length < units->longest_name ? rest.length : units->longest_name; *length > 0; --*length) {
        if (!delimits(rest.chars[*length]) || !plausible(units, (ph_piece){rest.chars, *length}))
            continue;
        const ph_status status = ph_layer_find(units->graph, rest.chars, *length, value, NULL);
        if (status == PH_NO_MEMORY)
            return ph_fail_memory(err, units->longest_name, "the search for a layer");
        if (status == PH_OK)
            return PH_OK;
    }
    return PH_OK;
}

static ph_status parse_layer(const ph_units *units, ph_scan *scan, int *value, ph_error *err)
{
    bool quoted;
    ph_piece name;
    PH_TRY(ph_scan_quoted(scan, &name, &quoted, err));
    if (quoted)
        return ph_layer_find(units->graph, name.chars, name.length, value, err);
    const ph_piece rest = ph_scan_rest(scan);
    size_t length;
    PH_TRY(layer_prefix(units, rest, &length, value, err));
    if (length == 0) {
        length = probable_length(rest);
        if (length == 0)
            return ph_fail(err, PH_MISUSE, "target: a layer, 'class:' or 'prob:' is missing %s%.*s",
                           rest.length ? "at " : "at the end", PH_SHOW(rest));
        PH_TRY(ph_layer_find(units->graph, rest.chars, length, value, err));
    }
    scan->at += length;
    return PH_OK;
}

/* What keeps a layer from running at the picture's size: lowering it knows. */
static ph_status explain_unknown(const ph_units *units, int value, ph_error *err)
{
    int picture;
    PH_TRY(ph_graph_picture_input(units->graph, &picture, err));
    const ph_lower_options lower = {.input = units->shapes[picture], .wanted = &value, .wanted_count = 1};
    ph_net *net = NULL;
    const ph_status status = ph_lower(units->graph, &lower, &net, err);
    ph_net_free(&net);
    if (status != PH_OK)
        return status;
    return ph_fail(err, PH_UNSUPPORTED, "layer '%s' has no known shape: see `phosphene info` for layers that do",
                   units->graph->values[value].name);
}

/* Units are read from [1, channels], [1, channels, positions] or [1, channels, height, width]. */
static ph_status check_shape(const ph_units *units, int value, ph_error *err)
{
    const char *name = units->graph->values[value].name;
    const ph_shape *shape = &units->shapes[value];
    char text[PH_SHAPE_TEXT];
    if (shape->rank < 0)
        return explain_unknown(units, value, err);
    bool usable = shape->rank >= 2 && shape->rank <= 4 && shape->dim[0] == 1;
    for (int i = 1; i < shape->rank; i++)
        usable = usable && shape->dim[i] >= 1 && shape->dim[i] <= INT32_MAX;
    if (!usable)
        return ph_fail(err, PH_UNSUPPORTED, "layer '%s' has shape %s: units need 1 x channels (x height x width)", name,
                       ph_shape_text(shape, text));
    return PH_OK;
}

/* ---- Selectors -------------------------------------------------------------------------------------------------- */

static ph_status parse_channel(const ph_units *units, ph_scan *scan, ph_term *term, ph_error *err)
{
    const char *name = units->graph->values[term->value].name;
    const int64_t channels = units->shapes[term->value].dim[1];
    const ph_piece rest = ph_scan_rest(scan);
    ph_scan ahead = *scan;
    if (!ph_scan_count(&ahead, INT64_MAX, &term->channel) || !(ph_scan_ended(&ahead) || ph_scan_peek(&ahead) == '@'))
        return ph_fail(err, PH_MISUSE,
                       "target: after '%s:' a channel 0..%" PRId64 ", rand(SEED) or dir(FILE) is needed, not '%.*s'",
                       name, channels - 1, PH_SHOW(rest));
    if (term->channel >= channels)
        return ph_fail(err, PH_MISUSE, "target: layer '%s' has channels 0..%" PRId64 ", not %" PRId64, name,
                       channels - 1, term->channel);
    *scan = ahead;
    term->kind = PH_UNIT_CHANNEL;
    return PH_OK;
}

static ph_status parse_random(const ph_units *units, ph_scan *scan, ph_term *term, ph_error *err)
{
    const ph_piece rest = ph_scan_rest(scan);
    int64_t seed;
    if (!ph_scan_count(scan, INT64_MAX, &seed) || !ph_scan_skip(scan, ")"))
        return ph_fail(err, PH_MISUSE, "target: rand(SEED) needs a whole number, not '%.*s'", PH_SHOW(rest));
    term->kind = PH_UNIT_DIRECTION;
    term->direction_length = units->shapes[term->value].dim[1];
    return ph_direction_random((uint64_t)seed, (size_t)term->direction_length, &term->direction, err);
}

/* FILE may hold ')': it ends at the first one that a unit may end after. Quotes force here, too. */
static ph_status parse_path(ph_scan *scan, ph_piece *path, ph_error *err)
{
    const ph_piece rest = ph_scan_rest(scan);
    bool quoted;
    PH_TRY(ph_scan_quoted(scan, path, &quoted, err));
    if (quoted)
        return ph_scan_skip(scan, ")") ? PH_OK
                                       : ph_fail(err, PH_MISUSE, "target: ')' is missing in dir(%.*s", PH_SHOW(rest));
    for (ph_scan ahead = *scan; ph_scan_peek(&ahead); ahead.at++) {
        ph_scan after = ahead;
        if (!ph_scan_skip(&after, ")") || !(ph_scan_ended(&after) || ph_scan_peek(&after) == '@'))
            continue;
        *path = (ph_piece){rest.chars, ahead.at - scan->at};
        *scan = after;
        if (path->length)
            return PH_OK;
        break;
    }
    return ph_fail(err, PH_MISUSE, "target: dir(FILE) needs a file name and ')', not '%.*s'", PH_SHOW(rest));
}

static ph_status parse_file(const ph_units *units, ph_scan *scan, ph_term *term, ph_error *err)
{
    const int64_t channels = units->shapes[term->value].dim[1];
    ph_piece piece;
    PH_TRY(parse_path(scan, &piece, err));
    char *path = ph_strndup(piece.chars, piece.length);
    if (!path)
        return ph_fail_memory(err, piece.length + 1, "a file name");
    size_t count = 0;
    ph_status status = ph_vector_read(path, &term->direction, &count, err);
    if (status == PH_OK && count != (size_t)channels)
        status = ph_fail(err, PH_FORMAT, "direction '%s' has %zu numbers, but layer '%s' has %" PRId64 " channels",
                         path, count, units->graph->values[term->value].name, channels);
    ph_free(path);
    term->kind = PH_UNIT_DIRECTION;
    term->direction_length = channels;
    return status;
}

/* "@Y,X" or "@", behind a channel or a direction. */
static ph_status parse_position(const ph_units *units, ph_scan *scan, ph_term *term, ph_error *err)
{
    const ph_shape *shape = &units->shapes[term->value];
    const int64_t height = shape->rank == 4 ? shape->dim[2] : 1;
    const int64_t width = shape->rank > 2 ? shape->dim[shape->rank - 1] : 1;
    const ph_piece rest = ph_scan_rest(scan);
    if (!ph_scan_skip(scan, "@"))
        return PH_OK;
    term->everywhere = false;
    term->centre = ph_scan_ended(scan);
    if (term->centre)
        return PH_OK;
    if (!ph_scan_count(scan, INT64_MAX, &term->y) || !ph_scan_skip(scan, ",") ||
        !ph_scan_count(scan, INT64_MAX, &term->x))
        return ph_fail(err, PH_MISUSE, "target: a position is written @Y,X, or @ for the centre, not '%.*s'",
                       PH_SHOW(rest));
    if (term->y >= height || term->x >= width)
        return ph_fail(err, PH_MISUSE,
                       "target: layer '%s' has positions @0,0 to @%" PRId64 ",%" PRId64 ", not @%" PRId64 ",%" PRId64,
                       units->graph->values[term->value].name, height - 1, width - 1, term->y, term->x);
    return PH_OK;
}

static ph_status parse_selector(const ph_units *units, ph_scan *scan, ph_term *term, ph_error *err)
{
    if (ph_scan_skip(scan, ":rand("))
        PH_TRY(parse_random(units, scan, term, err));
    else if (ph_scan_skip(scan, ":dir("))
        PH_TRY(parse_file(units, scan, term, err));
    else if (ph_scan_skip(scan, ":"))
        PH_TRY(parse_channel(units, scan, term, err));
    else if (ph_scan_peek(scan) == '@')
        return ph_fail(err, PH_MISUSE, "target: a position needs a channel: '%s:CHANNEL%.*s'",
                       units->graph->values[term->value].name, PH_SHOW(ph_scan_rest(scan)));
    return parse_position(units, scan, term, err);
}

/* ---- Classes ---------------------------------------------------------------------------------------------------- */

/* Where a label without quotes ends: behind the longest text that is a label; else, for a part of one, before '+' or
 * before '-' with a blank in front (labels hold many a hyphen). */
static size_t label_length(const ph_labels *labels, ph_piece rest)
{
    size_t longest = 0, index;
    for (size_t i = 0; i < labels->count; i++)
        longest = longer(longest, labels->label[i]);
    for (size_t length = rest.length < longest ? rest.length : longest; length > 0; length--)
        if ((!rest.chars[length] || strchr(" \t\r\n+-", rest.chars[length])) &&
            ph_label_exact(labels, (ph_piece){rest.chars, length}, &index))
            return length;
    size_t length = 0;
    while (length < rest.length && rest.chars[length] != '+' &&
           !(rest.chars[length] == '-' && length > 0 && rest.chars[length - 1] == ' '))
        length++;
    while (length > 0 && rest.chars[length - 1] == ' ')
        length--;
    return length;
}

static ph_status parse_class_index(const ph_units *units, ph_scan *scan, int64_t *index, ph_error *err)
{
    const ph_preprocess *preprocess = units->preprocess;
    const ph_labels labels = {preprocess ? preprocess->labels : NULL, preprocess ? preprocess->label_count : 0};
    const ph_piece rest = ph_scan_rest(scan);
    bool quoted;
    ph_piece name = {rest.chars, 0};
    PH_TRY(ph_scan_quoted(scan, &name, &quoted, err));
    if (!quoted) {
        name.length = label_length(&labels, rest);
        ph_scan ahead = *scan;
        /* An index, unless a longer text is a label ("3-toed sloth"). */
        if (ph_scan_count(&ahead, INT64_MAX, index) && ph_scan_ended(&ahead)) {
            size_t exact;
            if (ahead.at - scan->at >= name.length || !ph_label_exact(&labels, name, &exact)) {
                *scan = ahead;
                return PH_OK;
            }
        }
        scan->at += name.length;
    }
    if (!labels.count)
        return ph_fail(err, PH_MISUSE,
                       "target: the classes have no labels to find '%.*s' in: give an index or --labels",
                       PH_SHOW(name));
    size_t found;
    PH_TRY(ph_label_find(&labels, name, &found, err));
    *index = (int64_t)found;
    return PH_OK;
}

/* The logits or probabilities. When no output looks like classes because none runs at this size, that is said. */
static ph_status find_classes(const ph_units *units, bool probability, int *value, bool *missing, ph_error *err)
{
    const ph_graph *graph = units->graph;
    ph_error why = {0};
    const ph_status status = probability ? ph_layer_probabilities(graph, units->shapes, value, missing, &why)
                                         : ph_layer_logits(graph, units->shapes, value, &why);
    if (status == PH_OK)
        return PH_OK;
    for (int i = 0; i < graph->output_count; i++)
        if (units->shapes[graph->outputs[i]].rank < 0)
            return explain_unknown(units, graph->outputs[i], err);
    return ph_fail(err, status, "%s", why.message);
}

static ph_status parse_class(const ph_units *units, ph_scan *scan, bool probability, ph_term *term, ph_error *err)
{
    bool missing = false;
    PH_TRY(find_classes(units, probability, &term->value, &missing, err));
    if (missing)
        return ph_fail(err, PH_MISUSE,
                       "target: the network has no Softmax to give a probability: use class: for the logit");
    PH_TRY(check_shape(units, term->value, err));
    PH_TRY(parse_class_index(units, scan, &term->channel, err));
    const int64_t classes = units->shapes[term->value].dim[1];
    if (term->channel >= classes)
        return ph_fail(err, PH_MISUSE, "target: the network has classes 0..%" PRId64 ", not %" PRId64, classes - 1,
                       term->channel);
    term->kind = PH_UNIT_CHANNEL;
    return PH_OK;
}

/* ---- Units ------------------------------------------------------------------------------------------------------ */

static ph_status parse_unit(const ph_units *units, ph_scan *scan, ph_term *term, bool *movable, ph_error *err)
{
    *movable = false;
    if (ph_scan_skip(scan, "prob:"))
        return parse_class(units, scan, true, term, err);
    if (ph_scan_skip(scan, "class:"))
        PH_TRY(parse_class(units, scan, false, term, err));
    else {
        PH_TRY(parse_layer(units, scan, &term->value, err));
        PH_TRY(check_shape(units, term->value, err));
        PH_TRY(parse_selector(units, scan, term, err));
    }
    *movable = term->kind != PH_UNIT_LAYER;
    return PH_OK;
}

ph_status ph_unit_parse(const ph_units *units, ph_scan *scan, ph_term *term, bool *movable, ph_error *err)
{
    *term = (ph_term){.kind = PH_UNIT_LAYER, .channel = -1, .everywhere = true};
    const ph_status status = parse_unit(units, scan, term, movable, err);
    if (status != PH_OK) {
        ph_free(term->direction);
        term->direction = NULL;
    }
    return status;
}
