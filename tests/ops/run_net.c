#include "run_net.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define DEMAND(session, call)                                                                                          \
    do {                                                                                                               \
        ph_error err = {0};                                                                                            \
        const ph_status status = (call);                                                                               \
        ck_assert_msg(status == PH_OK, "%s: %s: %s: %s", (session)->backend->name, #call, err.message,                 \
                      (session)->text);                                                                                \
    } while (0)

float *ops_floats(int64_t count)
{
    float *floats = calloc((size_t)count + 1, sizeof *floats);
    ck_assert_ptr_nonnull(floats);
    return floats;
}

static int64_t output_size(const ops_session *s, int output)
{
    return ph_shape_count(&s->net->tensors[s->net->outputs[output]].shape) * s->batch;
}

enum { GUARD_BYTES = 4096, GUARD_FILL = 0x5a };

/* Memory beside the engine's, to see whether the engine writes where it should not. */
static void *guard_new(ops_session *s)
{
    unsigned char fill[GUARD_BYTES];
    memset(fill, GUARD_FILL, sizeof fill);
    void *guard = NULL;
    DEMAND(s, s->backend->memory_new(s->device, GUARD_BYTES, &guard, &err));
    DEMAND(s, s->backend->write(s->device, guard, fill, GUARD_BYTES, &err));
    return guard;
}

static void guard_check(ops_session *s, void *guard)
{
    unsigned char now[GUARD_BYTES];
    DEMAND(s, s->backend->read(s->device, now, guard, GUARD_BYTES, &err));
    for (int i = 0; i < GUARD_BYTES; i++)
        if (now[i] != GUARD_FILL)
            ck_abort_msg("%s: byte %d of memory beside the engine was overwritten: %s", s->backend->name, i, s->text);
    s->backend->memory_free(s->device, guard);
}

ops_session ops_open(const test_setup *setup, int threads, const ph_net *net, int batch, const char *text)
{
    const ph_backend *backend = setup->backend;
    ops_session s = {.backend = backend, .precision = setup->precision_name, .net = net, .batch = batch, .text = text};
    s.device = test_device_open(setup, threads);
    s.guards[0] = guard_new(&s);
    int64_t bytes = -1;
    DEMAND(&s, backend->engine_bytes(s.device, net, batch, true, &bytes, &err));
    ck_assert_msg(bytes > 0, "%s: engine_bytes says %lld: %s", backend->name, (long long)bytes, text);
    DEMAND(&s, backend->engine_new(s.device, net, batch, true, &s.engine, &err));
    s.guards[1] = guard_new(&s);
    s.input_count = ph_shape_count(&net->tensors[net->input].shape) * batch;
    for (int o = 0; o < net->output_count; o++)
        s.output_count += output_size(&s, o);
    return s;
}

void ops_close(ops_session *s)
{
    guard_check(s, s->guards[0]);
    guard_check(s, s->guards[1]);
    s->backend->engine_free(s->engine);
    test_device_close(s->device);
    *s = (ops_session){0};
}

static void poison(ops_session *s, float *where, int64_t count)
{
    float *nans = ops_floats(count);
    for (int64_t i = 0; i < count; i++)
        nans[i] = NAN;
    DEMAND(s, s->backend->write(s->device, where, nans, (size_t)count * sizeof *nans, &err));
    free(nans);
}

static void put_input(ops_session *s, const float *input)
{
    const ph_backend *b = s->backend;
    for (int o = 0; o < s->net->output_count; o++)
        poison(s, b->engine_output(s->engine, o), output_size(s, o));
    DEMAND(s, b->write(s->device, b->engine_input(s->engine), input, (size_t)s->input_count * sizeof *input, &err));
}

static void get_output(ops_session *s, float *output)
{
    const ph_backend *b = s->backend;
    for (int o = 0; o < s->net->output_count; o++) {
        const int64_t count = output_size(s, o);
        DEMAND(s, b->read(s->device, output, b->engine_output(s->engine, o), (size_t)count * sizeof *output, &err));
        output += count;
    }
}

