#include "host/dream/plan.h"

#include "host/base/alloc.h"
#include "host/base/status.h"
#include "host/dream/memory.h"
#include "host/dream/tiling.h"
#include "host/model/lower.h"
#include "host/objective/heads.h"

/* 512 is large enough for the overlap to cost little and small enough for a network's activations to stay below a few
 * hundred megabytes. A photo with no more pixels than two such tiles is one tile, without overlap. When memory is short
 * the tiles are halved, but not below what a network's maps need. */
enum { TILE_LARGEST = 512, TILE_LEAST = 64 };

/* ---- One plan --------------------------------------------------------------------------------------------------- */

static void plan_free(ph_device *device, ph_plan *plan)
{
    if (!plan)
        return;
    for (int i = 0; plan->heads && i < plan->net->output_count; i++) {
        ph_memory_release(device, plan->heads[i].terms);
        ph_memory_release(device, plan->heads[i].vectors);
        if (plan->matches)
            ph_memory_release(device, plan->matches[i]);
    }
    ph_memory_release(device, plan->best);
    ph_memory_release(device, plan->channel_sums);
    ph_device_backend(device)->engine_free(plan->engine);
    ph_net_free(&plan->net);
    ph_free(plan->heads);
    ph_free(plan->matches);
    ph_free(plan);
}

static ph_status upload_heads(ph_device *device, ph_plan *plan, const ph_heads *heads, ph_error *err)
{
    int64_t most = 1;
    for (size_t i = 0; i < heads->count; i++) {
        const ph_head *head = &heads->head[i];
        ph_plan_head *to = &plan->heads[i];
        to->channels = head->channels;
        to->positions = head->positions;
        to->term_count = head->term_count;
        most = head->channels > most ? head->channels : most;
        const size_t terms = (size_t)plan->batch * (size_t)head->term_count;
        const size_t vectors = (size_t)head->vector_count * (size_t)head->channels;
        PH_TRY(ph_memory_upload(device, (void **)&to->terms, head->terms, terms * sizeof *head->terms, err));
        PH_TRY(ph_memory_upload(device, (void **)&to->vectors, head->vectors, vectors * sizeof *head->vectors, err));
    }
    const size_t sums = (size_t)plan->batch * (size_t)most * 2 * sizeof *plan->channel_sums;
    return ph_memory_upload(device, (void **)&plan->channel_sums, NULL, sums, err);
}

static ph_status make_matches(ph_device *device, ph_plan *plan, ph_error *err)
{
    int64_t most = 1;
    plan->matches = ph_alloc((size_t)plan->net->output_count, sizeof *plan->matches);
    if (!plan->matches)
        return ph_fail_memory(err, sizeof *plan->matches, "a plan");
    for (int i = 0; i < plan->net->output_count; i++) {
        const int64_t positions = plan->heads[i].positions;
        most = positions > most ? positions : most;
        const size_t bytes = (size_t)(plan->batch * positions) * sizeof **plan->matches;
        PH_TRY(ph_memory_upload(device, (void **)&plan->matches[i], NULL, bytes, err));
    }
    const size_t bytes = (size_t)(plan->batch * most) * sizeof *plan->best;
    return ph_memory_upload(device, (void **)&plan->best, NULL, bytes, err);
}

/* Every tile of a batch maximizes the same target. */
static ph_status make_heads(const ph_plans *plans, const ph_net *net, int batch, ph_heads **heads, ph_error *err)
{
    const ph_target **targets = ph_alloc((size_t)batch, sizeof(void *));
    ph_shape *shapes = ph_alloc(plans->wanted_count, sizeof *shapes);
    ph_status status = PH_OK;
    if (!targets || !shapes) {
        status = ph_fail_memory(err, (size_t)batch * sizeof(void *), "the targets of the tiles");
    } else {
        for (int i = 0; i < batch; i++)
            targets[i] = plans->target;
        for (size_t i = 0; i < plans->wanted_count; i++)
            shapes[i] = net->tensors[net->outputs[i]].shape;
        status = ph_heads_new(targets, batch, plans->wanted, shapes, plans->wanted_count, heads, err);
    }
    ph_free(targets);
    ph_free(shapes);
    return status;
}

