/* The network and the stages of the loop against PyTorch and NumPy (generate.py), on every backend. */
#include "host/model/graph.h"
#include "host/model/lower.h"
#include "tests/base/backends.h"
#include "tests/golden/npy.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static ph_error err;

static ph_device *open_device(int index, int cases)
{
    return test_device_open(test_setup_of(TEST_ALL, index, cases), 2);
}

/* The largest difference, as a part of the largest expected value, must stay below `tolerance`. */
static void compare(const char *what, const float *got, const float *expected, size_t count, double tolerance)
{
    double largest = 0, worst = 0;
    size_t where = 0;
    for (size_t i = 0; i < count; i++)
        largest = fmax(largest, fabs((double)expected[i]));
    ck_assert_msg(largest > 0, "%s: the golden data are all zero", what);
    for (size_t i = 0; i < count; i++) {
        ck_assert_msg(isfinite(got[i]), "%s[%zu] = %g", what, i, (double)got[i]);
        const double difference = fabs((double)got[i] - (double)expected[i]);
        if (difference > worst) {
            worst = difference;
            where = i;
        }
    }
    ck_assert_msg(worst <= tolerance * largest, "%s[%zu] = %a, expected %a: off by %.3g of the largest, allowed %.3g",
                  what, where, (double)got[where], (double)expected[where], worst / largest, tolerance);
}

#define OK(expression) ck_assert_msg((expression) == PH_OK, "%s", err.message)

/* ---- The network ------------------------------------------------------------------------------------------------- */

enum { PIXELS = 3 * 32 * 32, PICTURES = 2 };

/* Sums of at most 400 products, twelve layers deep, in float32 against float64: PyTorch's own float32 differs from its
 * float64 by less than this (generate.py asserts it for the gradients). */
static const double NET_TOLERANCE = 1e-5;

static const struct activation {
    const char *name;
    size_t count;
} activations[] = {
    {"pool", 4096},  {"norm", 4096}, {"grouped", 4096}, {"leaky", 2048}, {"inside", 4096}, {"cat", 10240},
    {"swish", 1536}, {"sum", 1536},  {"shrunk", 600},   {"grown", 1200}, {"logits", 10},   {"prob", 10},
};
enum { ACTIVATIONS = sizeof activations / sizeof *activations };

static int value_of(const ph_graph *graph, const char *name)
{
    for (int i = 0; i < graph->value_count; i++)
        if (strcmp(graph->values[i].name, name) == 0)
            return i;
    ck_abort_msg("net.onnx has no tensor %s", name);
    return -1;
}

/* The golden picture comes second in a batch behind a grey one, so that neighbours would show. */
typedef struct rig {
    ph_device *device;
    const ph_backend *backend;
    ph_graph *graph;
    ph_net *net;
    ph_engine *engine;
} rig;

static void set_up(rig *r, ph_device *device, const char *const *names, int count)
{
    *r = (rig){.device = device, .backend = ph_device_backend(device)};
    OK(ph_graph_read("tests/golden/net.onnx", &r->graph, &err));
    int wanted[ACTIVATIONS];
    for (int i = 0; i < count; i++)
        wanted[i] = value_of(r->graph, names[i]);
    const ph_lower_options options = {
        .input = {4, {1, 3, 32, 32}}, .wanted = wanted, .wanted_count = count, .simplify = true};
    OK(ph_lower(r->graph, &options, &r->net, &err));
    OK(r->backend->engine_new(device, r->net, PICTURES, true, &r->engine, &err));
    float *picture = ph_golden_read("net_input", PIXELS);
    float *input = r->backend->engine_input(r->engine);
    float *grey = calloc(PIXELS, sizeof *grey);
    ck_assert_ptr_nonnull(grey);
    OK(r->backend->write(device, input, grey, PIXELS * sizeof *grey, &err));
    OK(r->backend->write(device, input + PIXELS, picture, PIXELS * sizeof *picture, &err));
    OK(r->backend->forward(r->engine, &err));
    free(grey);
    free(picture);
}

static void tear_down(rig *r)
{
    r->backend->engine_free(r->engine);
    ph_net_free(&r->net);
    ph_graph_free(&r->graph);
    test_device_close(r->device);
}