static void put_output_gradient(ops_session *s, const float *output_gradient)
{
    const ph_backend *b = s->backend;
    poison(s, b->engine_input_gradient(s->engine), s->input_count);
    for (int o = 0; o < s->net->output_count; o++) {
        const int64_t count = output_size(s, o);
        DEMAND(s, b->write(s->device, b->engine_output_gradient(s->engine, o), output_gradient,
                           (size_t)count * sizeof *output_gradient, &err));
        output_gradient += count;
    }
}

static void get_input_gradient(ops_session *s, float *input_gradient)
{
    const ph_backend *b = s->backend;
    DEMAND(s, b->read(s->device, input_gradient, b->engine_input_gradient(s->engine),
                      (size_t)s->input_count * sizeof *input_gradient, &err));
}

void ops_forward(ops_session *s, const float *input, float *output)
{
    put_input(s, input);
    DEMAND(s, s->backend->forward(s->engine, &err));
    get_output(s, output);
}

void ops_backward(ops_session *s, ph_relu_mode mode, const float *output_gradient, float *input_gradient)
{
    put_output_gradient(s, output_gradient);
    DEMAND(s, s->backend->backward(s->engine, mode, &err));
    get_input_gradient(s, input_gradient);
}

void ops_replay_recording(ops_session *s, ph_recording *recording, const float *input, const float *output_gradient,
                          float *output, float *input_gradient)
{
    put_input(s, input);
    put_output_gradient(s, output_gradient);
    DEMAND(s, s->backend->replay(recording, &err));
    get_output(s, output);
    get_input_gradient(s, input_gradient);
}

void ops_take_picture(const ph_net *net, int batch, int picture, const float *batched, float *single)
{
    for (int o = 0; o < net->output_count; o++) {
        const int64_t count = ph_shape_count(&net->tensors[net->outputs[o]].shape);
        memcpy(single, batched + picture * count, (size_t)count * sizeof *single);
        batched += batch * count;
        single += count;
    }
}

/* Values are many, and Check writes a message down for every assertion: only failures assert. */
void ops_expect(const ops_session *s, const char *what, const float *got, const float *want, int64_t count,
                double tolerance)
{
    const char *name = s->backend->name;
    double largest = 0;
    for (int64_t i = 0; i < count; i++) {
        if (!isfinite(want[i]) || !isfinite(got[i]))
            ck_abort_msg("%s: %s[%lld] of %lld is %a, expected %a: %s", name, what, (long long)i, (long long)count,
                         (double)got[i], (double)want[i], s->text);
        largest = fmax(largest, fabs((double)want[i]));
    }
    if (largest == 0)
        ck_abort_msg("%s: %s: all of %lld values are expected to be zero, which shows nothing: %s", name, what,
                     (long long)count, s->text);
    for (int64_t i = 0; i < count; i++) {
        const double error = fabs((double)got[i] - (double)want[i]);
        if (error > tolerance * largest)
            ck_abort_msg("%s: %s[%lld] of %lld is %a, expected %a; error %.3g, allowed %.3g: %s", name, what,
                         (long long)i, (long long)count, (double)got[i], (double)want[i], error, tolerance * largest,
                         s->text);
    }
}

void ops_expect_direction(const ops_session *s, const char *what, const float *got, const float *want, int64_t count,
                          double least)
{
    double dot = 0, got2 = 0, want2 = 0;
    for (int64_t i = 0; i < count; i++) {
        dot += (double)got[i] * (double)want[i];
        got2 += (double)got[i] * (double)got[i];
        want2 += (double)want[i] * (double)want[i];
    }
    const double cosine = dot / sqrt(got2 * want2);
    ck_assert_msg(cosine >= least, "%s in %s: %s: cosine %.6f, at least %.2f expected: %s", s->backend->name,
                  s->precision, what, cosine, least, s->text);
}

void ops_expect_bits(const ops_session *s, const char *what, const float *got, const float *want, int64_t count)
{
    for (int64_t i = 0; i < count; i++)
        if (memcmp(&got[i], &want[i], sizeof *got) != 0 || !isfinite(got[i]))
            ck_abort_msg("%s: %s[%lld] of %lld is %a, expected the same bits as %a: %s", s->backend->name, what,
                         (long long)i, (long long)count, (double)got[i], (double)want[i], s->text);
}
