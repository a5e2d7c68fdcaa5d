#include "host/dream/octaves.h"

#include "host/base/alloc.h"
#include "host/base/clock.h"
#include "host/base/status.h"
#include "host/image/resample.h"

#include <math.h>
#include <string.h>

/* Below this side an octave shows nothing that a network could see. */
enum { LEAST_SIDE = 16 };

/* What is on the way from octave to octave. */
typedef struct work {
    const ph_octaves_job *job;
    ph_octaves_outcome *outcome;
    int count;         /* octaves */
    int width, height; /* of the octave in work */
    float *detail;     /* what the dream has added so far: [height, width, channels] of the octave before, or NULL */
    int detail_width, detail_height;
    float *base;                       /* the photo's octave, when it is not the photo itself */
    float *mask;                       /* of the octave, or NULL */
    ph_canvas *canvas;                 /* that of the last octave stays, for the finished picture's objective */
    bool alive;                        /* some step had a gradient */
    ph_relu_mode mode;                 /* normal until a step had none */
    double start, work_done, work_all; /* seconds; pixels x steps */
} work;

/* ---- Sizes ------------------------------------------------------------------------------------------------------ */

int ph_octave_side(const ph_dream_options *options, int count, int octave, int side)
{
    const double exact = side / pow(options->octave_scale, count - 1 - octave);
    return exact < 1.5 ? 1 : (int)(exact + 0.5);
}

int ph_octave_count(const ph_dream_options *options, int width, int height)
{
    int count = options->octaves;
    const int side = width < height ? width : height;
    while (count > 1 && ph_octave_side(options, count, 0, side) < LEAST_SIDE)
        count--;
    return count;
}

bool ph_octaves_fourier(const ph_dream_options *options)
{
    return strcmp(options->style, "param=fourier") == 0;
}

ph_gradient ph_octaves_gradient(const ph_dream_options *options)
{
    if (strcmp(options->gradient, "laplacian") == 0 && !ph_octaves_fourier(options))
        return PH_GRADIENT_LAPLACIAN;
    return strcmp(options->gradient, "rms") == 0 ? PH_GRADIENT_RMS : PH_GRADIENT_MEAN;
}

static int64_t canvas_bytes(const ph_dream_options *o, int width, int height, int channels)
{
    return ph_canvas_bytes(width, height, channels, *o->mask != '\0', ph_octaves_fourier(o), ph_octaves_gradient(o));
}

int64_t ph_octaves_bytes(const ph_dream_options *options, const ph_photo *photo)
{
    return canvas_bytes(options, photo->width, photo->height, photo->channels);
}

static size_t values_of(const work *w, int width, int height)
{
    return (size_t)width * (size_t)height * (size_t)w->job->photo->channels;
}

/* ---- Resizing --------------------------------------------------------------------------------------------------- */

/* A new array: `from` resized. */
static ph_status resize(const float *from, int from_width, int from_height, int channels, int width, int height,
                        float **out, ph_error *err)
{
    const size_t count = (size_t)width * (size_t)height * (size_t)channels;
    *out = ph_alloc(count, sizeof **out);
    if (!*out)
        return ph_fail_memory(err, count * sizeof **out, "an octave");
    const ph_resample job = {.from = from,
                             .from_width = from_width,
                             .from_height = from_height,
                             .channels = channels,
                             .full_width = width,
                             .full_height = height,
                             .width = width,
                             .height = height,
                             .to = *out};
    const ph_status status = ph_resample_run(&job, err);
    if (status != PH_OK) {
        ph_free(*out);
        *out = NULL;
    }
    return status;
}

/* The detail at another size, in its place. */
static ph_status resize_detail(work *w, int width, int height, ph_error *err)
{
    if (!w->detail || (w->detail_width == width && w->detail_height == height))
        return PH_OK;
    float *larger = NULL;
    PH_TRY(resize(w->detail, w->detail_width, w->detail_height, w->job->photo->channels, width, height, &larger, err));
    ph_free(w->detail);
    w->detail = larger;
    w->detail_width = width;
    w->detail_height = height;
    return PH_OK;
}

/* The photo's and the mask's octave. */
static ph_status resize_photo(work *w, ph_error *err)
{
    const ph_photo *photo = w->job->photo, *mask = w->job->mask;
    ph_free(w->base);
    ph_free(w->mask);
    w->base = w->mask = NULL;
    if (w->width != photo->width || w->height != photo->height)
        PH_TRY(resize(photo->pixels, photo->width, photo->height, photo->channels, w->width, w->height, &w->base, err));
    if (mask)
        PH_TRY(resize(mask->pixels, mask->width, mask->height, 1, w->width, w->height, &w->mask, err));
    return PH_OK;
}

static const float *base_of(const work *w)
{
    return w->base ? w->base : w->job->photo->pixels;
}

