/* The public face of dreams: what is made once per dream, and a photo's way through it. */
#include "host/dream/dream.h"

#include "host/base/alloc.h"
#include "host/base/clock.h"
#include "host/base/file.h"
#include "host/base/status.h"
#include "host/dream/octaves.h"
#include "host/dream/options.h"
#include "host/dream/target.h"
#include "host/image/turn.h"
#include "host/render/result.h"

#include <sha256.h>
#include <string.h>

enum { NOTICE_SIZE = 400 };
static const size_t MAX_FILE = (size_t)1 << 30;

static void notice(const ph_dream *dream, const char *line)
{
    if (*line && dream->callbacks.notice)
        dream->callbacks.notice(line, dream->callbacks.user);
}

/* ---- What is made once ------------------------------------------------------------------------------------------ */

/* The network's own size does for resolving: which channels and layers there are does not depend on the photo's. */
static ph_status resolve_target(ph_dream *dream, const char *target, ph_error *err)
{
    const ph_model *model = dream->model;
    ph_shape input, *shapes = NULL;
    bool channels_last;
    char line[NOTICE_SIZE] = "";
    PH_TRY(ph_model_shapes(model, 0, 0, &input, &channels_last, &shapes, err));
    ph_status status = PH_OK;
    if (!target)
        status = ph_dream_default_target(model, &input, channels_last, shapes, &target, err);
    if (status == PH_OK)
        status = ph_target_parse(model->graph, shapes, model->preprocess, target, dream->options.negative,
                                 &dream->target, line, sizeof line, err);
    if (status == PH_OK && ph_device_backend(dream->device)->useful_batch <= 1)
        ph_target_cut(model->graph, shapes, dream->target);
    ph_free(shapes);
    notice(dream, line);
    return status;
}

static ph_status open_device(ph_dream *dream, ph_precision precision, ph_error *err)
{
    const ph_dream_options *o = &dream->options;
    const ph_device_options options = {.precision = precision, .threads = o->threads, .memory_limit = o->memory_limit};
    char line[NOTICE_SIZE] = "";
    PH_TRY(ph_device_open(o->backend, &options, &dream->device, line, sizeof line, err));
    notice(dream, line);
    return PH_OK;
}

static int64_t memory_limit(const ph_dream *dream)
{
    if (dream->options.memory_limit > 0)
        return dream->options.memory_limit;
    return ph_device_backend(dream->device)->memory_available(dream->device) / 4 * 3;
}

static ph_status make_plans(ph_dream *dream, ph_error *err)
{
    return ph_plans_new(dream->model, dream->device, dream->target, dream->options.guide, memory_limit(dream),
                        &dream->plans, err);
}

/* fp16 ends at 65504. Where it was the backend's own choice, a photo that goes beyond is dreamed again, and all later
 * ones are dreamed, in a wider type. */
static ph_status widen(ph_dream *dream, ph_error *err)
{
    notice(dream, "values beyond the range of fp16: the photo is dreamed again in a wider precision");
    dream->may_widen = false;
    ph_plans_free(&dream->plans);
    ph_device_close(&dream->device);
    if (open_device(dream, PH_PRECISION_TF32, NULL) != PH_OK)
        PH_TRY(open_device(dream, PH_PRECISION_FP32, err));
    return make_plans(dream, err);
}

static ph_status check_model(const ph_model *model, ph_error *err)
{
    PH_TRY(ph_model_need_picture(model, err));
    if (model->channels == 1 || model->channels == 3)
        return PH_OK;
    return ph_fail(err, PH_UNSUPPORTED, "photos have 1 or 3 channels, this network's input has %d", model->channels);
}

