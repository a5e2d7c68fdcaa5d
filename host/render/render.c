/* Many targets to many pictures: resolve all, group those that share a network cut, batch each group. */
#include "host/base/alloc.h"
#include "host/base/status.h"
#include "host/model/lower.h"
#include "host/render/batch.h"
#include "host/render/blocking.h"
#include "host/render/options.h"
#include "host/render/result.h"

#include <stdio.h>
#include <string.h>

enum { MAX_ATTEMPTS = 4, NOTICE_SIZE = 400, DEVICE_SIZE = 400 };

/* Everything one call of ph_render_many needs. */
typedef struct render {
    ph_model *model;
    const ph_render_options *options;
    const ph_callbacks *callbacks;
    ph_device *device;
    ph_shape input; /* as the model declares it */
    bool channels_last;
    ph_shape *shapes;    /* of all graph values */
    ph_target **targets; /* one per job */
    size_t count, finished;
    ph_error first_failure;
    bool *overflowed; /* per job: went beyond the range of fp16, which was not asked for; NULL: that cannot be */
    bool again;       /* the second time, for those alone, in a wider precision */
} render;

/* Consecutive jobs that read the same tensors: one plan serves them all. */
typedef struct group {
    size_t first, count;
    int *wanted; /* graph values, ascending */
    int wanted_count;
    ph_net *net;
    ph_step *step;
    int batch;
    int64_t bytes; /* of device memory, as estimated */
} group;

static void notice(const render *r, const char *line)
{
    if (*line && r->callbacks->notice)
        r->callbacks->notice(line, r->callbacks->user);
}

static ph_status check_request(const render *r, ph_error *err)
{
    PH_TRY(ph_render_options_check(r->options, err));
    const ph_callbacks *c = r->callbacks;
    for (size_t i = 0; i < c->snapshot_count; i++)
        if (c->snapshots[i] < 1 || c->snapshots[i] > r->options->steps || (i && c->snapshots[i] <= c->snapshots[i - 1]))
            return ph_fail(err, PH_MISUSE, "snapshot %d: steps must ascend and lie between 1 and %d", c->snapshots[i],
                           r->options->steps);
    return PH_OK;
}

/* A wrong target anywhere fails the whole call before any time is spent on the others. */
static ph_status resolve_targets(render *r, const ph_job *jobs, ph_error *err)
{
    const ph_render_options *o = r->options;
    PH_TRY(ph_model_shapes(r->model, o->width, o->height, &r->input, &r->channels_last, &r->shapes, err));
    for (size_t i = 0; i < r->count; i++) {
        char line[NOTICE_SIZE] = "";
        PH_TRY(ph_target_parse(r->model->graph, r->shapes, r->model->preprocess, jobs[i].target,
                               o->negative != jobs[i].negative, &r->targets[i], line, sizeof line, err));
        notice(r, line);
    }
    return PH_OK;
}

/* Where a batch is no faster than a loop every target gets the smallest network of its own; elsewhere the units of a
 * layer stay together. */
static void cut_targets(render *r)
{
    if (ph_device_backend(r->device)->useful_batch > 1)
        return;
    for (size_t i = 0; i < r->count; i++)
        ph_target_cut(r->model->graph, r->shapes, r->targets[i]);
}

/* The distinct values a target reads, ascending, into `values`; returns how many. */
static int values_of(const ph_target *target, int *values)
{
    int count = 0;
    for (int t = 0; t < target->term_count; t++) {
        const int value = target->terms[t].value;
        int at = 0;
        while (at < count && values[at] < value)
            at++;
        if (at < count && values[at] == value)
            continue;
        memmove(values + at + 1, values + at, (size_t)(count - at) * sizeof *values);
        values[at] = value;
        count++;
    }
    return count;
}