/* ---- All of them ------------------------------------------------------------------------------------------------ */

static ph_status upload_preprocessing(ph_plans *plans, ph_error *err)
{
    const ph_preprocess *p = plans->model->preprocess;
    float gain[PH_MAX_CHANNELS], offset[PH_MAX_CHANNELS];
    for (int c = 0; c < p->channels; c++) {
        gain[c] = (p->hi - p->lo) / p->std[c];
        offset[c] = (p->lo - p->mean[c]) / p->std[c];
    }
    const size_t reals = (size_t)p->channels * sizeof(float);
    PH_TRY(ph_memory_upload(plans->device, (void **)&plans->gain, gain, reals, err));
    PH_TRY(ph_memory_upload(plans->device, (void **)&plans->offset, offset, reals, err));
    return ph_memory_upload(plans->device, (void **)&plans->order, p->order, (size_t)p->channels * sizeof(int), err);
}

ph_status ph_plans_new(const ph_model *model, ph_device *device, const ph_target *target, const char *guide,
                       int64_t limit, ph_plans **out, ph_error *err)
{
    *out = NULL;
    ph_plans *plans = ph_alloc(1, sizeof *plans);
    if (!plans)
        return ph_fail_memory(err, sizeof *plans, "the plans");
    *plans = (ph_plans){.model = model, .device = device, .target = target, .limit = limit};
    ph_status status = ph_heads_values(&target, 1, &plans->wanted, &plans->wanted_count, err);
    if (status == PH_OK)
        status = upload_preprocessing(plans, err);
    if (status == PH_OK && *guide)
        status = ph_guide_new(model, device, target, plans->wanted, plans->wanted_count, guide, &plans->guide, err);
    if (status == PH_OK)
        *out = plans;
    else
        ph_plans_free(&plans);
    return status;
}

void ph_plans_free(ph_plans **plans)
{
    if (!plans || !*plans)
        return;
    ph_plans *p = *plans;
    for (size_t i = 0; i < p->count; i++)
        plan_free(p->device, p->list[i]);
    ph_free(p->list);
    ph_memory_release(p->device, p->gain);
    ph_memory_release(p->device, p->offset);
    ph_memory_release(p->device, p->order);
    ph_guide_free(&p->guide);
    ph_free(p->wanted);
    ph_free(p);
    *plans = NULL;
}

static int64_t bytes_held(const ph_plans *plans)
{
    int64_t bytes = 0;
    for (size_t i = 0; i < plans->count; i++)
        bytes += plans->list[i]->bytes;
    return bytes;
}

static void drop_oldest(ph_plans *plans)
{
    size_t oldest = 0;
    for (size_t i = 1; i < plans->count; i++)
        if (plans->list[i]->used < plans->list[oldest]->used)
            oldest = i;
    plan_free(plans->device, plans->list[oldest]);
    plans->list[oldest] = plans->list[--plans->count];
}

/* ---- Making one ------------------------------------------------------------------------------------------------- */

/* Whether the objective can be read from the net: a classifier that sees more than its own size gives a map of logits
 * where one row is expected. */
static bool usable(const ph_net *net)
{
    for (int i = 0; i < net->output_count; i++) {
        const ph_shape *shape = &net->tensors[net->outputs[i]].shape;
        if (shape->rank < 2 || shape->rank > 4 || shape->dim[0] != 1)
            return false;
    }
    return true;
}

static ph_status lower_tile(const ph_plans *plans, int width, int height, ph_net **net, ph_error *err)
{
    ph_lower_options lower = {.simplify = true, .wanted = plans->wanted, .wanted_count = (int)plans->wanted_count};
    PH_TRY(ph_picture_shape(plans->model->graph, width, height, &lower.input, &lower.channels_last, err));
    PH_TRY(ph_lower(plans->model->graph, &lower, net, err));
    if (usable(*net))
        return PH_OK;
    ph_net_free(net);
    return ph_fail(err, PH_MISUSE, "'%.200s' cannot be maximized on tiles of %dx%d", plans->target->text, width,
                   height);
}