ph_status ph_dream_new(ph_model *model, const char *target, const ph_dream_options *options,
                       const ph_callbacks *callbacks, ph_dream **out, ph_error *err)
{
    if (!model || !options || !out)
        return ph_fail(err, PH_MISUSE, "ph_dream_new needs a model, options and a place for the dream");
    *out = NULL;
    ph_dream *dream = ph_alloc(1, sizeof *dream);
    if (!dream)
        return ph_fail_memory(err, sizeof *dream, "a dream");
    ph_status status = PH_OK;
    dream->model = model;
    dream->options = *options;
    if (callbacks)
        dream->callbacks = *callbacks;
    PH_TRY_GOTO(status, fail, ph_dream_options_check(options, err));
    PH_TRY_GOTO(status, fail, check_model(model, err));
    ph_precision precision = PH_PRECISION_AUTO;
    (void)ph_precision_named(options->precision, &precision);
    PH_TRY_GOTO(status, fail, open_device(dream, precision, err));
    dream->may_widen = precision == PH_PRECISION_AUTO && ph_device_backend(dream->device)->precisions;
    PH_TRY_GOTO(status, fail, resolve_target(dream, target, err));
    if (*options->mask)
        PH_TRY_GOTO(status, fail, ph_photo_load(options->mask, 1, &dream->mask, err));
    PH_TRY_GOTO(status, fail, make_plans(dream, err));
    *out = dream;
    return PH_OK;
fail:
    ph_dream_free(&dream);
    return status;
}

void ph_dream_free(ph_dream **dream)
{
    if (!dream || !*dream)
        return;
    ph_dream *d = *dream;
    ph_plans_free(&d->plans);
    ph_target_free(&d->target);
    ph_device_close(&d->device);
    ph_photo_free(&d->mask);
    ph_free(d);
    *dream = NULL;
}

const char *ph_dream_target(const ph_dream *dream)
{
    return dream->target->text;
}

/* ---- One photo -------------------------------------------------------------------------------------------------- */

/* A photo on its way. */
typedef struct passage {
    ph_dream *dream;
    ph_photo *photo, *alpha;
    ph_dream_record record;
    ph_octaves_outcome outcome;
    double seconds;
} passage;

static ph_status digest_of(const char *path, char digest[65], ph_error *err)
{
    void *bytes = NULL;
    size_t size = 0;
    PH_TRY(ph_file_read(path, MAX_FILE, &bytes, &size, err));
    SHA256_Data(bytes, size, digest);
    ph_free(bytes);
    return PH_OK;
}

static ph_status load(passage *p, const char *path, ph_error *err)
{
    PH_TRY(digest_of(path, p->record.photo_sha256, err));
    p->record.photo = path;
    return ph_photo_load_alpha(path, p->dream->model->channels, &p->photo, &p->alpha, err);
}

static ph_status choose_tile(passage *p, ph_error *err)
{
    const ph_dream_options *o = &p->dream->options;
    const ph_photo *photo = p->photo;
    p->record.tile = o->tile;
    if (o->tile > 0)
        return PH_OK;
    const ph_plan_request request = {
        .width = photo->width, .height = photo->height, .overlap = o->overlap, .reserved = ph_octaves_bytes(o, photo)};
    return ph_plans_tile(p->dream->plans, &request, &p->record.tile, err);
}

/* Colours and alpha side by side, as a PNG has them. */
static ph_status join_alpha(passage *p, ph_error *err)
{
    const size_t channels = (size_t)p->photo->channels, pixels = (size_t)p->photo->width * (size_t)p->photo->height;
    uint8_t *joined = ph_alloc(pixels, channels + 1);
    if (!joined)
        return ph_fail_memory(err, pixels * (channels + 1), "the finished picture");
    for (size_t i = 0; i < pixels; i++) {
        memcpy(joined + i * (channels + 1), p->outcome.pixels + i * channels, channels);
        joined[i * (channels + 1) + channels] = (uint8_t)(p->alpha->pixels[i] * 255.0f + 0.5f);
    }
    ph_free(p->outcome.pixels);
    p->outcome.pixels = joined;
    return PH_OK;
}

/* Takes pixels and course of the outcome. */
static ph_status describe(passage *p, ph_result **out, ph_error *err)
{
    const ph_dream *dream = p->dream;
    const ph_term *term = &dream->target->terms[0];
    ph_octaves_outcome *outcome = &p->outcome;
    ph_result *result = NULL;
    PH_TRY(ph_result_new(0, 0, &result, err));
    ph_free(result->course);
    result->course = outcome->course;
    result->pixels = outcome->pixels;
    result->target = ph_strdup(dream->target->text);
    result->layer = ph_strdup(dream->model->graph->values[term->layer].name);
    outcome->course = NULL;
    outcome->pixels = NULL;
    p->record.course = result->course;
    p->record.steps_done = outcome->steps_done;
    p->record.interrupted = outcome->interrupted;
    p->record.dream = dream;
    ph_status status = PH_OK;
    if (!result->target || !result->layer)
        status = ph_fail_memory(err, 2, "a result");
    else
        status = ph_dream_settings_write(&p->record, &result->settings, err);
    if (status != PH_OK) {
        ph_result_free(&result);
        return status;
    }
    result->info = (ph_result_info){.target = result->target,
                                    .layer = result->layer,
                                    .channel = term->kind == PH_UNIT_CHANNEL ? term->layer_channel : -1,
                                    .negative = dream->options.negative,
                                    .interrupted = outcome->interrupted,
                                    .width = p->photo->width,
                                    .height = p->photo->height,
                                    .channels = p->photo->channels + (p->alpha != NULL),
                                    .steps = outcome->steps_done,
                                    .seconds = p->seconds,
                                    .first = outcome->first,
                                    .last = outcome->last,
                                    .clean = outcome->clean,
                                    .seed = dream->options.seed,
                                    .backend = ph_device_backend(dream->device)->name,
                                    .course = result->course,
                                    .settings = result->settings};
    *out = result;
    return PH_OK;
}