static ph_status group_new(const render *r, size_t first, group *g, ph_error *err)
{
    *g = (group){.first = first, .count = 1};
    const size_t capacity = (size_t)r->targets[first]->term_count;
    g->wanted = ph_alloc(capacity, sizeof *g->wanted);
    int *other = ph_alloc(capacity, sizeof *other);
    if (!g->wanted || !other) {
        ph_free(other);
        return ph_fail_memory(err, capacity * sizeof *other, "the list of targets");
    }
    g->wanted_count = values_of(r->targets[first], g->wanted);
    for (size_t i = first + 1; i < r->count && (size_t)r->targets[i]->term_count <= capacity; i++) {
        const int count = values_of(r->targets[i], other);
        if (count != g->wanted_count || memcmp(other, g->wanted, (size_t)count * sizeof *other) != 0)
            break;
        g->count++;
    }
    ph_free(other);
    return PH_OK;
}

static void group_free(group *g)
{
    ph_step_free(&g->step);
    ph_net_free(&g->net);
    ph_free(g->wanted);
}

static int64_t memory_limit(const render *r)
{
    if (r->options->memory_limit > 0)
        return r->options->memory_limit;
    return ph_device_backend(r->device)->memory_available(r->device) / 4 * 3;
}

/* Makes the step for config->batch pictures if it fits into `limit` bytes. */
static ph_status try_batch(const render *r, group *g, const ph_step_config *config, int64_t limit, ph_error *err)
{
    PH_TRY(ph_step_bytes(r->device, config, &g->bytes, err));
    if (g->bytes > limit)
        return ph_fail(err, PH_NO_MEMORY,
                       "rendering at %dx%d needs %lld MiB and %lld MiB may be used: choose a smaller --size or raise "
                       "--memory",
                       config->width, config->height, (long long)(g->bytes >> 20), (long long)(limit >> 20));
    return ph_step_new(r->device, config, &g->step, err);
}

/* Halves the batch until the estimate fits and the allocation succeeds. */
static ph_status plan_group(const render *r, group *g, ph_step_config *config, ph_error *err)
{
    const int wish = r->options->batch > 0 ? r->options->batch : ph_device_backend(r->device)->useful_batch;
    /* As many batches as needed, all of one size: what is left of the last one would be computed for nothing. */
    const size_t batches = (g->count + (size_t)wish - 1) / (size_t)wish;
    const int asked = (int)((g->count + batches - 1) / batches);
    const int64_t limit = memory_limit(r);
    ph_error why = {0};
    ph_status status = PH_NO_MEMORY;
    for (g->batch = asked; status == PH_NO_MEMORY && g->batch > 0; g->batch /= 2) {
        config->batch = g->batch;
        status = try_batch(r, g, config, limit, &why);
    }
    g->batch = config->batch;
    if (status != PH_OK)
        return err ? (*err = why, status) : status;
    char line[NOTICE_SIZE] = "";
    if (g->batch < asked)
        snprintf(line, sizeof line, "batch of %d instead of %d: %lld MiB of memory may be used", g->batch, asked,
                 (long long)(limit >> 20));
    else if (g->batch > 1 && !r->options->batch)
        snprintf(line, sizeof line, "%d pictures at once, %lld MiB of memory", g->batch, (long long)(g->bytes >> 20));
    notice(r, line);
    return PH_OK;
}

static ph_status lower_group(const render *r, group *g, ph_error *err)
{
    const ph_lower_options lower = {.input = r->input,
                                    .channels_last = r->channels_last,
                                    .simplify = true,
                                    .wanted = g->wanted,
                                    .wanted_count = g->wanted_count};
    return ph_lower(r->model->graph, &lower, &g->net, err);
}

static void deliver(render *r, size_t job, ph_outcome *outcome)
{
    if (outcome->result)
        r->finished++;
    else if (!r->first_failure.status)
        r->first_failure = outcome->error;
    if (r->callbacks->result)
        r->callbacks->result(job, outcome->result, outcome->result ? NULL : &outcome->error, r->callbacks->user);
    else
        ph_result_free(&outcome->result);
    outcome->result = NULL;
}

static void explain_dead(const render *r, const ph_target *target, int starts, ph_error *error)
{
    const char *layer = ph_blocking_layer(r->model, r->device, &r->input, r->channels_last, target->terms[0].value);
    if (*layer)
        ph_fail(
            error, PH_NO_GRADIENT,
            "'%s' gives no gradient after %d start(s): the outputs of layer '%s' stay zero, so nothing gets through; "
            "try --init PHOTO, a larger --init-sd or another layer",
            target->text, starts, layer);
    else
        ph_fail(
            error, PH_NO_GRADIENT,
            "'%s' gives no gradient after %d start(s): it does not depend on the picture, or is saturated; try --init "
            "PHOTO or another unit",
            target->text, starts);
}

