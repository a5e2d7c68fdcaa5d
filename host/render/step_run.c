#include "host/base/status.h"
#include "host/image/colour_space.h"
#include "host/render/step_private.h"

#include <string.h>

/* One call of an element kernel, by name: kernel, count, then the fields of its argument struct. */
#define RUN(s, kernel, count, ...)                                                                                     \
    PH_TRY((s)->backend->element->kernel((s)->device, (count), (ph_##kernel##_args){__VA_ARGS__}, err))

static ph_status schedule(ph_step *s, ph_error *err)
{
    const ph_render_options *o = s->options;
    RUN(s, schedule, 1, .state = s->state, .steps = o->steps, .triangle = strcmp(o->schedule, "triangle") == 0,
        .lr = (float)o->lr, .beta1 = (float)o->beta1, .beta2 = (float)o->beta2, .open_from = (float)o->open_from,
        .open_to = (float)o->open_to);
    RUN(s, draw, s->batch, .state = s->state, .seeds = s->seeds, .maps = s->maps, .enabled = o->warp, .width = s->width,
        .height = s->height, .window_width = s->width, .window_height = s->height, .pad = o->pad, .jitter = o->jitter,
        .jitter2 = o->jitter2, .scale_count = o->scale_count, .rotate = o->rotate, .rotate_zeros = o->rotate_zeros,
        .scale_min = (float)o->scale_min, .scale_max = (float)o->scale_max);
    return PH_OK;
}

/* Fourier: the planes before colour. Pixels: the parameters are those planes. */
static ph_status synthesize(ph_step *s, const float **planes, ph_error *err)
{
    *planes = s->parameter;
    if (!s->fourier)
        return PH_OK;
    RUN(s, spectrum, s->batch * s->channels * s->bins, .coefficients = s->parameter, .scale = s->scale,
        .spectrum = s->spectrum, .bins = s->bins);
    PH_TRY(s->backend->fft_c2r(s->fft, s->spectrum, s->planes, err));
    *planes = s->planes;
    return PH_OK;
}

static ph_status picture(ph_step *s, ph_error *err)
{
    const float *planes;
    PH_TRY(synthesize(s, &planes, err));
    ph_colour_args args = {
        .planes = planes, .picture = s->picture, .pixels = s->pixels, .channels = s->channels, .mix = s->mix};
    memcpy(args.matrix, ph_colour_matrix, sizeof args.matrix);
    return s->backend->element->colour(s->device, s->batch * s->pixels, args, err);
}

static ph_status warp(ph_step *s, const float *maps, ph_error *err)
{
    RUN(s, warp, s->batch * s->pixels, .picture = s->picture, .maps = maps,
        .input = s->backend->engine_input(s->engine), .gain = s->gain, .offset = s->offset, .order = s->order,
        .channels = s->channels, .width = s->width, .height = s->height, .window_width = s->width,
        .window_height = s->height, .fill = (float)s->options->fill);
    return PH_OK;
}

static ph_status objective(ph_step *s, ph_error *err)
{
    for (int i = 0; i < s->net->output_count; i++) {
        const ph_step_head *head = &s->heads[i];
        const float *activation = s->backend->engine_output(s->engine, i);
        RUN(s, head_channels, s->batch * head->channels, .activation = activation, .sums = s->channel_sums,
            .channels = head->channels, .positions = head->positions);
        RUN(s, head_value, s->batch, .activation = activation, .sums = s->channel_sums, .terms = head->terms,
            .vectors = head->vectors, .objective = s->objective, .channels = head->channels,
            .positions = head->positions, .term_count = head->term_count, .accumulate = i > 0);
    }
    return PH_OK;
}

static ph_status seed_gradient(ph_step *s, ph_error *err)
{
    for (int i = 0; i < s->net->output_count; i++) {
        const ph_step_head *head = &s->heads[i];
        RUN(s, head_seed, s->batch * head->channels * head->positions,
            .activation = s->backend->engine_output(s->engine, i), .terms = head->terms, .vectors = head->vectors,
            .gradient = s->backend->engine_output_gradient(s->engine, i), .channels = head->channels,
            .positions = head->positions, .term_count = head->term_count);
    }
    return PH_OK;
}

static ph_status warp_back(ph_step *s, ph_error *err)
{
    RUN(s, warp_vjp, s->batch * s->pixels, .input_gradient = s->backend->engine_input_gradient(s->engine),
        .maps = s->maps, .picture_gradient = s->picture_gradient, .gain = s->gain, .order = s->order,
        .channels = s->channels, .width = s->width, .height = s->height, .window_width = s->width,
        .window_height = s->height);
    return PH_OK;
}

/* norms[b] = sqrt(bias + sum (values - center)^2) over `length` values of each picture. */
static ph_status norms(ph_step *s, const float *values, int64_t length, float center, float bias, float *norm,
                       ph_error *err)
{
    const int64_t chunks = (length + PH_CHUNK - 1) / PH_CHUNK;
    RUN(s, square_sums, s->batch * chunks, .values = values, .sums = s->square_sums, .length = length, .chunks = chunks,
        .center = center);
    RUN(s, norm, s->batch, .sums = s->square_sums, .norms = norm, .chunks = chunks, .bias = bias);
    return PH_OK;
}

static ph_status penalize(ph_step *s, ph_error *err)
{
    const ph_render_options *o = s->options;
    if (s->l2_norms)
        PH_TRY(norms(s, s->picture, s->channels * s->pixels, 0.5f, 1e-6f, s->l2_norms, err));
    if (s->penalty)
        RUN(s, penalty_vjp, s->batch * s->channels * s->pixels, .picture = s->picture, .gradient = s->picture_gradient,
            .l2_norms = s->l2_norms, .channels = s->channels, .width = s->width, .height = s->height,
            .tv = (float)o->tv, .l1 = (float)o->l1, .l1_center = (float)o->l1_center, .l2 = (float)o->l2,
            .blur = (float)o->blur);
    if (!(o->high_frequency > 0))
        return PH_OK;
    /* The energy above the cut-off is |high-passed p|^2, its derivative twice the high-passed picture. */
    PH_TRY(s->backend->fft_r2c(s->fft, s->picture, s->spectrum, err));
    RUN(s, high_pass, s->batch * s->channels * s->bins, .spectrum = s->spectrum, .frequency = s->frequency,
        .bins = s->bins, .cutoff = (float)o->high_cutoff, .factor = 2.0f / (float)s->pixels);
    PH_TRY(s->backend->fft_c2r(s->fft, s->spectrum, s->planes, err));
    RUN(s, add_scaled, s->batch * s->channels * s->pixels, .to = s->picture_gradient, .from = s->planes,
        .factor = -(float)o->high_frequency);
    return PH_OK;
}

/* From the gradient of the picture to that of the parameters; it overwrites the former when they are not pixels. */
static ph_status picture_back(ph_step *s, ph_error *err)
{
    ph_colour_vjp_args args = {.picture = s->picture,
                               .picture_gradient = s->picture_gradient,
                               .planes_gradient = s->fourier ? s->planes : s->gradient,
                               .pixels = s->pixels,
                               .channels = s->channels,
                               .mix = s->mix};
    memcpy(args.matrix, ph_colour_matrix, sizeof args.matrix);
    PH_TRY(s->backend->element->colour_vjp(s->device, s->batch * s->pixels, args, err));
    if (!s->fourier)
        return PH_OK;
    PH_TRY(s->backend->fft_r2c(s->fft, s->planes, s->spectrum, err));
    RUN(s, spectrum_vjp, s->batch * s->channels * s->bins, .transformed = s->spectrum, .scale = s->scale,
        .gradient = s->gradient, .bins = s->bins, .width = s->width, .columns = s->width / 2 + 1);
    return PH_OK;
}

static ph_status ascend(ph_step *s, ph_error *err)
{
    const ph_render_options *o = s->options;
    const float beta1 = (float)o->beta1, beta2 = (float)o->beta2, epsilon = (float)o->epsilon;
    if (!s->adam) {
        PH_TRY(norms(s, s->gradient, s->parameters, 0, 0, s->norms, err));
        RUN(s, ascent, s->batch * s->parameters, .state = s->state, .values = s->parameter, .gradient = s->gradient,
            .norms = s->norms, .length = s->parameters);
    } else if (s->fourier) {
        RUN(s, adam_complex, s->batch * s->channels * s->bins, .state = s->state, .coefficients = s->parameter,
            .gradient = s->gradient, .m = s->m, .v = s->v, .frequency = s->frequency, .bins = s->bins, .beta1 = beta1,
            .beta2 = beta2, .epsilon = epsilon, .shared = o->shared_moment);
    } else {
        RUN(s, adam, s->batch * s->parameters, .state = s->state, .values = s->parameter, .gradient = s->gradient,
            .m = s->m, .v = s->v, .beta1 = beta1, .beta2 = beta2, .epsilon = epsilon);
    }
    RUN(s, advance, 1, .state = s->state);
    return PH_OK;
}

static ph_status run_calls(ph_step *step, ph_relu_mode mode, ph_error *err)
{
    PH_TRY(schedule(step, err));
    PH_TRY(picture(step, err));
    PH_TRY(warp(step, step->maps, err));
    PH_TRY(step->backend->forward(step->engine, err));
    PH_TRY(objective(step, err));
    RUN(step, record, step->batch, .state = step->state, .objective = step->objective, .course = step->course,
        .steps = step->options->steps);

    PH_TRY(seed_gradient(step, err));
    PH_TRY(step->backend->backward(step->engine, mode, err));
    PH_TRY(warp_back(step, err));
    PH_TRY(penalize(step, err));
    PH_TRY(picture_back(step, err));
    return ascend(step, err);
}

static ph_status record(ph_step *step, ph_relu_mode mode, ph_error *err)
{
    const ph_backend *backend = step->backend;
    PH_TRY(backend->record_begin(step->device, err));
    const ph_status status = run_calls(step, mode, err);
    if (status == PH_OK)
        return backend->record_end(step->device, &step->recordings[mode], err);
    (void)backend->record_end(step->device, NULL, NULL);
    return status;
}

ph_status ph_step_run(ph_step *step, ph_relu_mode mode, ph_error *err)
{
    if (!step->backend->replay || !step->rehearsed[mode]) {
        step->rehearsed[mode] = true;
        return run_calls(step, mode, err);
    }
    if (!step->recordings[mode])
        PH_TRY(record(step, mode, err));
    return step->backend->replay(step->recordings[mode], err);
}

bool ph_step_is_queued(const ph_step *step)
{
    return step->backend->replay != NULL;
}

static ph_status read_reals(ph_step *s, float *to, const float *from, int64_t count, ph_error *err)
{
    return s->backend->read(s->device, to, from, (size_t)count * sizeof *to, err);
}

ph_status ph_step_objectives(ph_step *step, float *objectives, ph_error *err)
{
    return read_reals(step, objectives, step->objective, step->batch, err);
}

ph_status ph_step_gradient_norms(ph_step *step, float *gradient_norms, ph_error *err)
{
    const float *gradient = step->backend->engine_input_gradient(step->engine);
    PH_TRY(norms(step, gradient, step->channels * step->pixels, 0, 0, step->norms, err));
    return read_reals(step, gradient_norms, step->norms, step->batch, err);
}

ph_status ph_step_course(ph_step *step, float *course, ph_error *err)
{
    return read_reals(step, course, step->course, (int64_t)step->batch * step->options->steps, err);
}

ph_status ph_step_planes(ph_step *step, float *planes, ph_error *err)
{
    const float *device_planes;
    PH_TRY(synthesize(step, &device_planes, err));
    return read_reals(step, planes, device_planes, step->batch * step->channels * step->pixels, err);
}

ph_status ph_step_clean(ph_step *step, const float *pictures, float *objectives, ph_error *err)
{
    const size_t bytes = (size_t)(step->batch * step->channels * step->pixels) * sizeof *pictures;
    PH_TRY(step->backend->write(step->device, step->picture, pictures, bytes, err));
    PH_TRY(warp(step, step->still, err));
    PH_TRY(step->backend->forward(step->engine, err));
    PH_TRY(objective(step, err));
    return ph_step_objectives(step, objectives, err);
}
