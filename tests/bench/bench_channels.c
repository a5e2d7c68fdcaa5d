/* bench-channels MODEL [NAME=VALUE…] LAYER…: every channel of the layers, both signs, through the public interface: how
 * long all pictures take, from loading to the last one. NAME=VALUE are options of a render ("steps=512", "size=128",
 * "backend=cuda", "batch=256"); "limit=N" takes the first N channels of each layer only. */
#include "host/base/alloc.h"
#include "host/base/clock.h"
#include "host/base/status.h"
#include "host/base/text.h"
#include "phosphene.h"

#include <stdio.h>
#include <string.h>

enum { TARGET = 96 };

typedef struct bench {
    ph_model *model;
    ph_render_options options;
    int64_t limit;
    char (*targets)[TARGET];
    ph_job *jobs;
    size_t count;
    size_t done, dead, failed;
    double first; /* seconds until the first picture */
    double start;
} bench;

static void take(size_t index, ph_result *result, const ph_error *err, void *user)
{
    bench *b = user;
    (void)index;
    if (!b->done && !b->dead && !b->failed)
        b->first = ph_clock_seconds() - b->start;
    b->done += result != NULL;
    b->dead += !result && err->status == PH_NO_GRADIENT;
    b->failed += !result && err->status != PH_NO_GRADIENT;
    ph_result_free(&result);
}

static void tell(const char *line, void *user)
{
    (void)user;
    if (!strstr(line, "before its ReLU")) /* one line for each of thousands of units */
        printf("%s\n", line);
}

static ph_status channels_of(bench *b, const char *layer, int64_t *channels, ph_error *err)
{
    const ph_layer_info *layers;
    size_t count;
    PH_TRY(ph_model_layers(b->model, b->options.width, b->options.height, &layers, &count, NULL, err));
    for (size_t i = 0; i < count; i++)
        if (strcmp(layers[i].name, layer) == 0 || strcmp(layers[i].output, layer) == 0) {
            *channels = layers[i].rank > 1 ? layers[i].shape[1] : 1;
            if (b->limit && *channels > b->limit)
                *channels = b->limit;
            return PH_OK;
        }
    return ph_fail(err, PH_MISUSE, "the network has no layer '%s'", layer);
}

static ph_status add_layer(bench *b, const char *layer, ph_error *err)
{
    int64_t channels = 0;
    PH_TRY(channels_of(b, layer, &channels, err));
    const size_t more = 2 * (size_t)channels;
    void *targets = ph_realloc(b->targets, b->count + more, sizeof *b->targets);
    b->targets = targets ? targets : b->targets;
    void *jobs = ph_realloc(b->jobs, b->count + more, sizeof *b->jobs);
    b->jobs = jobs ? jobs : b->jobs;
    if (!targets || !jobs)
        return ph_fail_memory(err, more * sizeof *b->targets, "the targets");
    for (size_t i = 0; i < more; i++) {
        snprintf(b->targets[b->count + i], TARGET, "%s:%zu", layer, i / 2);
        b->jobs[b->count + i] = (ph_job){.negative = i % 2};
    }
    b->count += more;
    return PH_OK;
}

static ph_status read_words(bench *b, char **words, int count, ph_error *err)
{
    for (int i = 0; i < count; i++) {
        char *equals = strchr(words[i], '=');
        if (!equals) {
            PH_TRY(add_layer(b, words[i], err));
            continue;
        }
        *equals = '\0';
        if (strcmp(words[i], "limit") != 0)
            PH_TRY(ph_render_options_set(&b->options, words[i], equals + 1, err));
        else if (!ph_parse_int(equals + 1, 1, 1000000, &b->limit))
            return ph_fail(err, PH_MISUSE, "'%s' is not a number", equals + 1);
    }
    return b->count ? PH_OK : ph_fail(err, PH_MISUSE, "name at least one layer");
}

int main(int count, char **words)
{
    bench b = {.start = ph_clock_seconds()};
    ph_error err = {0};
    if (count < 3) {
        fputs("usage: bench-channels MODEL [NAME=VALUE...] LAYER...\n", stderr);
        return 2;
    }
    ph_render_options_init(&b.options);
    ph_status status = ph_model_load(words[1], &(ph_model_options){.preprocess = "auto"}, &b.model, &err);
    if (status == PH_OK)
        status = read_words(&b, words + 2, count - 2, &err);
    if (status == PH_OK) {
        for (size_t i = 0; i < b.count; i++)
            b.jobs[i].target = b.targets[i];
        const ph_callbacks callbacks = {.result = take, .notice = tell, .user = &b};
        status = ph_render_many(b.model, b.jobs, b.count, &b.options, &callbacks, &err);
        if (status == PH_NO_GRADIENT)
            status = PH_OK;
        const double seconds = ph_clock_seconds() - b.start;
        printf(
            "%zu pictures of %dx%d, %d steps: %.2f s, the first after %.2f s; %.1f pictures/s, %.0f picture-steps/s; "
            "%zu without gradient, %zu failed\n",
            b.count, b.options.width, b.options.height, b.options.steps, seconds, b.first, (double)b.count / seconds,
            (double)b.count * b.options.steps / seconds, b.dead, b.failed);
    }
    if (status != PH_OK)
        fprintf(stderr, "%s\n", err.message);
    ph_model_free(&b.model);
    ph_free(b.targets);
    ph_free(b.jobs);
    return status != PH_OK;
}
