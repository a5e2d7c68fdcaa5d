#include "host/model/preprocess.h"

#include "host/base/alloc.h"
#include "host/base/status.h"
#include "host/base/text.h"
#include "host/model/preprocess_spec.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

typedef struct preset {
    const char *name;
    double lo, hi;
    double mean[3], std[3]; /* in the network's channel order */
    bool bgr;
} preset;

static const preset presets[] = {
    {"torchvision", 0, 1, {0.485, 0.456, 0.406}, {0.229, 0.224, 0.225}, false},
    {"lucid", 0, 255, {117, 117, 117}, {1, 1, 1}, false},
    {"caffe", 0, 255, {104, 117, 123}, {1, 1, 1}, true},
    {"unit", 0, 1, {0, 0, 0}, {1, 1, 1}, false},
    {"tf", -1, 1, {0, 0, 0}, {1, 1, 1}, false},
    {"raw", 0, 255, {0, 0, 0}, {1, 1, 1}, false},
};

enum { PRESETS = sizeof presets / sizeof *presets };

/* ---- One authority ---------------------------------------------------------------------------------------------- */

const char *ph_spec_name(ph_spec_field field)
{
    static const char *const names[PH_SPEC_COUNT] = {"preprocess", "mean", "std", "range", "channels", "labels"};
    return names[field];
}

ph_status ph_spec_fail(const ph_preprocess_spec *spec, ph_spec_field field, const char *problem, ph_error *err)
{
    return ph_fail(err, spec->blame, "%s%s %s", spec->prefix, ph_spec_name(field), problem);
}

static ph_status set_numbers(ph_preprocess_spec *spec, ph_spec_field field, const char *text, ph_numbers *numbers,
                             ph_error *err)
{
    const int count = ph_parse_reals(text, numbers->values, PH_MAX_CHANNELS);
    if (count < 1)
        return ph_spec_fail(spec, field, "must be numbers separated by commas", err);
    numbers->count = count;
    return PH_OK;
}

ph_status ph_spec_set(ph_preprocess_spec *spec, ph_spec_field field, const char *text, ph_error *err)
{
    switch (field) {
    case PH_SPEC_MEAN:
        return set_numbers(spec, field, text, &spec->mean, err);
    case PH_SPEC_STD:
        return set_numbers(spec, field, text, &spec->std, err);
    case PH_SPEC_RANGE:
        return set_numbers(spec, field, text, &spec->range, err);
    case PH_SPEC_PREPROCESS:
        snprintf(spec->preset, sizeof spec->preset, "%s", *text ? text : "?");
        return PH_OK;
    case PH_SPEC_CHANNELS:
        snprintf(spec->channels, sizeof spec->channels, "%s", *text ? text : "?");
        return PH_OK;
    default:
        return PH_OK;
    }
}

