#include "host/render/batch.h"

#include "host/base/alloc.h"
#include "host/base/clock.h"
#include "host/base/status.h"
#include "host/image/finish.h"
#include "host/objective/heads.h"
#include "host/render/options.h"
#include "host/render/result.h"
#include "host/render/settings.h"

#include <math.h>
#include <omp.h>
#include <string.h>

/* Steps after the redirected ones during which a picture must show a gradient at least once, or it is dead. */
enum { PROBATION = 8 };

/* The working memory of one batch. */
typedef struct work {
    ph_step *step;
    int batch;
    const ph_batch_config *config;
    ph_outcome *outcomes;
    int64_t pixels;    /* of one plane */
    size_t values;     /* of one picture, all channels */
    size_t bytes;      /* of one finished picture */
    float *parameters; /* [batch x parameter count] */
    uint64_t *seeds;
    float *planes;       /* [batch x values]; afterwards the finished pictures in [0, 1] */
    float *numbers;      /* [batch]: norms, objectives */
    float *course;       /* [batch x steps] */
    bool *alive;         /* had a gradient without redirection */
    double start, asked; /* seconds; asked: when the objective was last read for progress */
    double objective;    /* as read then */
    int done;            /* steps */
} work;

static void work_free(work *w)
{
    ph_free(w->parameters);
    ph_free(w->seeds);
    ph_free(w->planes);
    ph_free(w->numbers);
    ph_free(w->course);
    ph_free(w->alive);
}

static ph_status work_new(work *w, ph_step *step, int batch, const ph_batch_config *config, ph_outcome *outcomes,
                          ph_error *err)
{
    const size_t b = (size_t)batch, steps = (size_t)config->options->steps;
    *w = (work){.step = step, .batch = batch, .config = config, .outcomes = outcomes, .start = ph_clock_seconds()};
    w->pixels = config->input.dim[2] * config->input.dim[3];
    w->values = (size_t)(config->input.dim[1] * w->pixels);
    w->bytes = (size_t)w->pixels * (size_t)ph_finish_channels((int)config->input.dim[1]);
    w->parameters = ph_alloc(b * ph_step_parameter_count(step), sizeof(float));
    w->seeds = ph_alloc(b, sizeof *w->seeds);
    w->planes = ph_alloc(b * w->values, sizeof(float));
    w->numbers = ph_alloc(b, sizeof(float));
    w->course = ph_alloc(b * steps, sizeof(float));
    w->alive = ph_alloc(b, sizeof *w->alive);
    if (!w->parameters || !w->seeds || !w->planes || !w->numbers || !w->course || !w->alive)
        return ph_fail_memory(err, b * w->values * sizeof(float), "the pictures of a batch");
    for (int i = 0; i < config->count; i++)
        PH_TRY(ph_result_new(config->callbacks->snapshot_count, config->options->steps, &outcomes[i].result, err));
    return PH_OK;
}

/* Batch slot -> picture: what is left of the batch repeats the last one. */
static const ph_target *slot_target(const work *w, int slot)
{
    const int last = w->config->count - 1;
    return w->config->targets[slot < last ? slot : last];
}

static ph_status upload_heads(work *w, ph_error *err)
{
    const ph_net *net = w->config->net;
    const size_t outputs = (size_t)net->output_count;
    const ph_target **targets = ph_alloc((size_t)w->batch, sizeof(void *));
    ph_shape *shapes = ph_alloc(outputs, sizeof *shapes);
    ph_heads *heads = NULL;
    ph_status status = PH_OK;
    if (!targets || !shapes) {
        status = ph_fail_memory(err, outputs * sizeof *shapes, "the targets of a batch");
        goto done;
    }
    for (int i = 0; i < w->batch; i++)
        targets[i] = slot_target(w, i);
    for (size_t o = 0; o < outputs; o++)
        shapes[o] = net->tensors[net->outputs[o]].shape;
    PH_TRY_GOTO(status, done, ph_heads_new(targets, w->batch, w->config->wanted, shapes, outputs, &heads, err));
    for (int o = 0; status == PH_OK && o < net->output_count; o++)
        status = ph_step_heads(w->step, o, &heads->head[o], err);
done:
    ph_heads_free(&heads);
    ph_free(targets);
    ph_free(shapes);
    return status;
}

