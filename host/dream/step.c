#include "host/base/status.h"
#include "host/dream/canvas.h"

#include <math.h>

/* One call of an element kernel, by name: kernel, count, then the fields of its argument struct. */
#define RUN(c, kernel, count, ...)                                                                                     \
    PH_TRY((c)->backend->element->kernel((c)->device, (count), (ph_##kernel##_args){__VA_ARGS__}, err))

/* ---- Tiles ------------------------------------------------------------------------------------------------------ */

/* What the tiles first … first+batch-1 maximize on output i: their objectives. */
static ph_status judge(ph_canvas *c, int i, int first, ph_error *err)
{
    const ph_plan *plan = c->config.plan;
    const ph_plan_head *head = &plan->heads[i];
    const float *activation = c->backend->engine_output(plan->engine, i);
    float *objective = c->tile_objectives + first;
    if (c->plans->guide) {
        const ph_guide_output *guide = &c->plans->guide->outputs[i];
        RUN(c, guide_match, plan->batch * head->positions, .activation = activation, .guide = guide->features,
            .match = plan->matches[i], .best = plan->best, .channels = head->channels, .positions = head->positions,
            .guide_positions = guide->positions);
        RUN(c, guide_value, plan->batch, .best = plan->best, .objective = objective, .channels = head->channels,
            .positions = head->positions, .weight = guide->weight, .accumulate = i > 0);
        return PH_OK;
    }
    RUN(c, head_channels, plan->batch * head->channels, .activation = activation, .sums = plan->channel_sums,
        .channels = head->channels, .positions = head->positions);
    RUN(c, head_value, plan->batch, .activation = activation, .sums = plan->channel_sums, .terms = head->terms,
        .vectors = head->vectors, .objective = objective, .channels = head->channels, .positions = head->positions,
        .term_count = head->term_count, .accumulate = i > 0);
    return PH_OK;
}

/* The gradient that starts the way back from output i. */
static ph_status seed(ph_canvas *c, int i, ph_error *err)
{
    const ph_plan *plan = c->config.plan;
    const ph_plan_head *head = &plan->heads[i];
    float *gradient = c->backend->engine_output_gradient(plan->engine, i);
    const int64_t count = plan->batch * head->channels * head->positions;
    if (c->plans->guide) {
        const ph_guide_output *guide = &c->plans->guide->outputs[i];
        RUN(c, guide_seed, count, .guide = guide->features, .match = plan->matches[i], .gradient = gradient,
            .channels = head->channels, .positions = head->positions, .guide_positions = guide->positions,
            .weight = guide->weight);
        return PH_OK;
    }
    RUN(c, head_seed, count, .activation = c->backend->engine_output(plan->engine, i), .terms = head->terms,
        .vectors = head->vectors, .gradient = gradient, .channels = head->channels, .positions = head->positions,
        .term_count = head->term_count);
    return PH_OK;
}

/* Tiles first … first+batch-1 through the network. */
static ph_status look(ph_canvas *c, const int *origins, int first, ph_error *err)
{
    const ph_plan *plan = c->config.plan;
    const ph_plans *plans = c->plans;
    RUN(c, tile, (int64_t)plan->batch * plan->width * plan->height, .picture = c->picture,
        .origins = origins + 2 * (int64_t)first, .input = c->backend->engine_input(plan->engine), .gain = plans->gain,
        .offset = plans->offset, .order = plans->order, .channels = c->config.channels, .width = c->config.width,
        .height = c->config.height, .tile_width = plan->width, .tile_height = plan->height);
    PH_TRY(c->backend->forward(plan->engine, err));
    for (int i = 0; i < plan->net->output_count; i++)
        PH_TRY(judge(c, i, first, err));
    return PH_OK;
}

/* Their gradients, added to the picture's. */
static ph_status gather(ph_canvas *c, const int *origins, int first, ph_relu_mode mode, ph_error *err)
{
    const ph_canvas_config *config = &c->config;
    const ph_plan *plan = config->plan;
    const ph_plans *plans = c->plans;
    for (int i = 0; i < plan->net->output_count; i++)
        PH_TRY(seed(c, i, err));
    PH_TRY(c->backend->backward(plan->engine, mode, err));
    const float *gradient = c->backend->engine_input_gradient(plan->engine);
    const int64_t columns = plan->width < config->width ? plan->width : config->width;
    const int64_t lines = plan->height < config->height ? plan->height : config->height;
    for (int t = first; t < first + plan->batch && t < c->tiles; t++)
        RUN(c, tile_vjp, lines * columns,
            .input_gradient = gradient + (int64_t)(t - first) * config->channels * plan->width * plan->height,
            .origin = origins + 2 * (int64_t)t, .gradient = c->gradient,
            .weight_y = c->weight_y + (int64_t)(t / config->columns) * plan->height,
            .weight_x = c->weight_x + (int64_t)(t % config->columns) * plan->width, .gain = plans->gain,
            .order = plans->order, .channels = config->channels, .width = config->width, .height = config->height,
            .tile_width = plan->width, .tile_height = plan->height);
    return PH_OK;
}

static ph_status read_objective(ph_canvas *c, double *objective, ph_error *err)
{
    PH_TRY(
        c->backend->read(c->device, c->objectives, c->tile_objectives, (size_t)c->padded * sizeof *c->objectives, err));
    double sum = 0;
    for (int i = 0; i < c->tiles; i++)
        sum += (double)c->objectives[i];
    *objective = sum / c->tiles;
    if (!isfinite(*objective))
        return ph_fail(err, PH_NOT_FINITE, "the objective is not finite: is the right --preprocess given?");
    return PH_OK;
}

ph_status ph_canvas_objective(ph_canvas *canvas, double *objective, ph_error *err)
{
    const int *origins = canvas->origins + (int64_t)canvas->config.steps * canvas->padded * 2;
    for (int first = 0; first < canvas->tiles; first += canvas->config.plan->batch)
        PH_TRY(look(canvas, origins, first, err));
    return read_objective(canvas, objective, err);
}

/* ---- The size of the gradient ----------------------------------------------------------------------------------- */

/* Pair number `pair` of the rates: numerator over the mean size (root: the root mean square) of `length` values, of
 * which `weight` count. */
static ph_status measure(ph_canvas *c, const float *values, int64_t length, double weight, bool root, float numerator,
                         int pair, ph_error *err)
{
    const int64_t groups = (length + PH_SPREAD - 1) / PH_SPREAD, spread = (groups + PH_SPREAD - 1) / PH_SPREAD;
    RUN(c, abs_sums, groups, .values = values, .sums = c->sums, .length = length, .square = root);
    RUN(c, spread_sums, spread, .values = c->sums, .sums = c->spread, .length = groups);
    RUN(c, magnitude, 1, .sums = c->spread, .rate = c->rates + 2 * pair, .count = spread, .weight = weight,
        .numerator = numerator, .root = root);
    return PH_OK;
}

/* Splits the gradient into levels, measures each, and puts them together again, all of one size (lap_normalize). */
static ph_status equalize_levels(ph_canvas *c, ph_error *err)
{
    int width[PH_PYRAMID_LEVELS + 1] = {c->config.width}, height[PH_PYRAMID_LEVELS + 1] = {c->config.height};
    float *plane[PH_PYRAMID_LEVELS + 1] = {c->gradient};
    const int64_t channels = c->config.channels;
    for (int i = 0; i < PH_PYRAMID_LEVELS; i++) {
        plane[i + 1] = c->levels[i];
        width[i + 1] = (width[i] + 1) / 2;
        height[i + 1] = (height[i] + 1) / 2;
        RUN(c, pyramid_down, channels * width[i + 1] * height[i + 1], .fine = plane[i], .coarse = plane[i + 1],
            .width = width[i], .height = height[i]);
        RUN(c, pyramid_up, channels * width[i] * height[i], .coarse = plane[i + 1], .fine = plane[i], .width = width[i],
            .height = height[i], .factor = -1);
    }
    for (int i = 0; i <= PH_PYRAMID_LEVELS; i++) {
        const int64_t count = channels * width[i] * height[i];
        PH_TRY(measure(c, plane[i], count, (double)count, true, 1, i + 1, err));
    }
    for (int i = PH_PYRAMID_LEVELS - 1; i >= 0; i--)
        RUN(c, pyramid_up, channels * width[i] * height[i], .coarse = plane[i + 1], .fine = plane[i],
            .fine_rate = c->rates + 2 * (i + 1),
            .coarse_rate = i + 1 == PH_PYRAMID_LEVELS ? c->rates + 2 * (i + 2) : NULL, .width = width[i],
            .height = height[i], .factor = 1);
    return PH_OK;
}

static ph_status apply_mask(ph_canvas *c, ph_error *err)
{
    if (c->mask)
        RUN(c, mask_planes, c->values, .values = c->gradient, .mask = c->mask, .pixels = c->pixels);
    return PH_OK;
}

static ph_status climb(ph_canvas *c, ph_error *err)
{
    const bool laplacian = c->config.gradient == PH_GRADIENT_LAPLACIAN;
    const double weight = c->mask_sum * c->config.channels;
    if (!laplacian)
        PH_TRY(apply_mask(c, err));
    PH_TRY(measure(c, c->gradient, c->values, weight, c->config.gradient == PH_GRADIENT_RMS, c->config.step, 0, err));
    if (laplacian) {
        PH_TRY(equalize_levels(c, err));
        PH_TRY(apply_mask(c, err));
    }
    if (c->fourier)
        return ph_fourier_climb(c->fourier, c->picture, c->gradient, err);
    RUN(c, climb, c->values, .picture = c->picture, .gradient = c->gradient,
        .rate = laplacian ? c->rates + PH_RATES : c->rates);
    return PH_OK;
}

/* ---- One step --------------------------------------------------------------------------------------------------- */

ph_status ph_canvas_step(ph_canvas *canvas, const ph_canvas_step_config *config, ph_canvas_outcome *outcome,
                         ph_error *err)
{
    const int *origins = canvas->origins + (int64_t)config->number * canvas->padded * 2;
    const int batch = canvas->config.plan->batch;
    RUN(canvas, fill, canvas->values, .to = canvas->gradient, .value = 0);
    for (int first = 0; first < canvas->tiles; first += batch) {
        if (first && config->ask && !config->ask((double)first / canvas->tiles, config->user))
            return ph_fail(err, PH_INTERRUPTED, "interrupted between two tiles");
        PH_TRY(look(canvas, origins, first, err));
        PH_TRY(gather(canvas, origins, first, config->mode, err));
    }
    PH_TRY(climb(canvas, err));
    PH_TRY(read_objective(canvas, &outcome->objective, err));
    float pair[2];
    PH_TRY(canvas->backend->read(canvas->device, pair, canvas->rates, sizeof pair, err));
    outcome->magnitude = (double)pair[1];
    if (!isfinite(outcome->magnitude))
        return ph_fail(err, PH_NOT_FINITE, "the gradient is not finite: is the right --preprocess given?");
    return PH_OK;
}