static ph_status read_flags(ph_preprocess_spec *spec, const ph_model_options *flags, ph_error *err)
{
    const struct {
        ph_spec_field field;
        const char *text;
    } table[] = {{PH_SPEC_PREPROCESS, flags->preprocess},
                 {PH_SPEC_MEAN, flags->mean},
                 {PH_SPEC_STD, flags->std},
                 {PH_SPEC_RANGE, flags->range},
                 {PH_SPEC_CHANNELS, flags->channels}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (table[i].text)
            PH_TRY(ph_spec_set(spec, table[i].field, table[i].text, err));
    return flags->labels ? ph_label_list_read(&spec->labels, flags->labels, err) : PH_OK;
}

static ph_status read_metadata(ph_preprocess_spec *spec, const ph_graph *graph, ph_error *err)
{
    static const char prefix[] = "phosphene.";
    for (size_t i = 0; i < graph->metadata_count; i++) {
        const char *key = graph->metadata[i].key, *value = graph->metadata[i].value;
        if (strncmp(key, prefix, sizeof prefix - 1) != 0)
            continue;
        key += sizeof prefix - 1;
        for (int field = 0; field < PH_SPEC_LABELS; field++)
            if (strcmp(key, ph_spec_name((ph_spec_field)field)) == 0)
                PH_TRY(ph_spec_set(spec, (ph_spec_field)field, value, err));
        if (strcmp(key, ph_spec_name(PH_SPEC_LABELS)) == 0 && !spec->labels.count)
            PH_TRY(ph_label_list_parse(&spec->labels, value, strlen(value), "phosphene.labels", err));
    }
    return PH_OK;
}

/* ---- Putting them together -------------------------------------------------------------------------------------- */

static void spread(float *to, int channels, const double *values, int count)
{
    double sum = 0;
    for (int i = 0; i < count; i++)
        sum += values[i];
    for (int k = 0; k < channels; k++)
        to[k] = (float)(count == channels ? values[k] : sum / count);
}

static void set_order(ph_preprocess *p, bool bgr)
{
    for (int k = 0; k < p->channels; k++)
        p->order[k] = bgr ? p->channels - 1 - k : k;
}

static void apply_preset(ph_preprocess *p, const preset *chosen)
{
    p->lo = (float)chosen->lo;
    p->hi = (float)chosen->hi;
    spread(p->mean, p->channels, chosen->mean, 3);
    spread(p->std, p->channels, chosen->std, 3);
    set_order(p, chosen->bgr && p->channels == 3);
}

static ph_status apply_numbers(const ph_preprocess_spec *spec, ph_spec_field field, const ph_numbers *numbers,
                               bool positive, float *to, int channels, ph_error *err)
{
    const int count = numbers->count;
    if (count == 0)
        return PH_OK;
    if (count != 1 && count != channels && !(count == 3 && channels == 1))
        return ph_fail(err, spec->blame, "%s%s has %d numbers, but the network has %d input channels: give 1 or %d",
                       spec->prefix, ph_spec_name(field), count, channels, channels);
    spread(to, channels, numbers->values, count);
    for (int k = 0; k < channels; k++) {
        if (!isfinite(to[k]))
            return ph_spec_fail(spec, field, "is too large", err);
        if (positive && !(to[k] > 0.0f))
            return ph_spec_fail(spec, field, "must be above 0: the network's input is divided by it", err);
    }
    return PH_OK;
}

static ph_status apply_range(const ph_preprocess_spec *spec, ph_preprocess *p, ph_error *err)
{
    if (spec->range.count == 0)
        return PH_OK;
    const float lo = (float)spec->range.values[0], hi = (float)spec->range.values[1];
    if (spec->range.count != 2 || !isfinite(lo) || !isfinite(hi) || lo == hi)
        return ph_spec_fail(spec, PH_SPEC_RANGE, "must be two different numbers: what black and white become", err);
    p->lo = lo;
    p->hi = hi;
    return PH_OK;
}

static ph_status apply_channels(const ph_preprocess_spec *spec, ph_preprocess *p, ph_error *err)
{
    const char *channels = spec->channels;
    if (!*channels)
        return PH_OK;
    const bool gray = strcmp(channels, "gray") == 0, bgr = strcmp(channels, "bgr") == 0;
    if (!gray && !bgr && strcmp(channels, "rgb") != 0)
        return ph_spec_fail(spec, PH_SPEC_CHANNELS, "must be rgb, bgr or gray", err);
    if (p->channels != (gray ? 1 : 3))
        return ph_fail(err, spec->blame, "%schannels is %s, but the network has %d input channel%s", spec->prefix,
                       channels, p->channels, p->channels == 1 ? "" : "s");
    set_order(p, bgr);
    return PH_OK;
}

static const preset *find_preset(const char *name)
{
    for (int i = 0; i < PRESETS; i++)
        if (strcmp(presets[i].name, name) == 0)
            return &presets[i];
    return NULL;
}

/* *name is the preset in force, NULL once something else was said. */
static ph_status apply(const ph_preprocess_spec *spec, ph_preprocess *p, const char **name, ph_error *err)
{
    const bool chosen = *spec->preset && strcmp(spec->preset, "auto") != 0;
    if (chosen) {
        const preset *found = find_preset(spec->preset);
        if (!found)
            return ph_spec_fail(spec, PH_SPEC_PREPROCESS, "must be torchvision, lucid, caffe, unit, tf, raw or auto",
                                err);
        apply_preset(p, found);
        *name = found->name;
    }
    PH_TRY(apply_range(spec, p, err));
    PH_TRY(apply_numbers(spec, PH_SPEC_MEAN, &spec->mean, false, p->mean, p->channels, err));
    PH_TRY(apply_numbers(spec, PH_SPEC_STD, &spec->std, true, p->std, p->channels, err));
    PH_TRY(apply_channels(spec, p, err));
    const bool changed = spec->range.count || spec->mean.count || spec->std.count || *spec->channels;
    if (changed)
        *name = NULL;
    if (chosen || changed) {
        p->assumed = false;
        snprintf(p->source, sizeof p->source, "%s", spec->source);
    }
    return PH_OK;
}

/* ---- The line for people ---------------------------------------------------------------------------------------- */

static void append(char *text, size_t size, const char *before, double number)
{
    const size_t used = strlen(text);
    snprintf(text + used, size - used, "%s%.5g", before, number);
}

static void append_numbers(char *text, size_t size, const char *label, const float *values, int count)
{
    enum { SHOWN = 4 };
    bool same = true;
    for (int k = 1; k < count; k++)
        same &= values[k] == values[0];
    for (int k = 0; k < (same ? 1 : count < SHOWN ? count : SHOWN); k++)
        append(text, size, k ? "," : label, (double)values[k]);
    if (!same && count > SHOWN)
        strncat(text, ",…", size - strlen(text) - 1);
}

static void describe(ph_preprocess *p, const char *name)
{
    const size_t size = sizeof p->text;
    const char *order = p->channels == 1 ? "gray" : p->order[0] != 0 ? "bgr" : p->channels == 3 ? "rgb" : "as stored";
    char tail[64];
    snprintf(tail, sizeof tail, ", %s (%s)", order, p->source);
    snprintf(p->text, size, "%s: pixels ", name ? name : "custom");
    append(p->text, size, "", (double)p->lo);
    append(p->text, size, "..", (double)p->hi);
    append_numbers(p->text, size, ", mean ", p->mean, p->channels);
    append_numbers(p->text, size, ", std ", p->std, p->channels);
    strncat(p->text, tail, size - strlen(p->text) - 1);
}

/* ---- Public ----------------------------------------------------------------------------------------------------- */

enum { SIDECAR, METADATA, FLAGS, SPECS }; /* rising authority */

static ph_status read_specs(ph_preprocess_spec *specs, const ph_graph *graph, const char *model_path,
                            const ph_model_options *flags, ph_error *err)
{
    specs[SIDECAR] = (ph_preprocess_spec){.source = "sidecar", .blame = PH_FORMAT};
    specs[METADATA] = (ph_preprocess_spec){.source = "model metadata", .blame = PH_FORMAT};
    specs[FLAGS] = (ph_preprocess_spec){.source = "flags", .blame = PH_MISUSE};
    snprintf(specs[METADATA].prefix, sizeof specs[METADATA].prefix, "the model's metadata phosphene.");
    snprintf(specs[FLAGS].prefix, sizeof specs[FLAGS].prefix, "--");
    if (model_path)
        PH_TRY(ph_spec_read_sidecar(&specs[SIDECAR], model_path, err));
    PH_TRY(read_metadata(&specs[METADATA], graph, err));
    return flags ? read_flags(&specs[FLAGS], flags, err) : PH_OK;
}

static ph_status build(ph_preprocess *p, ph_preprocess_spec *specs, ph_error *err)
{
    const char *name = presets[0].name;
    apply_preset(p, &presets[0]);
    p->assumed = true;
    snprintf(p->source, sizeof p->source, "default");
    for (int i = 0; i < SPECS; i++)
        PH_TRY(apply(&specs[i], p, &name, err));
    for (int i = SPECS - 1; i >= 0 && !p->labels; i--) {
        p->labels = specs[i].labels.items;
        p->label_count = specs[i].labels.count;
        specs[i].labels = (ph_label_list){0};
    }
    describe(p, name);
    return PH_OK;
}

ph_status ph_preprocess_load(const ph_graph *graph, const char *model_path, const ph_model_options *flags, int channels,
                             ph_preprocess **out, ph_error *err)
{
    *out = NULL;
    if (channels < 1 || channels > PH_MAX_CHANNELS)
        return ph_fail(err, PH_UNSUPPORTED, "the network's input has %d channels; 1 to %d are supported", channels,
                       PH_MAX_CHANNELS);
    ph_preprocess_spec *specs = ph_alloc(SPECS, sizeof *specs);
    ph_preprocess *p = ph_alloc(1, sizeof *p);
    ph_status status;
    if (!specs || !p) {
        status = ph_fail_memory(err, sizeof *p, "the preprocessing");
        goto done;
    }
    p->channels = channels;
    PH_TRY_GOTO(status, done, read_specs(specs, graph, model_path, flags, err));
    PH_TRY_GOTO(status, done, build(p, specs, err));
    *out = p;
    p = NULL;
done:
    for (int i = 0; specs && i < SPECS; i++)
        ph_label_list_free(&specs[i].labels);
    ph_free(specs);
    ph_preprocess_free(&p);
    return status;
}

void ph_preprocess_free(ph_preprocess **preprocess)
{
    if (!preprocess || !*preprocess)
        return;
    ph_label_list labels = {(*preprocess)->labels, (*preprocess)->label_count, 0};
    ph_label_list_free(&labels);
    ph_free(*preprocess);
    *preprocess = NULL;
}