/* ---- In and out of the device ----------------------------------------------------------------------------------- */

/* Plane by plane: writes base + detail to the canvas, or reads the detail, picture - base, from it. */
static ph_status exchange(work *w, bool in, ph_error *err)
{
    const size_t pixels = (size_t)w->width * (size_t)w->height, channels = (size_t)w->job->photo->channels;
    const float *base = base_of(w);
    float *plane = ph_alloc(pixels, sizeof *plane);
    ph_status status = plane ? PH_OK : ph_fail_memory(err, pixels * sizeof *plane, "an octave");
    for (size_t c = 0; c < channels && status == PH_OK; c++) {
        if (in) {
            for (size_t i = 0; i < pixels; i++)
                plane[i] = base[i * channels + c] + (w->detail ? w->detail[i * channels + c] : 0);
            status = ph_canvas_write(w->canvas, (int)c, plane, err);
        } else {
            status = ph_canvas_read(w->canvas, (int)c, plane, err);
            for (size_t i = 0; i < pixels && status == PH_OK; i++)
                w->detail[i * channels + c] = plane[i] - base[i * channels + c];
        }
    }
    ph_free(plane);
    return status;
}

static ph_status read_detail(work *w, ph_error *err)
{
    const size_t values = values_of(w, w->width, w->height);
    ph_free(w->detail);
    w->detail = ph_alloc(values, sizeof *w->detail);
    if (!w->detail)
        return ph_fail_memory(err, values * sizeof *w->detail, "an octave");
    w->detail_width = w->width;
    w->detail_height = w->height;
    return exchange(w, false, err);
}

/* ---- One octave ------------------------------------------------------------------------------------------------- */

static ph_status make_canvas(work *w, int octave, ph_error *err)
{
    const ph_octaves_job *job = w->job;
    const ph_dream_options *o = job->options;
    const int channels = job->photo->channels;
    const ph_plan_request request = {.width = w->width,
                                     .height = w->height,
                                     .tile = job->tile,
                                     .overlap = o->overlap,
                                     .batch = o->batch,
                                     .reserved = canvas_bytes(o, w->width, w->height, channels)};
    ph_canvas_config config = {.width = w->width,
                               .height = w->height,
                               .channels = channels,
                               .steps = o->steps,
                               .gradient = ph_octaves_gradient(o),
                               .step = (float)(o->step * o->strength / 255),
                               .lr = ph_octaves_fourier(o) ? (float)(o->lr * o->strength) : 0,
                               .jitter = o->jitter,
                               .seed = o->seed,
                               .first =
                                   ((uint32_t)job->frame * (uint32_t)w->count + (uint32_t)octave) * (uint32_t)o->steps,
                               .mask = w->mask};
    PH_TRY(ph_plans_get(job->plans, &request, &config.plan, &config.columns, &config.lines, err));
    return ph_canvas_new(job->plans, &config, &w->canvas, err);
}

/* Tells how far the work is, `share` of the step beyond those done; returns whether to go on. */
static bool report(const work *w, int step, double share, double objective)
{
    const ph_octaves_job *job = w->job;
    if (!job->callbacks->progress)
        return true;
    const double seconds = ph_clock_seconds() - w->start, done = w->work_done + share * (double)w->width * w->height;
    const ph_progress progress = {.target = job->plans->target->text,
                                  .pictures = 1,
                                  .step = step,
                                  .steps = job->options->steps,
                                  .objective = objective,
                                  .seconds_left = done > 0 ? seconds * (w->work_all / done - 1) : -1,
                                  .octave = w->outcome->octaves,
                                  .octaves = w->count};
    return job->callbacks->progress(&progress, job->callbacks->user);
}

/* Between the tiles of a step the objective is still that of the one before. */
static bool report_tiles(double share, void *user)
{
    const work *w = user;
    return report(w, w->outcome->steps_done % w->job->options->steps + 1, share, w->outcome->last);
}

/* A unit that is dead on the photo is woken by redirected gradients, as in a render: they are the normal ones where
 * anything gets through. */
static ph_status climb(work *w, ph_error *err)
{
    ph_octaves_outcome *out = w->outcome;
    for (int s = 0; s < w->job->options->steps && !out->interrupted; s++) {
        const ph_canvas_step_config config = {.number = s, .mode = w->mode, .ask = report_tiles, .user = w};
        ph_canvas_outcome step;
        const ph_status status = ph_canvas_step(w->canvas, &config, &step, err);
        out->interrupted = status == PH_INTERRUPTED;
        if (out->interrupted)
            break;
        PH_TRY(status);
        if (!(step.magnitude > 0))
            w->mode = PH_RELU_REDIRECTED;
        w->alive = w->alive || step.magnitude > 0;
        out->course[out->steps_done++] = (float)step.objective;
        out->first = s ? out->first : step.objective;
        out->last = step.objective;
        w->work_done += (double)w->width * w->height;
        out->interrupted = !report(w, s + 1, 0, step.objective);
    }
    return PH_OK;
}