/* Runs jobs[0 … count-1] of the group in batches; those without gradient go into the next attempt. */
static ph_status run_attempt(render *r, group *g, ph_batch_config *config, size_t *jobs, size_t *count, ph_error *err)
{
    const ph_target **targets = ph_alloc((size_t)g->batch, sizeof(void *));
    ph_outcome *outcomes = ph_alloc((size_t)g->batch, sizeof *outcomes);
    ph_status status = PH_OK;
    size_t dead = 0;
    if (!targets || !outcomes)
        status = ph_fail_memory(err, (size_t)g->batch * sizeof *outcomes, "the batch");
    for (size_t done = 0; status == PH_OK && done < *count;) {
        const size_t left = *count - done;
        config->count = left < (size_t)g->batch ? (int)left : g->batch;
        config->finished = r->finished;
        config->targets = targets;
        for (int i = 0; i < config->count; i++)
            targets[i] = r->targets[jobs[done + (size_t)i]];
        memset(outcomes, 0, (size_t)g->batch * sizeof *outcomes);
        status = ph_batch_run(g->step, g->batch, config, outcomes, err);
        for (int i = 0; i < config->count && (status == PH_OK || status == PH_INTERRUPTED); i++) {
            const size_t job = jobs[done + (size_t)i];
            const bool last = config->attempt + 1 == MAX_ATTEMPTS || !ph_start_is_random(config->start);
            if (outcomes[i].status == PH_NO_GRADIENT && !last) {
                jobs[dead++] = job;
                continue;
            }
            if (outcomes[i].status == PH_NOT_FINITE && r->overflowed && !r->again) {
                r->overflowed[job] = true;
                continue;
            }
            if (outcomes[i].status == PH_NO_GRADIENT)
                explain_dead(r, targets[i], config->attempt + 1, &outcomes[i].error);
            deliver(r, job, &outcomes[i]);
        }
        done += (size_t)config->count;
    }
    ph_free(targets);
    ph_free(outcomes);
    *count = dead;
    return status;
}

/* The group's jobs that this turn is for; returns how many. */
static size_t jobs_of(const render *r, const group *g, size_t *jobs)
{
    size_t count = 0;
    for (size_t i = g->first; i < g->first + g->count; i++)
        if (!r->again || r->overflowed[i])
            jobs[count++] = i;
    return count;
}

static ph_status run_jobs(render *r, group *g, size_t *jobs, size_t left, ph_error *err)
{
    PH_TRY(lower_group(r, g, err));
    const ph_shape input = g->net->tensors[g->net->input].shape;
    ph_step_config step = {.options = r->options,
                           .preprocess = r->model->preprocess,
                           .net = g->net,
                           .channels = (int)input.dim[1],
                           .height = (int)input.dim[2],
                           .width = (int)input.dim[3]};
    PH_TRY(plan_group(r, g, &step, err));
    char device[DEVICE_SIZE] = "";
    if (ph_device_backend(r->device)->describe)
        ph_device_backend(r->device)->describe(r->device, device, sizeof device);
    ph_batch_config config = {.model = r->model,
                              .options = r->options,
                              .callbacks = r->callbacks,
                              .net = g->net,
                              .wanted = g->wanted,
                              .backend = ph_device_backend(r->device)->name,
                              .device = device,
                              .input = input,
                              .pictures = r->count};
    ph_start *start = NULL;
    ph_status status = ph_start_new(r->options, step.width, step.height, step.channels, &start, err);
    config.start = start;
    for (config.attempt = 0; status == PH_OK && left; config.attempt++)
        status = run_attempt(r, g, &config, jobs, &left, err);
    ph_start_free(&start);
    return status;
}

static ph_status run_group(render *r, group *g, ph_error *err)
{
    size_t *jobs = ph_alloc(g->count, sizeof *jobs);
    if (!jobs)
        return ph_fail_memory(err, g->count * sizeof *jobs, "the list of pictures");
    const size_t count = jobs_of(r, g, jobs);
    const ph_status status = count ? run_jobs(r, g, jobs, count, err) : PH_OK;
    ph_free(jobs);
    return status;
}