/* Every picture starts from the seed alone, so all from the same. */
static ph_status start_pictures(work *w, ph_error *err)
{
    const ph_batch_config *c = w->config;
    const size_t length = ph_step_parameter_count(w->step);
    ph_start_parameters(c->start, c->attempt, w->parameters, length);
    for (int i = 0; i < w->batch; i++) {
        w->seeds[i] = c->options->seed;
        if (i > 0)
            memcpy(w->parameters + (size_t)i * length, w->parameters, length * sizeof *w->parameters);
    }
    return ph_step_start(w->step, w->parameters, w->seeds, err);
}

/* A new 8-bit picture from planes; `picture` (may be NULL) as ph_finish_run. */
static ph_status finish_picture(const work *w, const float *planes, double contrast, uint8_t **pixels, float *picture,
                                ph_error *err)
{
    const ph_batch_config *c = w->config;
    const ph_finish job = {.planes = planes,
                           .channels = (int)c->input.dim[1],
                           .width = (int)c->input.dim[3],
                           .height = (int)c->input.dim[2],
                           .contrast = contrast,
                           .mix = ph_options_mix(c->options, c->input.dim[1])};
    *pixels = ph_alloc(w->bytes, 1);
    if (!*pixels)
        return ph_fail_memory(err, w->bytes, "a finished picture");
    return ph_finish_run(&job, *pixels, picture, err);
}

static bool snapshot_due(const work *w)
{
    const ph_callbacks *callbacks = w->config->callbacks;
    for (size_t i = 0; i < callbacks->snapshot_count; i++)
        if (callbacks->snapshots[i] == w->done)
            return true;
    return false;
}

/* On the way: the picture as it stands. The last step's snapshot is the finished picture (keep_last_snapshot). */
static ph_status take_snapshots(work *w, ph_error *err)
{
    if (!snapshot_due(w) || w->done == w->config->options->steps)
        return PH_OK;
    PH_TRY(ph_step_planes(w->step, w->planes, err));
    for (int i = 0; i < w->config->count; i++) {
        ph_result *result = w->outcomes[i].result;
        ph_snapshot *snapshot = &result->snapshots[result->info.snapshot_count];
        snapshot->step = w->done;
        PH_TRY(finish_picture(w, w->planes + (size_t)i * w->values, 0, &snapshot->pixels, NULL, err));
        result->info.snapshot_count++;
    }
    return PH_OK;
}

static ph_status keep_last_snapshot(const work *w, ph_result *result, ph_error *err)
{
    if (!snapshot_due(w) || w->done < w->config->options->steps)
        return PH_OK;
    ph_snapshot *last = &result->snapshots[result->info.snapshot_count];
    last->step = w->done;
    last->pixels = ph_alloc(w->bytes, 1);
    if (!last->pixels)
        return ph_fail_memory(err, w->bytes, "a snapshot");
    memcpy(last->pixels, result->pixels, w->bytes);
    result->info.snapshot_count++;
    return PH_OK;
}

/* Steps that pass redirected gradients. A picture that found none of its own in the first attempt is given half of its
 * steps in the next ones; the rule depends on the attempt alone, so never on who else is in the batch. */
static int redirected_steps(const work *w)
{
    const ph_render_options *o = w->config->options;
    const int half = o->steps / 2;
    return w->config->attempt && o->redirect_steps && half > o->redirect_steps ? half : o->redirect_steps;
}

/* After the redirected steps: did any of the next few have a gradient of its own? */
static ph_status watch_gradients(work *w, ph_error *err)
{
    const int redirected = redirected_steps(w);
    if (w->done <= redirected || w->done > redirected + PROBATION)
        return PH_OK;
    PH_TRY(ph_step_gradient_norms(w->step, w->numbers, err));
    for (int i = 0; i < w->config->count; i++)
        w->alive[i] = w->alive[i] || w->numbers[i] != 0;
    return PH_OK;
}

static bool all_dead(const work *w)
{
    if (w->done < redirected_steps(w) + PROBATION)
        return false;
    for (int i = 0; i < w->config->count; i++)
        if (w->alive[i])
            return false;
    return true;
}