static ph_status run_octave(work *w, int octave, ph_error *err)
{
    const ph_photo *photo = w->job->photo;
    w->width = ph_octave_side(w->job->options, w->count, octave, photo->width);
    w->height = ph_octave_side(w->job->options, w->count, octave, photo->height);
    w->outcome->octaves = octave + 1;
    ph_canvas_free(&w->canvas);
    PH_TRY(resize_photo(w, err));
    PH_TRY(resize_detail(w, w->width, w->height, err));
    PH_TRY(make_canvas(w, octave, err));
    PH_TRY(exchange(w, true, err));
    ph_free(w->detail);
    w->detail = NULL;
    PH_TRY(ph_canvas_begin(w->canvas, err));
    PH_TRY(climb(w, err));
    return read_detail(w, err);
}

/* ---- The finished picture --------------------------------------------------------------------------------------- */

static uint8_t level(float value)
{
    const float clipped = value < 0 ? 0 : value > 1 ? 1 : value;
    return (uint8_t)(clipped * 255.0f + 0.5f);
}

/* photo + (1 - keep) detail, and nothing but the photo where the mask is black: enlarged octaves have spread there, and
 * Fourier coefficients, which know no places, everywhere: those are masked here. */
static ph_status compose(work *w, ph_error *err)
{
    const ph_photo *photo = w->job->photo;
    const size_t channels = (size_t)photo->channels, values = values_of(w, photo->width, photo->height);
    PH_TRY(resize_detail(w, photo->width, photo->height, err));
    if (w->job->mask && (w->width != photo->width || w->height != photo->height)) {
        w->width = photo->width;
        w->height = photo->height;
        PH_TRY(resize_photo(w, err));
    }
    uint8_t *pixels = w->outcome->pixels = ph_alloc(values, 1);
    if (!pixels)
        return ph_fail_memory(err, values, "the finished picture");
    const float share = (float)(1 - w->job->options->keep);
    const bool fourier = ph_octaves_fourier(w->job->options);
    for (size_t i = 0; i < values; i++) {
        const float mask = w->mask ? w->mask[i / channels] : 1;
        const float part = fourier ? share * mask : mask > 0 ? share : 0;
        pixels[i] = level(photo->pixels[i] + part * w->detail[i]);
    }
    return PH_OK;
}

static ph_status measure_finished(work *w, ph_error *err)
{
    const ph_photo *photo = w->job->photo;
    w->outcome->clean = (double)NAN;
    if (w->outcome->interrupted)
        return PH_OK;
    const size_t values = values_of(w, photo->width, photo->height);
    const float *base = base_of(w);
    for (size_t i = 0; i < values; i++)
        w->detail[i] = (float)w->outcome->pixels[i] / 255.0f - base[i];
    PH_TRY(exchange(w, true, err));
    return ph_canvas_objective(w->canvas, &w->outcome->clean, err);
}

static ph_status run_all(work *w, ph_error *err)
{
    const ph_dream_options *o = w->job->options;
    const size_t steps = (size_t)w->count * (size_t)o->steps;
    w->outcome->course = ph_alloc(steps, sizeof *w->outcome->course);
    if (!w->outcome->course)
        return ph_fail_memory(err, steps * sizeof(float), "the course of the objective");
    for (int k = 0; k < w->count && !w->outcome->interrupted; k++)
        PH_TRY(run_octave(w, k, err));
    if (!w->alive && !w->outcome->interrupted)
        return ph_fail(err, PH_NO_GRADIENT,
                       "'%.200s' gives no gradient on this photo: try another target, or one without --negative",
                       w->job->plans->target->text);
    PH_TRY(compose(w, err));
    return measure_finished(w, err);
}

ph_status ph_octaves_run(const ph_octaves_job *job, ph_octaves_outcome *outcome, ph_error *err)
{
    const ph_dream_options *o = job->options;
    *outcome = (ph_octaves_outcome){0};
    work w = {.job = job, .outcome = outcome, .mode = PH_RELU_NORMAL, .start = ph_clock_seconds()};
    w.count = ph_octave_count(o, job->photo->width, job->photo->height);
    for (int k = 0; k < w.count; k++)
        w.work_all += (double)o->steps * ph_octave_side(o, w.count, k, job->photo->width) *
                      ph_octave_side(o, w.count, k, job->photo->height);
    const ph_status status = run_all(&w, err);
    ph_canvas_free(&w.canvas);
    ph_free(w.detail);
    ph_free(w.base);
    ph_free(w.mask);
    if (status != PH_OK) {
        ph_free(outcome->pixels);
        ph_free(outcome->course);
        *outcome = (ph_octaves_outcome){0};
    }
    return status;
}
