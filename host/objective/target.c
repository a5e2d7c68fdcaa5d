#include "host/objective/target.h"

#include "host/base/alloc.h"
#include "host/base/status.h"
#include "host/base/text.h"
#include "host/model/layers.h"
#include "host/objective/unit.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { MAX_TEXT = 16384, MAX_TERMS = 1024 };

void ph_target_free(ph_target **target)
{
    if (!target || !*target)
        return;
    for (int i = 0; i < (*target)->term_count; i++)
        ph_free((*target)->terms[i].direction);
    ph_free((*target)->terms);
    ph_free((*target)->text);
    ph_free(*target);
    *target = NULL;
}

/* The signs before a term: '+' or '-', which only the first may lack. */
static ph_status parse_sign(ph_scan *scan, bool first, double *sign, ph_error *err)
{
    ph_scan_blanks(scan);
    *sign = 1;
    if (ph_scan_skip(scan, "-"))
        *sign = -1;
    else if (!ph_scan_skip(scan, "+") && !first)
        return ph_fail(err, PH_MISUSE, "target: '+' or '-' is needed between terms, before '%.*s'",
                       PH_SHOW(ph_scan_rest(scan)));
    ph_scan_blanks(scan);
    return PH_OK;
}

/* Below zero a ReLU is flat: a unit that descends climbs down from before it instead. */
static void move_to_pre_activation(const ph_units *units, ph_term *term, ph_text *notice)
{
    const char *from = units->graph->values[term->value].name;
    const int64_t from_channel = term->channel;
    if (!ph_layer_pre_activation(units->graph, units->shapes, &term->value, &term->channel))
        return;
    ph_text_append(notice, "%s'%s", notice->length ? "; " : "", from);
    if (term->kind == PH_UNIT_CHANNEL)
        ph_text_append(notice, ":%" PRId64 "' minimized before its ReLU, at '%s:%" PRId64 "'", from_channel,
                       units->graph->values[term->value].name, term->channel);
    else
        ph_text_append(notice, "' minimized before its ReLU, at '%s'", units->graph->values[term->value].name);
}

static ph_status append_term(ph_target *target, size_t *capacity, const ph_term *term, ph_error *err)
{
    void *terms = target->terms;
    if (target->term_count == MAX_TERMS)
        return ph_fail(err, PH_MISUSE, "target: more than %d terms", (int)MAX_TERMS);
    if (ph_grow(&terms, (size_t)target->term_count, capacity, sizeof *term) != 0)
        return ph_fail_memory(err, 2 * *capacity * sizeof *term, "the terms of a target");
    target->terms = terms;
    target->terms[target->term_count++] = *term;
    return PH_OK;
}

static ph_status parse_terms(const ph_units *units, ph_scan *scan, ph_target *target, ph_text *notice, ph_error *err)
{
    size_t capacity = 0;
    do {
        double sign, weight = 1;
        bool movable;
        ph_term term;
        PH_TRY(parse_sign(scan, target->term_count == 0, &sign, err));
        PH_TRY(ph_scan_weight(scan, &weight, err));
        PH_TRY(ph_unit_parse(units, scan, &term, &movable, err));
        term.weight = (target->negative ? -sign : sign) * weight;
        if (movable && term.weight < 0)
            move_to_pre_activation(units, &term, notice);
        term.layer = term.value;
        term.layer_channel = term.channel;
        const ph_status status = append_term(target, &capacity, &term, err);
        if (status != PH_OK) {
            ph_free(term.direction);
            return status;
        }
        ph_scan_blanks(scan);
    } while (ph_scan_peek(scan));
    return PH_OK;
}

static ph_status parse(const ph_units *units, ph_target *target, char *notice, size_t notice_size, ph_error *err)
{
    ph_scan scan = {target->text, 0, strlen(target->text)};
    ph_text moved = {0};
    ph_status status = parse_terms(units, &scan, target, &moved, err);
    if (status == PH_OK && moved.failed)
        status = ph_fail_memory(err, moved.length, "a notice");
    if (status == PH_OK && moved.chars && notice_size)
        snprintf(notice, notice_size, "%s", moved.chars);
    ph_text_free(&moved);
    return status;
}

ph_status ph_target_parse(const ph_graph *graph, const ph_shape *shapes, const ph_preprocess *preprocess,
                          const char *text, bool negative, ph_target **out, char *notice, size_t notice_size,
                          ph_error *err)
{
    *out = NULL;
    if (notice_size)
        notice[0] = '\0';
    const size_t length = strlen(text);
    if (length > MAX_TEXT)
        return ph_fail(err, PH_MISUSE, "target: %zu characters are more than the %d allowed", length, (int)MAX_TEXT);
    ph_target *target = ph_alloc(1, sizeof *target);
    if (target)
        target->text = ph_strdup(text);
    if (!target || !target->text) {
        ph_target_free(&target);
        return ph_fail_memory(err, length + 1, "a target");
    }
    target->negative = negative;
    ph_units units;
    ph_units_init(&units, graph, shapes, preprocess);
    const ph_status status = parse(&units, target, notice, notice_size, err);
    if (status == PH_OK)
        *out = target;
    else
        ph_target_free(&target);
    return status;
}

void ph_target_cut(const ph_graph *graph, const ph_shape *shapes, ph_target *target)
{
    for (int t = 0; t < target->term_count; t++) {
        ph_term *term = &target->terms[t];
        if (term->kind == PH_UNIT_CHANNEL)
            ph_layer_branch(graph, shapes, &term->value, &term->channel);
    }
}
