/* bench-dream MODEL TARGET WIDTHxHEIGHT [TILE [ROUNDS [BACKEND [mean|rms|laplacian]]]]: time of one step of a dream,
 * per megapixel, as a ratio to the convolutions alone: those of the tiles' network, each timed by itself, on as many
 * pixels as the picture has. Rounds alternate between the two, so that both see the same machine; medians and minima
 * are told. */
#include "host/base/alloc.h"
#include "host/base/clock.h"
#include "host/base/status.h"
#include "host/base/text.h"
#include "host/dream/canvas.h"
#include "tests/bench/clock.h"
#include "tests/bench/floor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROUNDS_MAX = 1000, OVERLAP = 16, TILE = 512 };

/* Milliseconds per megapixel, and ratios. */
enum { STEP, FLOOR, RATIO, STEP_CPU, FLOOR_CPU, RATIO_CPU, TIMES };

typedef struct bench {
    const char *model_path, *target_text, *device_name;
    int width, height, tile, rounds;
    ph_gradient gradient;
    ph_model *model;
    ph_device *device;
    ph_target *target;
    ph_plans *plans;
    ph_canvas *canvas;
    double *times[TIMES]; /* [rounds] each */
} bench;

static ph_status make_canvas(bench *b, ph_error *err)
{
    const ph_plan_request request = {.width = b->width, .height = b->height, .tile = b->tile, .overlap = OVERLAP};
    ph_canvas_config config = {.width = b->width,
                               .height = b->height,
                               .channels = b->model->channels,
                               .steps = b->rounds + 1,
                               .gradient = b->gradient,
                               .step = 1.5f / 255,
                               .jitter = 32};
    PH_TRY(ph_plans_get(b->plans, &request, &config.plan, &config.columns, &config.lines, err));
    PH_TRY(ph_canvas_new(b->plans, &config, &b->canvas, err));
    const size_t pixels = (size_t)b->canvas->pixels;
    float *plane = ph_alloc(pixels, sizeof *plane);
    if (!plane)
        return ph_fail_memory(err, pixels * sizeof *plane, "the picture");
    ph_status status = PH_OK;
    uint32_t state = 1;
    for (int c = 0; c < config.channels && status == PH_OK; c++) {
        for (size_t i = 0; i < pixels; i++) {
            state = state * 1664525u + 1013904223u;
            plane[i] = (float)(state >> 8) / 16777216.0f;
        }
        status = ph_canvas_write(b->canvas, c, plane, err);
    }
    ph_free(plane);
    return status;
}

static ph_status set_up(bench *b, ph_error *err)
{
    ph_shape input, *shapes = NULL;
    bool channels_last;
    char line[256];
    for (int k = 0; k < TIMES; k++) {
        b->times[k] = ph_alloc((size_t)b->rounds, sizeof(double));
        if (!b->times[k])
            return ph_fail_memory(err, (size_t)b->rounds * sizeof(double), "the times");
    }
    PH_TRY(ph_model_load(b->model_path, NULL, &b->model, err));
    PH_TRY(ph_device_open(b->device_name, NULL, &b->device, line, sizeof line, err));
    PH_TRY(ph_model_shapes(b->model, 0, 0, &input, &channels_last, &shapes, err));
    const ph_status status = ph_target_parse(b->model->graph, shapes, b->model->preprocess, b->target_text, false,
                                             &b->target, line, sizeof line, err);
    ph_free(shapes);
    PH_TRY(status);
    PH_TRY(ph_plans_new(b->model, b->device, b->target, "", INT64_MAX / 2, &b->plans, err));
    return make_canvas(b, err);
}

