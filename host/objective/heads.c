#include "host/objective/heads.h"

#include "host/base/alloc.h"
#include "host/base/status.h"

#include <inttypes.h>
#include <limits.h>
#include <string.h>

void ph_heads_free(ph_heads **heads)
{
    if (!heads || !*heads)
        return;
    for (size_t i = 0; i < (*heads)->count && (*heads)->head; i++) {
        ph_free((*heads)->head[i].terms);
        ph_free((*heads)->head[i].vectors);
    }
    ph_free((*heads)->head);
    ph_free(*heads);
    *heads = NULL;
}

ph_status ph_heads_values(const ph_target *const *targets, int pictures, int **values, size_t *count, ph_error *err)
{
    size_t capacity = 0;
    *values = NULL;
    *count = 0;
    for (int b = 0; b < pictures; b++)
        for (int t = 0; t < targets[b]->term_count; t++) {
            const int value = targets[b]->terms[t].value;
            size_t i = 0;
            while (i < *count && (*values)[i] != value)
                i++;
            if (i < *count)
                continue;
            void *grown = *values;
            if (ph_grow(&grown, *count, &capacity, sizeof **values) != 0) {
                ph_free(*values);
                *values = NULL;
                *count = 0;
                return ph_fail_memory(err, 2 * capacity * sizeof **values, "a list of outputs");
            }
            *values = grown;
            (*values)[(*count)++] = value;
        }
    return PH_OK;
}

/* How many terms picture `target` has on a value, and how many of them are directions. */
static int count_terms(const ph_target *target, int value, int *directions)
{
    int count = 0;
    for (int t = 0; t < target->term_count; t++) {
        if (target->terms[t].value != value)
            continue;
        count++;
        *directions += target->terms[t].kind == PH_UNIT_DIRECTION;
    }
    return count;
}

static ph_status position_of(const ph_term *term, const ph_shape *shape, int *position, ph_error *err)
{
    const int64_t height = shape->rank == 4 ? shape->dim[2] : 1;
    const int64_t width = shape->rank > 2 ? shape->dim[shape->rank - 1] : 1;
    const int64_t y = term->centre ? height / 2 : term->y, x = term->centre ? width / 2 : term->x;
    *position = -1;
    if (term->everywhere)
        return PH_OK;
    if (y < 0 || y >= height || x < 0 || x >= width)
        return ph_fail(err, PH_MISUSE,
                       "target: position @%" PRId64 ",%" PRId64 " is outside of the layer's %" PRId64 "x%" PRId64
                       " positions at this size",
                       y, x, width, height);
    *position = (int)(y * width + x);
    return PH_OK;
}

static ph_status fill_term(ph_head *head, const ph_shape *shape, const ph_term *term, ph_head_term *out, ph_error *err)
{
    *out = (ph_head_term){.kind = PH_HEAD_SQUARE, .position = -1, .weight = (float)term->weight};
    if (term->kind == PH_UNIT_LAYER)
        return PH_OK;
    PH_TRY(position_of(term, shape, &out->position, err));
    if (term->kind == PH_UNIT_CHANNEL) {
        if (term->channel < 0 || term->channel >= head->channels)
            return ph_fail(err, PH_MISUSE, "target: channel %" PRId64 " is outside of the layer's %" PRId64 " channels",
                           term->channel, head->channels);
        out->kind = PH_HEAD_CHANNEL;
        out->channel = (int)term->channel;
        return PH_OK;
    }
    if (term->direction_length != head->channels)
        return ph_fail(err, PH_MISUSE, "target: a direction of %" PRId64 " numbers does not fit %" PRId64 " channels",
                       term->direction_length, head->channels);
    out->kind = PH_HEAD_DIRECTION;
    out->vector = head->vector_count++;
    memcpy(head->vectors + (size_t)out->vector * (size_t)head->channels, term->direction,
           (size_t)head->channels * sizeof *head->vectors);
    return PH_OK;
}