/* What is to be planned: the tiles of a picture, and the network that sees one. */
typedef struct layout {
    int width, height, columns, lines; /* of a tile; tiles */
    bool fixed;
    ph_net *net;
} layout;

/* Tiles of at most largest_x x largest_y, or of just that size. */
static ph_status lay_out(const ph_plans *plans, const ph_plan_request *r, int largest_x, int largest_y, bool fixed,
                         layout *l, ph_error *err)
{
    const int overlap_x = r->overlap < largest_x / 2 ? r->overlap : largest_x / 2;
    const int overlap_y = r->overlap < largest_y / 2 ? r->overlap : largest_y / 2;
    *l = (layout){.fixed = fixed};
    ph_axis_choose(r->width, largest_x, overlap_x, fixed, &l->columns, &l->width);
    ph_axis_choose(r->height, largest_y, overlap_y, fixed, &l->lines, &l->height);
    return lower_tile(plans, l->width, l->height, &l->net, err);
}

/* The size wished; where the network refuses, its own. The first refusal is the one told: it names the layer. */
static ph_status choose_layout(const ph_plans *plans, const ph_plan_request *r, int largest, layout *l, ph_error *err)
{
    const ph_status status = lay_out(plans, r, largest, largest, false, l, err);
    if (status != PH_MISUSE)
        return status;
    ph_shape own;
    bool channels_last;
    PH_TRY(ph_picture_shape(plans->model->graph, 0, 0, &own, &channels_last, NULL));
    const int height = (int)own.dim[channels_last ? 1 : 2], width = (int)own.dim[channels_last ? 2 : 3];
    return lay_out(plans, r, width, height, true, l, NULL) == PH_OK ? PH_OK : status;
}

static ph_status fail_size(const ph_plan_request *r, int64_t bytes, int64_t limit, ph_error *err)
{
    return ph_fail(err, PH_NO_MEMORY,
                   "dreaming %dx%d pixels needs %lld MiB and %lld MiB may be used: choose a smaller --tile or raise "
                   "--memory",
                   r->width, r->height, (long long)((bytes + r->reserved) >> 20), (long long)(limit >> 20));
}

/* As many tiles at once as are useful and fit, in batches of nearly equal size. */
static int even_batch(int tiles, int most)
{
    const int batches = (tiles + most - 1) / most;
    return (tiles + batches - 1) / batches;
}

static ph_plan *find(ph_plans *plans, const layout *l, int batch)
{
    for (size_t i = 0; i < plans->count; i++) {
        ph_plan *plan = plans->list[i];
        if (plan->width == l->width && plan->height == l->height && plan->batch == batch)
            return plan;
    }
    return NULL;
}

/* Takes l->net on success. */
static ph_status make(ph_plans *plans, layout *l, int batch, int64_t bytes, ph_plan **out, ph_error *err)
{
    void *list = plans->list;
    ph_plan *plan = ph_alloc(1, sizeof *plan);
    ph_heads *heads = NULL;
    ph_status status = PH_OK;
    if (!plan || ph_grow(&list, plans->count, &plans->capacity, sizeof *plans->list) != 0) {
        ph_free(plan);
        return ph_fail_memory(err, sizeof *plan, "a plan");
    }
    plans->list = list;
    *plan = (ph_plan){.width = l->width, .height = l->height, .batch = batch, .fixed = l->fixed, .bytes = bytes};
    PH_TRY_GOTO(status, fail, make_heads(plans, l->net, batch, &heads, err));
    plan->heads = ph_alloc(heads->count, sizeof *plan->heads);
    if (!plan->heads) {
        status = ph_fail_memory(err, heads->count * sizeof *plan->heads, "a plan");
        goto fail;
    }
    plan->net = l->net;
    PH_TRY_GOTO(status, fail,
                ph_device_backend(plans->device)->engine_new(plans->device, l->net, batch, true, &plan->engine, err));
    PH_TRY_GOTO(status, fail, upload_heads(plans->device, plan, heads, err));
    if (plans->guide)
        PH_TRY_GOTO(status, fail, make_matches(plans->device, plan, err));
    ph_heads_free(&heads);
    l->net = NULL;
    plans->list[plans->count++] = plan;
    plans->made++;
    *out = plan;
    return PH_OK;
fail:
    ph_heads_free(&heads);
    if (plan->net)
        l->net = NULL;
    plan_free(plans->device, plan);
    return status;
}