START_TEST(test_activations)
{
    ph_device *device = open_device(_i, 1);
    const char *names[ACTIVATIONS];
    for (int i = 0; i < ACTIVATIONS; i++)
        names[i] = activations[i].name;
    rig r;
    set_up(&r, device, names, ACTIVATIONS);
    for (int i = 0; i < ACTIVATIONS; i++) {
        const size_t count = activations[i].count;
        char name[32];
        snprintf(name, sizeof name, "net_%s", activations[i].name);
        float *expected = ph_golden_read(name, count), *got = malloc(count * sizeof *got);
        ck_assert_ptr_nonnull(got);
        OK(r.backend->read(device, got, r.backend->engine_output(r.engine, i) + count, count * sizeof *got, &err));
        compare(activations[i].name, got, expected, count, NET_TOLERANCE);
        free(got);
        free(expected);
    }
    tear_down(&r);
}
END_TEST

/* d objective / d activation, for the picture behind `activation`. */
static void channel_seed(const float *activation, float *seed, size_t count)
{
    (void)activation;
    const size_t area = count / 40; /* 40 channels, of which the fifth */
    for (size_t i = 0; i < area; i++)
        seed[5 * area + i] = 1 / (float)area;
}

static void square_seed(const float *activation, float *seed, size_t count)
{
    for (size_t i = 0; i < count; i++)
        seed[i] = 2 * activation[i] / (float)count;
}

static void logit_seed(const float *activation, float *seed, size_t count)
{
    (void)activation;
    (void)count;
    seed[3] = 1;
}

static const struct objective {
    const char *layer, *golden;
    size_t count;
    void (*seed)(const float *activation, float *seed, size_t count);
} objectives[] = {
    {"cat", "net_gradient_channel", 10240, channel_seed},
    {"sum", "net_gradient_square", 1536, square_seed},
    {"logits", "net_gradient_logit", 10, logit_seed},
};
enum { OBJECTIVES = sizeof objectives / sizeof *objectives };

START_TEST(test_gradients)
{
    ph_device *device = open_device(_i, OBJECTIVES);
    const struct objective *o = &objectives[_i % OBJECTIVES];
    rig r;
    set_up(&r, device, &o->layer, 1);
    const size_t bytes = o->count * sizeof(float);
    float *activation = malloc(bytes), *seeds = calloc(PICTURES * o->count, sizeof *seeds);
    float gradient[PIXELS], *expected = ph_golden_read(o->golden, PIXELS);
    ck_assert(activation && seeds);
    OK(r.backend->read(device, activation, r.backend->engine_output(r.engine, 0) + o->count, bytes, &err));
    o->seed(activation, seeds + o->count, o->count);
    OK(r.backend->write(device, r.backend->engine_output_gradient(r.engine, 0), seeds, PICTURES * bytes, &err));
    OK(r.backend->backward(r.engine, PH_RELU_NORMAL, &err));
    const float *input_gradient = r.backend->engine_input_gradient(r.engine);
    OK(r.backend->read(device, gradient, input_gradient + PIXELS, sizeof gradient, &err));
    compare(o->golden, gradient, expected, PIXELS, NET_TOLERANCE);
    OK(r.backend->read(device, gradient, input_gradient, sizeof gradient, &err));
    for (int i = 0; i < PIXELS; i++)
        ck_assert_msg(gradient[i] == 0, "a picture without objective has the gradient %g", (double)gradient[i]);
    free(expected);
    free(seeds);
    free(activation);
    tear_down(&r);
}
END_TEST

/* ---- The stages -------------------------------------------------------------------------------------------------- */

/* A copy of `count` floats, or zeros when values is NULL, on the device. */
static float *upload(ph_device *device, const float *values, size_t count)
{
    const ph_backend *backend = ph_device_backend(device);
    void *memory = NULL;
    OK(backend->memory_new(device, count * sizeof(float), &memory, &err));
    if (values)
        OK(backend->write(device, memory, values, count * sizeof(float), &err));
    return memory;
}

static float *upload_golden(ph_device *device, const char *prefix, const char *name, size_t count)
{
    char full[64];
    snprintf(full, sizeof full, "%s_%s", prefix, name);
    float *values = ph_golden_read(full, count);
    float *memory = upload(device, values, count);
    free(values);
    return memory;
}

static void compare_golden(ph_device *device, const char *prefix, const char *name, const float *memory, size_t count,
                           double tolerance)
{
    char full[64];
    snprintf(full, sizeof full, "%s_%s", prefix, name);
    float *expected = ph_golden_read(full, count), *got = malloc(count * sizeof *got);
    ck_assert_ptr_nonnull(got);
    OK(ph_device_backend(device)->read(device, got, memory, count * sizeof *got, &err));
    compare(full, got, expected, count, tolerance);
    free(got);
    free(expected);
}