static ph_status fill_head(ph_head *head, const ph_target *const *targets, int pictures, int value,
                           const ph_shape *shape, ph_error *err)
{
    int directions = 0;
    head->term_count = 1;
    for (int b = 0; b < pictures; b++) {
        const int terms = count_terms(targets[b], value, &directions);
        head->term_count = terms > head->term_count ? terms : head->term_count;
    }
    head->terms = ph_alloc((size_t)pictures * (size_t)head->term_count, sizeof *head->terms);
    head->vectors = ph_alloc(directions ? (size_t)directions : 1, (size_t)head->channels * sizeof *head->vectors);
    if (!head->terms || !head->vectors)
        return ph_fail_memory(err,
                              (size_t)pictures * (size_t)head->term_count * sizeof *head->terms +
                                  (size_t)directions * (size_t)head->channels * sizeof *head->vectors,
                              "the terms of a batch");
    for (int b = 0; b < pictures; b++) {
        ph_head_term *out = head->terms + (size_t)b * (size_t)head->term_count;
        for (int t = 0; t < targets[b]->term_count; t++)
            if (targets[b]->terms[t].value == value)
                PH_TRY(fill_term(head, shape, &targets[b]->terms[t], out++, err));
    }
    return PH_OK;
}

static ph_status check_shape(const ph_shape *shape, ph_error *err)
{
    char text[PH_SHAPE_TEXT];
    int64_t count = 1;
    bool usable = shape->rank >= 2 && shape->rank <= 4 && shape->dim[0] == 1;
    for (int i = 1; i < shape->rank && usable; i++) {
        usable = shape->dim[i] >= 1 && shape->dim[i] <= INT_MAX / count;
        count *= usable ? shape->dim[i] : 1;
    }
    if (usable)
        return PH_OK;
    return ph_fail(err, PH_MISUSE,
                   "target: an output of shape %s cannot be climbed: 1 x channels (x height x width) can",
                   ph_shape_text(shape, text));
}

static ph_status check_values(const ph_target *const *targets, int pictures, const int *values, size_t count,
                              ph_error *err)
{
    for (int b = 0; b < pictures; b++)
        for (int t = 0; t < targets[b]->term_count; t++) {
            size_t i = 0;
            while (i < count && values[i] != targets[b]->terms[t].value)
                i++;
            if (i == count)
                return ph_fail(err, PH_MISUSE, "target '%.200s': term %d reads what the network does not give out",
                               targets[b]->text, t + 1);
        }
    return PH_OK;
}

static ph_status fill_heads(ph_heads *heads, const ph_target *const *targets, const int *values, const ph_shape *shapes,
                            ph_error *err)
{
    PH_TRY(check_values(targets, heads->pictures, values, heads->count, err));
    for (size_t i = 0; i < heads->count; i++) {
        PH_TRY(check_shape(&shapes[i], err));
        heads->head[i].channels = shapes[i].dim[1];
        heads->head[i].positions = ph_shape_count(&shapes[i]) / shapes[i].dim[1];
        PH_TRY(fill_head(&heads->head[i], targets, heads->pictures, values[i], &shapes[i], err));
    }
    return PH_OK;
}

ph_status ph_heads_new(const ph_target *const *targets, int pictures, const int *values, const ph_shape *shapes,
                       size_t count, ph_heads **out, ph_error *err)
{
    *out = NULL;
    ph_heads *heads = ph_alloc(1, sizeof *heads);
    if (heads) {
        heads->pictures = pictures;
        heads->count = count;
        heads->head = ph_alloc(count, sizeof *heads->head);
    }
    if (!heads || !heads->head) {
        ph_heads_free(&heads);
        return ph_fail_memory(err, count * sizeof(ph_head), "the heads of a batch");
    }
    const ph_status status = fill_heads(heads, targets, values, shapes, err);
    if (status == PH_OK)
        *out = heads;
    else
        ph_heads_free(&heads);
    return status;
}
