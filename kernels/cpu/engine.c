#include "kernels/cpu/engine.h"
#include "host/base/alloc.h"
#include "host/base/clock.h"
#include "host/base/status.h"
#include "kernels/cpu/plan.h"
#include "kernels/cpu/threads.h"

#include <omp.h>
#include <string.h>

struct ph_engine {
    ph_cpu_plan *plan;
    float *input, *input_gradient;
    float **outputs, **output_gradients;
    char *kept;       /* batch x kept_bytes */
    char *passing;    /* lanes x wave x passing_bytes */
    char *scratch;    /* lanes x scratch_bytes */
    double *times;    /* lanes x 2 x op_count: forward, backward */
    ph_error *errors; /* per lane */
};

/* ---- Birth and death --------------------------------------------------------------------------------------------- */

ph_status ph_cpu_engine_bytes(ph_device *device, const ph_net *net, int batch, bool gradient, int64_t *bytes,
                              ph_error *err)
{
    ph_cpu_plan *plan = NULL;
    PH_TRY(ph_cpu_plan_new(device->edge, net, batch, gradient, device->cpu.threads, &plan, err));
    *bytes = plan->bytes;
    ph_cpu_plan_free(plan);
    return PH_OK;
}

/* `times` blocks of `bytes`, zeroed; a block of nothing is fine. */
static ph_status take(void *out, int64_t bytes, int64_t times, ph_error *err)
{
    void *memory = ph_alloc_aligned((size_t)bytes, (size_t)times);
    memcpy(out, &memory, sizeof memory);
    return memory ? PH_OK
                  : ph_fail(err, PH_NO_MEMORY,
                            "out of memory allocating %lld bytes for the network: use a smaller batch or picture",
                            (long long)(bytes * times));
}

static ph_status take_ends(ph_engine *e, ph_error *err)
{
    const ph_cpu_plan *plan = e->plan;
    const ph_net *net = plan->net;
    const int64_t input = ph_shape_count(&net->tensors[net->input].shape) * (int64_t)sizeof(float);
    PH_TRY(take(&e->input, input, plan->batch, err));
    if (plan->gradient)
        PH_TRY(take(&e->input_gradient, input, plan->batch, err));
    e->outputs = ph_alloc((size_t)net->output_count, sizeof *e->outputs);
    e->output_gradients = ph_alloc((size_t)net->output_count, sizeof *e->output_gradients);
    if (!e->outputs || !e->output_gradients)
        return ph_fail_memory(err, (size_t)net->output_count * sizeof *e->outputs, "the outputs of the network");
    for (int i = 0; i < net->output_count; i++) {
        const int64_t bytes = ph_shape_count(&net->tensors[net->outputs[i]].shape) * (int64_t)sizeof(float);
        PH_TRY(take(&e->outputs[i], bytes, plan->batch, err));
        if (plan->gradient)
            PH_TRY(take(&e->output_gradients[i], bytes, plan->batch, err));
    }
    return PH_OK;
}

static ph_status make(ph_engine *e, ph_error *err)
{
    ph_cpu_plan *plan = e->plan;
    PH_TRY(take_ends(e, err));
    PH_TRY(take(&e->kept, plan->kept_bytes, plan->batch, err));
    PH_TRY(take(&e->passing, plan->passing_bytes, (int64_t)plan->lanes * plan->wave, err));
    PH_TRY(take(&e->scratch, plan->scratch_bytes, plan->lanes, err));
    e->times = ph_alloc((size_t)plan->net->op_count * (size_t)plan->lanes, 2 * sizeof *e->times);
    e->errors = ph_alloc((size_t)plan->lanes, sizeof *e->errors);
    if (!e->times || !e->errors)
        return ph_fail_memory(err, (size_t)plan->lanes * sizeof *e->errors, "the network");
    for (size_t i = 0; i < plan->node_count; i++)
        if (plan->nodes[i].kernel->make)
            PH_TRY(plan->nodes[i].kernel->make(plan, &plan->nodes[i], err));
    return PH_OK;
}

/* Systems that promise more memory than they have would stop the program in the middle of a step. */
static ph_status check_room(ph_device *device, const ph_cpu_plan *plan, ph_error *err)
{
    const int64_t room = ph_cpu_memory_available(device), mebi = INT64_C(1) << 20;
    if (plan->bytes <= room)
        return PH_OK;
    return ph_fail(err, PH_NO_MEMORY,
                   "cpu: the network needs %lld MiB for %d pictures and %lld MiB are available: use a smaller batch or "
                   "picture",
                   (long long)(plan->bytes / mebi + 1), plan->batch, (long long)(room / mebi));
}

