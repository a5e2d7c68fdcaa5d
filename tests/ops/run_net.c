#include "run_net.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

int ops_backends(const ph_backend *list[OPS_MAX_BACKENDS], bool with_ref)
{
    int count = 0;
    for (int i = 0; i < ph_registry_count(); i++) {
        const ph_backend *backend = NULL;
        const char *name = ph_registry_name(i, &backend);
        if (backend && (with_ref || strcmp(name, "ref") != 0) && count < OPS_MAX_BACKENDS)
            list[count++] = backend;
    }
    return count;
}

bool ops_usable(const ph_backend *backend)
{
    char text[256];
    ph_error err = {0};
    return backend->probe(text, sizeof text, &err) == PH_OK;
}

void ops_announce(void)
{
    fflush(stdout);
    const pid_t child = fork();
    if (child > 0) {
        waitpid(child, NULL, 0);
        return;
    }
    const ph_backend *list[OPS_MAX_BACKENDS];
    const int count = child == 0 ? ops_backends(list, true) : 0;
    for (int i = 0; i < count; i++) {
        char text[256];
        ph_error err = {0};
        if (list[i]->probe(text, sizeof text, &err) != PH_OK)
            printf("SKIP: backend %s: %s\n", list[i]->name, err.message);
    }
    if (child == 0) {
        fflush(stdout);
        _exit(0);
    }
}

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

ops_session ops_open(const ph_backend *backend, int threads, const ph_net *net, int batch, const char *text)
{
    ops_session s = {.backend = backend, .net = net, .batch = batch, .text = text};
    const ph_device_options options = {.threads = threads};
    DEMAND(&s, backend->open(&options, &s.device, &err));
    int64_t bytes = -1;
    DEMAND(&s, backend->engine_bytes(s.device, net, batch, true, &bytes, &err));
    ck_assert_msg(bytes > 0, "%s: engine_bytes says %lld: %s", backend->name, (long long)bytes, text);
    DEMAND(&s, backend->engine_new(s.device, net, batch, true, &s.engine, &err));
    s.input_count = ph_shape_count(&net->tensors[net->input].shape) * batch;
    for (int o = 0; o < net->output_count; o++)
        s.output_count += output_size(&s, o);
    return s;
}

void ops_close(ops_session *s)
{
    s->backend->engine_free(s->engine);
    s->backend->close(s->device);
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

void ops_forward(ops_session *s, const float *input, float *output)
{
    const ph_backend *b = s->backend;
    for (int o = 0; o < s->net->output_count; o++)
        poison(s, b->engine_output(s->engine, o), output_size(s, o));
    DEMAND(s, b->write(s->device, b->engine_input(s->engine), input, (size_t)s->input_count * sizeof *input, &err));
    DEMAND(s, b->forward(s->engine, &err));
    for (int o = 0; o < s->net->output_count; o++) {
        const int64_t count = output_size(s, o);
        DEMAND(s, b->read(s->device, output, b->engine_output(s->engine, o), (size_t)count * sizeof *output, &err));
        output += count;
    }
}

void ops_backward(ops_session *s, ph_relu_mode mode, const float *output_gradient, float *input_gradient)
{
    const ph_backend *b = s->backend;
    poison(s, b->engine_input_gradient(s->engine), s->input_count);
    for (int o = 0; o < s->net->output_count; o++) {
        const int64_t count = output_size(s, o);
        DEMAND(s, b->write(s->device, b->engine_output_gradient(s->engine, o), output_gradient,
                           (size_t)count * sizeof *output_gradient, &err));
        output_gradient += count;
    }
    DEMAND(s, b->backward(s->engine, mode, &err));
    DEMAND(s, b->read(s->device, input_gradient, b->engine_input_gradient(s->engine),
                      (size_t)s->input_count * sizeof *input_gradient, &err));
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

void ops_expect_bits(const ops_session *s, const char *what, const float *got, const float *want, int64_t count)
{
    for (int64_t i = 0; i < count; i++)
        if (memcmp(&got[i], &want[i], sizeof *got) != 0 || !isfinite(got[i]))
            ck_abort_msg("%s: %s[%lld] of %lld is %a, expected the same bits as %a: %s", s->backend->name, what,
                         (long long)i, (long long)count, (double)got[i], (double)want[i], s->text);
}