/* A plan for the layout with the largest batch that fits; PH_NO_MEMORY when not even one tile does. */
static ph_status fit(ph_plans *plans, const ph_plan_request *r, layout *l, ph_plan **plan, ph_error *err)
{
    const ph_backend *backend = ph_device_backend(plans->device);
    const int tiles = l->columns * l->lines;
    for (int most = r->batch > 0 ? r->batch : backend->useful_batch;; most /= 2) {
        const int batch = even_batch(tiles, most > 0 ? most : 1);
        if ((*plan = find(plans, l, batch)) != NULL)
            return PH_OK;
        int64_t bytes = 0;
        PH_TRY(backend->engine_bytes(plans->device, l->net, batch, true, &bytes, err));
        while (plans->count && bytes_held(plans) + bytes + r->reserved > plans->limit)
            drop_oldest(plans);
        if (bytes + r->reserved <= plans->limit) {
            const ph_status status = make(plans, l, batch, bytes, plan, err);
            if (status != PH_NO_MEMORY || batch == 1)
                return status;
            if (!l->net)
                PH_TRY(lower_tile(plans, l->width, l->height, &l->net, err));
        } else if (batch == 1) {
            return fail_size(r, bytes, plans->limit, err);
        }
    }
}

bool ph_plans_placed(const ph_plans *plans)
{
    for (int t = 0; t < plans->target->term_count; t++)
        if (!plans->target->terms[t].everywhere)
            return true;
    return false;
}

ph_status ph_plans_tile(ph_plans *plans, const ph_plan_request *request, int *tile, ph_error *err)
{
    const ph_backend *backend = ph_device_backend(plans->device);
    const int longer = request->width > request->height ? request->width : request->height;
    const bool small = (int64_t)request->width * request->height <= 2 * TILE_LARGEST * TILE_LARGEST;
    for (*tile = (small || ph_plans_placed(plans)) && longer > TILE_LARGEST ? longer : TILE_LARGEST;;
         *tile = *tile > TILE_LARGEST ? TILE_LARGEST : *tile / 2) {
        layout l;
        int64_t bytes = 0;
        PH_TRY(choose_layout(plans, request, *tile, &l, err));
        const ph_status status = backend->engine_bytes(plans->device, l.net, 1, true, &bytes, err);
        ph_net_free(&l.net);
        PH_TRY(status);
        if (bytes + request->reserved <= plans->limit)
            return PH_OK;
        if (l.fixed || *tile <= TILE_LEAST)
            return fail_size(request, bytes, plans->limit, err);
    }
}

ph_status ph_plans_get(ph_plans *plans, const ph_plan_request *request, ph_plan **plan, int *columns, int *lines,
                       ph_error *err)
{
    *plan = NULL;
    layout l;
    PH_TRY(choose_layout(plans, request, request->tile, &l, err));
    const ph_status status =
        l.columns * l.lines > 1 && ph_plans_placed(plans)
            ? ph_fail(err, PH_MISUSE,
                      "'%.200s' is at one place, but %dx%d pixels are seen through %d tiles: give a larger --tile, a "
                      "smaller photo, or a target without '@'",
                      plans->target->text, request->width, request->height, l.columns * l.lines)
            : fit(plans, request, &l, plan, err);
    ph_net_free(&l.net);
    *columns = l.columns;
    *lines = l.lines;
    if (status == PH_OK)
        (*plan)->used = ++plans->clock;
    return status;
}