ph_status ph_cpu_engine_new(ph_device *device, const ph_net *net, int batch, bool gradient, ph_engine **out,
                            ph_error *err)
{
    *out = NULL;
    ph_engine *e = ph_alloc(1, sizeof *e);
    if (!e)
        return ph_fail_memory(err, sizeof *e, "the network");
    ph_status status = ph_cpu_plan_new(device->edge, net, batch, gradient, device->cpu.threads, &e->plan, err);
    if (status == PH_OK)
        status = check_room(device, e->plan, err);
    if (status == PH_OK) {
        const int before = ph_cpu_threads_set(device->cpu.threads);
        status = make(e, err);
        ph_cpu_threads_set(before);
    }
    if (status != PH_OK) {
        ph_cpu_engine_free(e);
        return status;
    }
    *out = e;
    return PH_OK;
}

void ph_cpu_engine_free(ph_engine *e)
{
    if (!e)
        return;
    for (int i = 0; e->plan && i < e->plan->net->output_count; i++) {
        if (e->outputs)
            ph_free_aligned(e->outputs[i]);
        if (e->output_gradients)
            ph_free_aligned(e->output_gradients[i]);
    }
    ph_free(e->outputs);
    ph_free(e->output_gradients);
    ph_free_aligned(e->input);
    ph_free_aligned(e->input_gradient);
    ph_free_aligned(e->kept);
    ph_free_aligned(e->passing);
    ph_free_aligned(e->scratch);
    ph_free(e->times);
    ph_free(e->errors);
    ph_cpu_plan_free(e->plan);
    ph_free(e);
}

float *ph_cpu_engine_input(ph_engine *e)
{
    return e->input;
}

float *ph_cpu_engine_input_gradient(ph_engine *e)
{
    return e->input_gradient;
}

float *ph_cpu_engine_output(ph_engine *e, int output)
{
    return e->outputs[output];
}

float *ph_cpu_engine_output_gradient(ph_engine *e, int output)
{
    return e->output_gradients[output];
}

/* ---- Where values stand ------------------------------------------------------------------------------------------ */

const ph_cpu_value *ph_cpu_in(const ph_cpu_call *call, int input)
{
    return &call->plan->values[call->node->in[input]];
}

const ph_cpu_value *ph_cpu_out(const ph_cpu_call *call)
{
    return &call->plan->values[call->node->out];
}

float *ph_cpu_write(const ph_cpu_call *call, const ph_cpu_value *value)
{
    const ph_cpu_plan *plan = call->plan;
    if (value->root == plan->plain[plan->net->input])
        return call->input;
    const ph_cpu_value *root = &plan->values[value->root];
    return (root->keep ? call->kept_values : call->passing) + root->offset;
}

const float *ph_cpu_read(const ph_cpu_call *call, const ph_cpu_value *value)
{
    return value->constant ? value->constant : ph_cpu_write(call, value);
}

float *ph_cpu_gradient(const ph_cpu_call *call, const ph_cpu_value *value)
{
    const ph_cpu_plan *plan = call->plan;
    if (!value->gradient)
        return NULL;
    if (value->gradient_root == plan->plain[plan->net->input])
        return call->gradient;
    return call->passing + plan->values[value->gradient_root].gradient_offset;
}

/* ---- Running ----------------------------------------------------------------------------------------------------- */

typedef struct pass {
    ph_engine *engine;
    bool backward;
    ph_relu_mode mode;
} pass;

static float *picture_of(float *buffer, int64_t count, int picture)
{
    return buffer ? buffer + count * picture : NULL;
}

static void aim(const ph_engine *e, ph_cpu_call *call, const ph_cpu_node *node, int picture)
{
    const ph_cpu_plan *plan = e->plan;
    call->node = node;
    call->kept = e->kept + plan->kept_bytes * picture + node->kept_offset;
    if (node->delivery < 0)
        return;
    const int64_t count = ph_shape_count(&plan->net->tensors[plan->net->outputs[node->delivery]].shape);
    call->output = picture_of(e->outputs[node->delivery], count, picture);
    call->output_gradient = picture_of(e->output_gradients[node->delivery], count, picture);
}