/* Seconds of all convolutions of one tile, there and back. */
static ph_status floor_of_tile(const bench *b, double *seconds, double *cpu, ph_error *err)
{
    const ph_net *net = b->canvas->config.plan->net;
    *seconds = *cpu = 0;
    for (int i = 0; i < net->op_count; i++) {
        bench_floor floor;
        if (net->ops[i].kind != PH_OP_CONV && net->ops[i].kind != PH_OP_DECONV)
            continue;
        PH_TRY(bench_floor_of(net, &net->ops[i], 3, &floor, err));
        *seconds += floor.forward + floor.backward;
        *cpu += floor.forward_cpu + floor.backward_cpu;
    }
    return PH_OK;
}

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static ph_status measure(bench *b, ph_error *err)
{
    const ph_plan *plan = b->canvas->config.plan;
    const double pixels = (double)b->width * b->height, tile = (double)plan->width * plan->height;
    ph_canvas_outcome outcome;
    printf("%dx%d in %dx%d tiles of %dx%d, batch %d: %.3f times the picture's pixels\n", b->width, b->height,
           b->canvas->config.columns, b->canvas->config.lines, plan->width, plan->height, plan->batch,
           b->canvas->tiles * tile / pixels);
    PH_TRY(ph_canvas_step(b->canvas, &(ph_canvas_step_config){.number = b->rounds}, &outcome, err));
    for (int r = 0; r < b->rounds; r++) {
        double *const t[TIMES] = {&b->times[0][r], &b->times[1][r], &b->times[2][r],
                                  &b->times[3][r], &b->times[4][r], &b->times[5][r]};
        const double start = ph_clock_seconds(), start_cpu = bench_cpu_seconds();
        PH_TRY(ph_canvas_step(b->canvas, &(ph_canvas_step_config){.number = r}, &outcome, err));
        *t[STEP] = (ph_clock_seconds() - start) / pixels * 1e9;
        *t[STEP_CPU] = (bench_cpu_seconds() - start_cpu) / pixels * 1e9;
        PH_TRY(floor_of_tile(b, t[FLOOR], t[FLOOR_CPU], err));
        *t[FLOOR] *= 1e9 / tile;
        *t[FLOOR_CPU] *= 1e9 / tile;
        *t[RATIO] = *t[STEP] / *t[FLOOR];
        *t[RATIO_CPU] = *t[STEP_CPU] / *t[FLOOR_CPU];
    }
    double median[TIMES];
    for (int k = 0; k < TIMES; k++) {
        qsort(b->times[k], (size_t)b->rounds, sizeof(double), compare);
        median[k] = b->times[k][b->rounds / 2];
    }
    printf("per megapixel and step: %.0f ms, convolutions alone %.0f ms, ratio %.3f; processor time %.0f and %.0f ms, "
           "ratio %.3f\n",
           median[STEP], median[FLOOR], median[RATIO], median[STEP_CPU], median[FLOOR_CPU], median[RATIO_CPU]);
    return PH_OK;
}

static bool read_size(const char *text, int *width, int *height)
{
    char across[16];
    int64_t w, h;
    const char *x = strchr(text, 'x');
    if (!x || (size_t)(x - text) >= sizeof across)
        return false;
    memcpy(across, text, (size_t)(x - text));
    across[x - text] = '\0';
    if (!ph_parse_int(across, 1, 100000, &w) || !ph_parse_int(x + 1, 1, 100000, &h))
        return false;
    *width = (int)w;
    *height = (int)h;
    return true;
}

static bool read_arguments(int argc, char **argv, bench *b)
{
    int64_t tile = TILE, rounds = 7;
    *b = (bench){.device_name = argc > 6 ? argv[6] : "cpu"};
    if (argc < 4 || argc > 8 || !read_size(argv[3], &b->width, &b->height) ||
        (argc > 4 && !ph_parse_int(argv[4], OVERLAP + 1, 100000, &tile)) ||
        (argc > 5 && !ph_parse_int(argv[5], 1, ROUNDS_MAX, &rounds)))
        return false;
    b->model_path = argv[1];
    b->target_text = argv[2];
    b->tile = (int)tile;
    b->rounds = (int)rounds;
    if (argc > 7)
        b->gradient = strcmp(argv[7], "laplacian") == 0 ? PH_GRADIENT_LAPLACIAN
                      : strcmp(argv[7], "rms") == 0     ? PH_GRADIENT_RMS
                                                        : PH_GRADIENT_MEAN;
    return true;
}

int main(int argc, char **argv)
{
    bench b;
    if (!read_arguments(argc, argv, &b)) {
        fprintf(stderr, "usage: %s MODEL TARGET WIDTHxHEIGHT [TILE [ROUNDS [BACKEND [mean|rms|laplacian]]]]\n",
                argv[0]);
        return 2;
    }
    ph_error err = {0};
    ph_status status = set_up(&b, &err);
    if (status == PH_OK)
        status = measure(&b, &err);
    if (status != PH_OK)
        fprintf(stderr, "%s\n", err.message);
    ph_canvas_free(&b.canvas);
    ph_plans_free(&b.plans);
    ph_target_free(&b.target);
    ph_device_close(&b.device);
    ph_model_free(&b.model);
    for (int k = 0; k < TIMES; k++)
        ph_free(b.times[k]);
    return status == PH_OK ? 0 : 1;
}