static ph_status report_progress(work *w, bool *go_on, ph_error *err)
{
    const ph_batch_config *c = w->config;
    *go_on = true;
    if (!c->callbacks->progress)
        return PH_OK;
    /* Asking waits for the steps that are queued: seldom enough to keep the device busy, often for an eye. */
    const double time = ph_clock_seconds();
    if (!ph_step_is_queued(w->step) || w->done == c->options->steps || time - w->asked > 0.05) {
        PH_TRY(ph_step_objectives(w->step, w->numbers, err));
        w->objective = (double)w->numbers[0];
        w->asked = ph_clock_seconds();
    }
    const double per_step = (ph_clock_seconds() - w->start) / w->done;
    const size_t after = c->pictures - c->finished - (size_t)c->count;
    const double batches_after = ceil((double)after / w->batch);
    const int steps = c->options->steps;
    const ph_progress progress = {.target = c->targets[0]->text,
                                  .picture = (int)c->finished,
                                  .pictures = (int)c->pictures,
                                  .step = w->done,
                                  .steps = steps,
                                  .objective = w->objective,
                                  .seconds_left =
                                      w->done < 3 ? -1 : per_step * (steps - w->done + batches_after * steps)};
    *go_on = c->callbacks->progress(&progress, c->callbacks->user);
    return PH_OK;
}

static ph_status climb(work *w, ph_error *err)
{
    const ph_render_options *o = w->config->options;
    bool go_on = true;
    while (w->done < o->steps && go_on && !all_dead(w)) {
        PH_TRY(ph_step_run(w->step, w->done < redirected_steps(w) ? PH_RELU_REDIRECTED : PH_RELU_NORMAL, err));
        w->done++;
        PH_TRY(watch_gradients(w, err));
        PH_TRY(take_snapshots(w, err));
        PH_TRY(report_progress(w, &go_on, err));
    }
    return go_on ? PH_OK : PH_INTERRUPTED;
}

static void drop_picture(ph_outcome *outcome, ph_status status)
{
    outcome->status = status;
    ph_result_free(&outcome->result);
}

/* Dead and non-finite pictures give no result. */
static void judge(work *w, int slot, bool interrupted)
{
    const ph_render_options *o = w->config->options;
    ph_outcome *outcome = &w->outcomes[slot];
    const char *text = w->config->targets[slot]->text;
    const float *course = w->course + (size_t)slot * (size_t)o->steps;
    for (int t = 0; t < w->done; t++)
        if (!isfinite(course[t])) {
            ph_fail(&outcome->error, PH_NOT_FINITE,
                    "'%s': the objective is not finite from step %d on; try a smaller --lr, or check --preprocess",
                    text, t + 1);
            drop_picture(outcome, PH_NOT_FINITE);
            return;
        }
    const float *planes = w->planes + (size_t)slot * w->values;
    for (size_t i = 0; i < w->values; i++)
        if (!isfinite(planes[i])) {
            ph_fail(&outcome->error, PH_NOT_FINITE,
                    "'%s': the gradient is not finite; try a smaller --lr, or check --preprocess", text);
            drop_picture(outcome, PH_NOT_FINITE);
            return;
        }
    if (!w->alive[slot] && !interrupted && w->done > redirected_steps(w))
        drop_picture(outcome, PH_NO_GRADIENT);
}

/* A unit that answers the finished picture with exactly nothing was never reached, whatever a warped border woke. */
static void judge_finished(work *w, int slot, bool interrupted)
{
    if (w->outcomes[slot].result && w->numbers[slot] == 0 && !interrupted && w->done > redirected_steps(w))
        drop_picture(&w->outcomes[slot], PH_NO_GRADIENT);
}