static ph_status pass(passage *p, ph_result **out, ph_error *err)
{
    const double start = ph_clock_seconds();
    PH_TRY(choose_tile(p, err));
    const ph_octaves_job job = {.options = &p->dream->options,
                                .callbacks = &p->dream->callbacks,
                                .plans = p->dream->plans,
                                .photo = p->photo,
                                .mask = p->dream->mask,
                                .tile = p->record.tile,
                                .frame = p->record.frame};
    PH_TRY(ph_octaves_run(&job, &p->outcome, err));
    if (p->alpha)
        PH_TRY(join_alpha(p, err));
    p->seconds = ph_clock_seconds() - start;
    return describe(p, out, err);
}

/* A frame begins with the picture before it, enlarged and turned. */
static ph_status turn(passage *p, ph_error *err)
{
    const ph_dream_options *o = &p->dream->options;
    ph_photo **const layers[] = {&p->photo, &p->alpha};
    for (size_t i = 0; i < sizeof layers / sizeof *layers; i++) {
        ph_photo *turned = NULL;
        if (!*layers[i])
            continue;
        PH_TRY(ph_photo_turn(*layers[i], o->zoom, o->rotate, &turned, err));
        ph_photo_free(layers[i]);
        *layers[i] = turned;
    }
    return PH_OK;
}

ph_status ph_dream_frame(ph_dream *dream, const char *previous, int frame, ph_result **out, ph_error *err)
{
    if (!dream || !previous || !out || frame < 0)
        return ph_fail(err, PH_MISUSE, "a dream needs a picture, a frame number from 0 on and a place for the result");
    *out = NULL;
    passage p = {.dream = dream, .record = {.frame = frame}};
    ph_status status = load(&p, previous, err);
    if (status == PH_OK && frame > 0)
        status = turn(&p, err);
    if (status == PH_OK)
        status = pass(&p, out, err);
    if (status == PH_NOT_FINITE && dream->may_widen) {
        status = widen(dream, err);
        if (status == PH_OK)
            status = pass(&p, out, err);
    }
    if (status == PH_OK && p.outcome.interrupted)
        status = ph_fail(err, PH_INTERRUPTED, "interrupted in octave %d after %d steps", p.outcome.octaves,
                         p.outcome.steps_done);
    ph_free(p.outcome.pixels);
    ph_free(p.outcome.course);
    ph_photo_free(&p.photo);
    ph_photo_free(&p.alpha);
    return status;
}

ph_status ph_dream_photo(ph_dream *dream, const char *photo, ph_result **out, ph_error *err)
{
    return ph_dream_frame(dream, photo, 0, out, err);
}

/* ---- Again ------------------------------------------------------------------------------------------------------ */

ph_status ph_dream_origin_check(const ph_dream_origin *origin, const ph_model *model, const char *photo, ph_error *err)
{
    if (strcmp(origin->model_sha256, model->graph->sha256) != 0)
        return ph_fail(err, PH_MISUSE,
                       "the picture was made with another model (its SHA-256 begins with %.12s, this one's with %.12s)",
                       origin->model_sha256, model->graph->sha256);
    char digest[65];
    if (!photo)
        return PH_OK;
    PH_TRY(digest_of(photo, digest, err));
    if (strcmp(origin->photo_sha256, digest) != 0)
        return ph_fail(err, PH_MISUSE, "%s is not the photo that the picture was made of: its content has changed",
                       photo);
    return PH_OK;
}