/* A call for one picture: `slot` says which part of the passing memory is its own for now. */
static ph_cpu_call call_for(const pass *p, int lane, int slot, int picture)
{
    const ph_engine *e = p->engine;
    const ph_cpu_plan *plan = e->plan;
    const int64_t input = ph_shape_count(&plan->net->tensors[plan->net->input].shape);
    ph_cpu_call call = {.plan = plan, .mode = p->mode, .lane = lane};
    call.kept_values = (float *)(void *)(e->kept + plan->kept_bytes * picture);
    call.passing = (float *)(void *)(e->passing + plan->passing_bytes * slot);
    call.scratch = e->scratch + plan->scratch_bytes * lane;
    call.input = picture_of(e->input, input, picture);
    call.gradient = picture_of(e->input_gradient, input, picture);
    return call;
}

/* Some pictures through all nodes, one way, node by node: its weights come into the caches once for all of them. */
static ph_status run_wave(const pass *p, int lane, int first_slot, int first, int count, ph_error *err)
{
    const ph_engine *e = p->engine;
    const ph_cpu_plan *plan = e->plan;
    double *times = e->times + (2 * lane + (p->backward ? 1 : 0)) * plan->net->op_count;
    for (size_t i = 0; i < plan->node_count; i++) {
        const ph_cpu_node *node = &plan->nodes[p->backward ? plan->node_count - 1 - i : i];
        if (p->backward && !node->backward)
            continue;
        const double start = ph_clock_seconds();
        for (int k = 0; k < count; k++) {
            ph_cpu_call call = call_for(p, lane, first_slot + k, first + k);
            aim(e, &call, node, first + k);
            PH_TRY(p->backward ? node->kernel->backward(&call, err) : node->kernel->forward(&call, err));
        }
        if (node->op_index >= 0)
            times[node->op_index] += ph_clock_seconds() - start;
    }
    return PH_OK;
}

/* lanes x wave pictures from `first` on, side by side. */
static ph_status run_side_by_side(const pass *p, int first, int wave, ph_error *err)
{
    ph_engine *e = p->engine;
    const int lanes = e->plan->lanes;
#pragma omp parallel for num_threads(lanes) schedule(static, 1)
    for (int lane = 0; lane < lanes; lane++)
        e->errors[lane].status = run_wave(p, lane, lane * e->plan->wave, first + lane * wave, wave, &e->errors[lane]);
    for (int lane = 0; lane < lanes; lane++)
        if (e->errors[lane].status != PH_OK)
            return ph_fail(err, e->errors[lane].status, "%s", e->errors[lane].message);
    return PH_OK;
}

/* As long as every lane gets pictures of its own they run side by side; all threads share each of the rest. */
static ph_status run_batch(const pass *p, ph_error *err)
{
    const ph_cpu_plan *plan = p->engine->plan;
    int done = 0;
    while (plan->lanes > 1 && plan->batch - done >= plan->lanes) {
        const int each = (plan->batch - done) / plan->lanes, wave = each < plan->wave ? each : plan->wave;
        PH_TRY(run_side_by_side(p, done, wave, err));
        done += wave * plan->lanes;
    }
    for (int count; done < plan->batch; done += count) {
        const int rest = plan->batch - done, slots = plan->lanes * plan->wave;
        count = rest < slots ? rest : slots;
        PH_TRY(run_wave(p, 0, 0, done, count, err));
    }
    return PH_OK;
}

static ph_status run(const pass *p, ph_error *err)
{
    const int before = ph_cpu_threads_set(p->engine->plan->threads);
    const ph_status status = run_batch(p, err);
    ph_cpu_threads_set(before);
    return status;
}

ph_status ph_cpu_engine_forward(ph_engine *engine, ph_error *err)
{
    return run(&(pass){.engine = engine}, err);
}

ph_status ph_cpu_engine_backward(ph_engine *engine, ph_relu_mode mode, ph_error *err)
{
    if (!engine->plan->gradient)
        return ph_fail(err, PH_MISUSE, "cpu: backward on an engine made for forward only: make it with gradient");
    return run(&(pass){.engine = engine, .backward = true, .mode = mode}, err);
}

void ph_cpu_engine_times(const ph_engine *e, double *forward, double *backward)
{
    const int ops = e->plan->net->op_count, lanes = e->plan->lanes;
    for (int i = 0; i < ops; i++) {
        forward[i] = backward[i] = 0;
        /* Lanes work side by side: their mean is the time that passes. */
        for (int lane = 0; lane < lanes; lane++) {
            forward[i] += e->times[2 * lane * ops + i] / lanes;
            backward[i] += e->times[(2 * lane + 1) * ops + i] / lanes;
        }
    }
}