static const int fourier_sizes[][2] = {{24, 20}, {21, 17}};
enum { FOURIER_SIZES = sizeof fourier_sizes / sizeof *fourier_sizes };

/* Ten roundings of 6e-8 on the way of each value through one transform of about 500, the colours and exp; they average.
 */
static const double FOURIER_TOLERANCE = 6e-7;

START_TEST(test_fourier)
{
    ph_device *device = open_device(_i, FOURIER_SIZES);
    const ph_backend *backend = ph_device_backend(device);
    const int width = fourier_sizes[_i % FOURIER_SIZES][0], height = fourier_sizes[_i % FOURIER_SIZES][1];
    const int64_t pixels = (int64_t)width * height, bins = (int64_t)height * (width / 2 + 1);
    char tag[32];
    snprintf(tag, sizeof tag, "fourier_%dx%d", width, height);
    float *coefficients = upload_golden(device, tag, "coefficients", (size_t)(6 * bins));
    float *scale = upload_golden(device, tag, "scale", (size_t)bins);
    float *cotangent = upload_golden(device, tag, "cotangent", (size_t)(3 * pixels));
    float *spectrum = upload(device, NULL, (size_t)(6 * bins)), *gradient = upload(device, NULL, (size_t)(6 * bins));
    float *planes = upload(device, NULL, (size_t)(3 * pixels)), *picture = upload(device, NULL, (size_t)(3 * pixels));
    float *mix = ph_golden_read("fourier_mix", 9);
    ph_fft *fft = NULL;
    OK(backend->fft_new(device, width, height, 3, &fft, &err));

    const ph_spectrum_args scaled = {coefficients, scale, spectrum, bins};
    OK(backend->element->spectrum(device, 3 * bins, scaled, &err));
    OK(backend->fft_c2r(fft, spectrum, planes, &err));
    ph_colour_args colour = {.planes = planes, .picture = picture, .pixels = pixels, .channels = 3, .mix = 1};
    memcpy(colour.matrix, mix, sizeof colour.matrix);
    OK(backend->element->colour(device, pixels, colour, &err));
    compare_golden(device, tag, "picture", picture, (size_t)(3 * pixels), FOURIER_TOLERANCE);

    ph_colour_vjp_args back = {picture, cotangent, planes, pixels, 3, 1, {0}};
    memcpy(back.matrix, mix, sizeof back.matrix);
    OK(backend->element->colour_vjp(device, pixels, back, &err));
    OK(backend->fft_r2c(fft, planes, spectrum, &err));
    const ph_spectrum_vjp_args unscaled = {spectrum, scale, gradient, bins, width, width / 2 + 1};
    OK(backend->element->spectrum_vjp(device, 3 * bins, unscaled, &err));
    compare_golden(device, tag, "gradient", gradient, (size_t)(6 * bins), FOURIER_TOLERANCE);

    backend->fft_free(fft);
    free(mix);
    float *const all[] = {coefficients, scale, cotangent, spectrum, gradient, planes, picture};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        backend->memory_free(device, all[i]);
    test_device_close(device);
}
END_TEST

/* A position near 24 is good to 1e-6 in float32, and a weight is a difference of positions. */
static const double WARP_TOLERANCE = 5e-6;