static ph_status describe(const work *w, int slot, bool interrupted, double seconds, ph_error *err)
{
    const ph_batch_config *c = w->config;
    const ph_target *target = c->targets[slot];
    const ph_term *term = &target->terms[0];
    ph_result *result = w->outcomes[slot].result;
    ph_result_info *info = &result->info;
    result->target = ph_strdup(target->text);
    result->layer = ph_strdup(c->model->graph->values[term->layer].name);
    if (!result->target || !result->layer)
        return ph_fail_memory(err, 2, "a result");
    memcpy(result->course, w->course + (size_t)slot * (size_t)c->options->steps, (size_t)w->done * sizeof(float));
    info->target = result->target;
    info->layer = result->layer;
    info->channel = term->kind == PH_UNIT_CHANNEL ? term->layer_channel : -1;
    info->negative = target->negative;
    info->interrupted = interrupted;
    info->width = (int)c->input.dim[3];
    info->height = (int)c->input.dim[2];
    info->channels = ph_finish_channels((int)c->input.dim[1]);
    info->steps = w->done;
    info->seconds = seconds;
    info->first = (double)result->course[0];
    info->last = (double)result->course[w->done - 1];
    info->clean = (double)w->numbers[slot];
    info->seed = c->options->seed;
    info->backend = c->backend;
    const ph_settings_source source = {.options = c->options,
                                       .width = info->width,
                                       .height = info->height,
                                       .model_sha256 = c->model->graph->sha256,
                                       .preprocess = c->model->preprocess,
                                       .target = info->target,
                                       .negative = info->negative,
                                       .backend = info->backend,
                                       .device = c->device,
                                       .steps_done = info->steps,
                                       .interrupted = interrupted,
                                       .course = info->course};
    PH_TRY(ph_settings_write(&source, &result->settings, err));
    info->settings = result->settings;
    return PH_OK;
}

static ph_status finish_slot(work *w, int slot, bool interrupted, ph_error *err)
{
    judge(w, slot, interrupted);
    ph_result *result = w->outcomes[slot].result;
    float *planes = w->planes + (size_t)slot * w->values;
    if (!result)
        return PH_OK;
    PH_TRY(finish_picture(w, planes, w->config->options->contrast, &result->pixels, planes, err));
    return keep_last_snapshot(w, result, err);
}

/* Pictures do not know of each other, so they are finished by as many threads as there are. */
static ph_status finish_pictures(work *w, bool interrupted, ph_error *err)
{
    const int count = w->config->count, wish = w->config->options->threads;
    const int threads = wish > 0 ? wish : omp_get_max_threads();
    ph_error *why = ph_alloc((size_t)count, sizeof *why);
    if (!why)
        return ph_fail_memory(err, (size_t)count * sizeof *why, "the pictures of a batch");
#pragma omp parallel for schedule(dynamic) num_threads(threads) if (count > 1 && threads > 1)
    for (int i = 0; i < count; i++)
        (void)finish_slot(w, i, interrupted, &why[i]);
    int failed = 0;
    while (failed < count && why[failed].status == PH_OK)
        failed++;
    const ph_status status = failed < count ? why[failed].status : PH_OK;
    if (status != PH_OK && err)
        *err = why[failed];
    ph_free(why);
    return status;
}

/* From the last parameters to finished pictures, their clean objective and description. */
static ph_status finish_batch(work *w, bool interrupted, ph_error *err)
{
    const ph_batch_config *c = w->config;
    PH_TRY(ph_step_course(w->step, w->course, err));
    PH_TRY(ph_step_planes(w->step, w->planes, err));
    PH_TRY(finish_pictures(w, interrupted, err));
    PH_TRY(ph_step_clean(w->step, w->planes, w->numbers, err));
    const double seconds = (ph_clock_seconds() - w->start) / c->count;
    for (int i = 0; i < c->count; i++) {
        judge_finished(w, i, interrupted);
        if (w->outcomes[i].result)
            PH_TRY(describe(w, i, interrupted, seconds, err));
    }
    return PH_OK;
}

ph_status ph_batch_run(ph_step *step, int batch, const ph_batch_config *config, ph_outcome *outcomes, ph_error *err)
{
    work w;
    ph_status status = work_new(&w, step, batch, config, outcomes, err);
    if (status == PH_OK)
        status = upload_heads(&w, err);
    if (status == PH_OK)
        status = start_pictures(&w, err);
    if (status == PH_OK)
        status = climb(&w, err);
    const bool interrupted = status == PH_INTERRUPTED;
    if (status == PH_OK || interrupted) {
        const ph_status finished = finish_batch(&w, interrupted, err);
        status = finished == PH_OK ? status : finished;
    }
    if (interrupted)
        ph_fail(err, PH_INTERRUPTED, "interrupted after step %d of %d", w.done, config->options->steps);
    if (status != PH_OK && status != PH_INTERRUPTED)
        for (int i = 0; i < config->count; i++)
            ph_result_free(&outcomes[i].result);
    work_free(&w);
    return status;
}