static ph_status run_groups(render *r, ph_error *err)
{
    for (size_t first = 0; first < r->count;) {
        group g;
        ph_status status = group_new(r, first, &g, err);
        if (status == PH_OK)
            status = run_group(r, &g, err);
        first += g.count;
        group_free(&g);
        PH_TRY(status);
    }
    return PH_OK;
}

static ph_status open_device(render *r, ph_precision precision, ph_error *err)
{
    const ph_device_options device = {
        .precision = precision, .threads = r->options->threads, .memory_limit = r->options->memory_limit};
    char line[NOTICE_SIZE];
    PH_TRY(ph_device_open(r->options->backend, &device, &r->device, line, sizeof line, err));
    notice(r, line);
    return PH_OK;
}

/* fp16 ends at 65504. Where it was the backend's own choice, what went beyond is computed again in a wider type. */
static ph_status run_overflowed(render *r, ph_error *err)
{
    size_t count = 0;
    for (size_t i = 0; i < r->count; i++)
        count += r->overflowed[i];
    if (!count)
        return PH_OK;
    char line[NOTICE_SIZE];
    snprintf(line, sizeof line, "values beyond the range of fp16: %zu picture(s) computed again in a wider precision",
             count);
    notice(r, line);
    r->again = true;
    ph_device_close(&r->device);
    if (open_device(r, PH_PRECISION_TF32, NULL) != PH_OK)
        PH_TRY(open_device(r, PH_PRECISION_FP32, err));
    return run_groups(r, err);
}

static ph_status run_all(render *r, ph_error *err)
{
    PH_TRY(run_groups(r, err));
    if (r->overflowed)
        PH_TRY(run_overflowed(r, err));
    if (r->first_failure.status && err)
        *err = r->first_failure;
    return r->first_failure.status;
}

ph_status ph_render_many(ph_model *model, const ph_job *jobs, size_t count, const ph_render_options *options,
                         const ph_callbacks *callbacks, ph_error *err)
{
    static const ph_callbacks none = {0};
    if (!model || !jobs || !count || !options)
        return ph_fail(err, PH_MISUSE, "ph_render_many needs a model, options and at least one target");
    render r = {.model = model, .options = options, .callbacks = callbacks ? callbacks : &none, .count = count};
    ph_status status = PH_OK;
    r.targets = ph_alloc(count, sizeof(void *));
    if (!r.targets)
        return ph_fail_memory(err, count * sizeof(void *), "the list of targets");
    PH_TRY_GOTO(status, done, ph_model_need_picture(model, err));
    PH_TRY_GOTO(status, done, check_request(&r, err));
    PH_TRY_GOTO(status, done, resolve_targets(&r, jobs, err));
    ph_precision precision = PH_PRECISION_AUTO;
    (void)ph_precision_named(options->precision, &precision);
    PH_TRY_GOTO(status, done, open_device(&r, precision, err));
    if (precision == PH_PRECISION_AUTO && ph_device_backend(r.device)->precisions) {
        r.overflowed = ph_alloc(count, sizeof *r.overflowed);
        if (!r.overflowed) {
            status = ph_fail_memory(err, count, "the list of pictures");
            goto done;
        }
    }
    cut_targets(&r);
    status = run_all(&r, err);
done:
    for (size_t i = 0; i < count; i++)
        ph_target_free(&r.targets[i]);
    ph_free(r.targets);
    ph_free(r.shapes);
    ph_free(r.overflowed);
    ph_device_close(&r.device);
    return status;
}

static void keep_result(size_t index, ph_result *result, const ph_error *err, void *user)
{
    (void)index;
    (void)err;
    *(ph_result **)user = result;
}

ph_status ph_render(ph_model *model, const char *target, const ph_render_options *options, ph_result **out,
                    ph_error *err)
{
    if (!target || !out)
        return ph_fail(err, PH_MISUSE, "ph_render needs a target and a place for the result");
    *out = NULL;
    const ph_job job = {.target = target};
    const ph_callbacks callbacks = {.result = keep_result, .user = out};
    return ph_render_many(model, &job, 1, options, &callbacks, err);
}