START_TEST(test_warp)
{
    enum { WIDTH = 24, HEIGHT = 20, WINDOW_WIDTH = 22, WINDOW_HEIGHT = 18 };
    ph_device *device = open_device(_i, 1);
    const ph_backend *backend = ph_device_backend(device);
    static const int bgr[3] = {2, 1, 0};
    void *order = NULL;
    OK(backend->memory_new(device, sizeof bgr, &order, &err));
    OK(backend->write(device, order, bgr, sizeof bgr, &err));
    const size_t pixels = 3 * WIDTH * HEIGHT, inputs = 3 * WINDOW_WIDTH * WINDOW_HEIGHT;
    float *map = upload_golden(device, "warp", "map", 6), *gain = upload_golden(device, "warp", "gain", 3);
    float *offset = upload_golden(device, "warp", "offset", 3), *input = upload(device, NULL, inputs);
    float *picture = upload_golden(device, "warp", "picture", pixels), *gradient = upload(device, NULL, pixels);
    float *cotangent = upload_golden(device, "warp", "cotangent", inputs);

    const ph_warp_args forward = {.picture = picture,
                                  .maps = map,
                                  .input = input,
                                  .gain = gain,
                                  .offset = offset,
                                  .order = order,
                                  .channels = 3,
                                  .width = WIDTH,
                                  .height = HEIGHT,
                                  .window_width = WINDOW_WIDTH,
                                  .window_height = WINDOW_HEIGHT,
                                  .fill = 0.5F};
    OK(backend->element->warp(device, WINDOW_WIDTH * WINDOW_HEIGHT, forward, &err));
    compare_golden(device, "warp", "input", input, inputs, WARP_TOLERANCE);
    const ph_warp_vjp_args back = {.input_gradient = cotangent,
                                   .maps = map,
                                   .picture_gradient = gradient,
                                   .gain = gain,
                                   .order = order,
                                   .channels = 3,
                                   .width = WIDTH,
                                   .height = HEIGHT,
                                   .window_width = WINDOW_WIDTH,
                                   .window_height = WINDOW_HEIGHT};
    OK(backend->element->warp_vjp(device, WIDTH * HEIGHT, back, &err));
    compare_golden(device, "warp", "gradient", gradient, pixels, WARP_TOLERANCE);

    float *const all[] = {map, gain, offset, input, picture, gradient, cotangent, order};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        backend->memory_free(device, all[i]);
    test_device_close(device);
}
END_TEST

/* Five steps of about five roundings of 6e-8 each. */
static const double ADAM_TOLERANCE = 1.5e-6;

START_TEST(test_adam)
{
    enum { STEPS = 5, BINS = 30 };
    ph_device *device = open_device(_i, 1);
    const ph_backend *backend = ph_device_backend(device);
    void *state = NULL;
    OK(backend->memory_new(device, sizeof(ph_step_state), &state, &err));
    float *values = upload_golden(device, "adam", "start", 2 * BINS);
    float *frequency = upload_golden(device, "adam", "frequency", BINS);
    float *gradients = upload_golden(device, "adam", "gradients", STEPS * 2 * BINS);
    float *m = upload(device, NULL, 2 * BINS), *v = upload(device, NULL, BINS);
    float *course = ph_golden_read("adam_course", STEPS * 2 * BINS), got[2 * BINS];
    for (int step = 0; step < STEPS; step++) {
        const ph_schedule_args schedule = {.state = state,
                                           .steps = STEPS,
                                           .triangle = 1,
                                           .lr = 0.2F,
                                           .beta1 = 0.5F,
                                           .beta2 = 0.999F,
                                           .open_from = 0.05F,
                                           .open_to = 2};
        OK(backend->element->schedule(device, 1, schedule, &err));
        const ph_adam_complex_args adam = {.state = state,
                                           .coefficients = values,
                                           .gradient = gradients + step * 2 * BINS,
                                           .m = m,
                                           .v = v,
                                           .frequency = frequency,
                                           .bins = BINS,
                                           .beta1 = 0.5F,
                                           .beta2 = 0.999F,
                                           .epsilon = 1e-8F,
                                           .shared = 1};
        OK(backend->element->adam_complex(device, BINS, adam, &err));
        OK(backend->element->advance(device, 1, (ph_advance_args){state}, &err));
        OK(backend->read(device, got, values, sizeof got, &err));
        char what[32];
        snprintf(what, sizeof what, "adam step %d", step);
        compare(what, got, course + (size_t)step * 2 * BINS, 2 * BINS, ADAM_TOLERANCE);
    }
    free(course);
    float *const all[] = {values, frequency, gradients, m, v, state};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        backend->memory_free(device, all[i]);
    test_device_close(device);
}
END_TEST

int main(void)
{
    test_backends_find();
    Suite *suite = suite_create("golden");
    TCase *tcase = tcase_create("golden");
    tcase_set_timeout(tcase, 60);
    test_backends_add(tcase, test_activations, TEST_ALL, 1);
    test_backends_add(tcase, test_gradients, TEST_ALL, OBJECTIVES);
    test_backends_add(tcase, test_fourier, TEST_ALL, FOURIER_SIZES);
    test_backends_add(tcase, test_warp, TEST_ALL, 1);
    test_backends_add(tcase, test_adam, TEST_ALL, 1);
    suite_add_tcase(suite, tcase);
    return test_backends_run(suite);
}
