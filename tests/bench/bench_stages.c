/* Time of every stage of a step that is not the network: bench-stages [SIZE [BATCH [THREADS]]], by default 224 1 2.
 * Prints the fastest of several runs of each, in milliseconds, for every instruction set that this machine has. */
#include "host/base/alloc.h"
#include "host/base/clock.h"
#include "kernels/element/fft_cpu.h"
#include "kernels/element/fft_lanes.h"

#include <stdio.h>
#include <stdlib.h>

enum { RUNS = 200, CHANNELS = 3, FEATURES = 528, POSITIONS = 196 };

typedef struct bench {
    ph_cpu_device_head device;
    const ph_element_kernels *element;
    ph_fft *fft;
    int size, batch;
    int64_t pixels, bins;
    float *coefficients, *gradient, *m, *v, *table, *spectrum, *planes, *picture, *input, *other, *maps, *features;
    float *feature_gradient, *objective, *norms;
    double *sums;
    uint64_t *seeds;
    ph_step_state state;
    ph_head_term *terms;
} bench;

/* Milliseconds. */
static double now(void)
{
    return 1e3 * ph_clock_seconds();
}

static ph_device *device_of(bench *b)
{
    return (ph_device *)(void *)&b->device;
}

/* Kernel NAME of `count` elements, arguments in the braces that follow. */
#define TIME(b, name, count, ...)                                                                                      \
    do {                                                                                                               \
        const ph_##name##_args args = __VA_ARGS__;                                                                     \
        double best = 1e9;                                                                                             \
        for (int run = 0; run < RUNS; run++) {                                                                         \
            const double start = now();                                                                                \
            (b)->element->name(device_of(b), count, args, NULL);                                                       \
            const double took = now() - start;                                                                         \
            best = took < best ? took : best;                                                                          \
        }                                                                                                              \
        printf("%-24s %9.4f ms\n", #name, best);                                                                       \
    } while (0)

static void bench_parametrization(bench *b)
{
    const int64_t planes = (int64_t)b->batch * CHANNELS;
    const int s = b->size;
    TIME(b, spectrum, planes * b->bins, {b->coefficients, b->table, b->spectrum, b->bins});
    TIME(b, spectrum_vjp, planes * b->bins, {b->spectrum, b->table, b->gradient, b->bins, s, s / 2 + 1});
    TIME(b, colour, b->batch * b->pixels,
         {b->planes, b->picture, b->pixels, CHANNELS, 1, {.56f, .19f, .04f, .58f, 0, -.11f, .58f, -.19f, .06f}});
    TIME(b, colour_vjp, b->batch * b->pixels,
         {b->picture,
          b->planes,
          b->planes,
          b->pixels,
          CHANNELS,
          1,
          {.56f, .19f, .04f, .58f, 0, -.11f, .58f, -.19f, .06f}});
    TIME(b, adam_complex, planes * b->bins,
         {&b->state, b->coefficients, b->gradient, b->m, b->v, b->table, b->bins, .5f, .999f, 1e-8f, 1});
    TIME(b, adam, planes * b->pixels, {&b->state, b->other, b->picture, b->m, b->v, .5f, .999f, 1e-8f});
    const int64_t length = CHANNELS * b->pixels, chunks = (length + PH_CHUNK - 1) / PH_CHUNK;
    TIME(b, square_sums, b->batch * chunks, {b->picture, b->sums, length, chunks, .5f});
    TIME(b, norm, b->batch, {b->sums, b->norms, chunks, 1e-6f});
    TIME(b, ascent, b->batch * length, {&b->state, b->other, b->picture, b->norms, length});
    TIME(b, penalty_vjp, b->batch * length, {b->picture, b->other, b->norms, CHANNELS, s, s, .1f, .1f, .5f, .1f, .1f});
    TIME(b, high_pass, planes * b->bins, {b->spectrum, b->table, b->bins, .25f, 1});
    TIME(b, add_scaled, b->batch * length, {b->other, b->picture, 1e-9f});
}

static void bench_warp(bench *b)
{
    static const float ones[CHANNELS] = {1, 1, 1};
    static const int order[CHANNELS] = {0, 1, 2};
    const int s = b->size;
    TIME(b, schedule, 1, {&b->state, 256, 1, .2f, .5f, .999f, .05f, 2});
    TIME(b, draw, b->batch, {&b->state, b->seeds, b->maps, 1, s, s, s, s, 12, 8, 4, 11, 10, 5, .9f, 1.1f});
    TIME(b, warp, b->batch * b->pixels, {b->picture, b->maps, b->input, ones, ones, order, CHANNELS, s, s, s, s, .5f});
    TIME(b, warp_vjp, b->batch * b->pixels, {b->input, b->maps, b->planes, ones, order, CHANNELS, s, s, s, s});
}

static void bench_head(bench *b)
{
    TIME(b, head_channels, b->batch * FEATURES, {b->features, b->sums, FEATURES, POSITIONS});
    TIME(b, head_value, b->batch, {b->features, b->sums, b->terms, NULL, b->objective, FEATURES, POSITIONS, 1, 0});
    TIME(b, head_seed, (int64_t)b->batch * FEATURES * POSITIONS,
         {b->features, b->terms, NULL, b->feature_gradient, FEATURES, POSITIONS, 1});
}

static void bench_fft(bench *b, const char *name)
{
    double inverse = 1e9, forward = 1e9;
    for (int run = 0; run < RUNS; run++) {
        const double start = now();
        ph_fft_cpu_c2r(b->fft, b->spectrum, b->planes, NULL);
        const double middle = now();
        ph_fft_cpu_r2c(b->fft, b->planes, b->spectrum, NULL);
        const double end = now();
        inverse = middle - start < inverse ? middle - start : inverse;
        forward = end - middle < forward ? end - middle : forward;
        for (int64_t i = 0; i < 2 * b->batch * CHANNELS * b->bins; i++)
            b->spectrum[i] /= (float)b->pixels;
    }
    printf("fft c2r %-16s %9.4f ms\nfft r2c %-16s %9.4f ms\n", name, inverse, name, forward);
}

static float *floats(int64_t count)
{
    float *values = ph_alloc_aligned((size_t)count, sizeof *values);
    if (!values) {
        fprintf(stderr, "bench-stages: out of memory: choose a smaller size or batch\n");
        exit(1);
    }
    for (int64_t i = 0; i < count; i++)
        values[i] = (float)(i * 7919 % 1000) * 1e-3f;
    return values;
}

static void setup(bench *b)
{
    const int64_t values = (int64_t)b->batch * CHANNELS * 2 * (b->bins + b->pixels);
    float **const buffers[] = {&b->coefficients, &b->gradient, &b->m,       &b->v,     &b->table,
                               &b->spectrum,     &b->planes,   &b->picture, &b->input, &b->other};
    for (size_t i = 0; i < sizeof buffers / sizeof *buffers; i++)
        *buffers[i] = floats(values);
    b->maps = floats(6 * (int64_t)b->batch);
    b->objective = floats(b->batch);
    b->norms = floats(b->batch);
    b->features = floats((int64_t)b->batch * FEATURES * POSITIONS);
    b->feature_gradient = floats((int64_t)b->batch * FEATURES * POSITIONS);
    b->sums = (double *)(void *)floats(4 * (int64_t)b->batch * (FEATURES + b->pixels));
    b->seeds = (uint64_t *)(void *)floats(2 * (int64_t)b->batch);
    b->terms = calloc((size_t)b->batch, sizeof *b->terms);
    if (!b->terms)
        exit(1);
    for (int i = 0; i < b->batch; i++)
        b->terms[i] = (ph_head_term){.kind = PH_HEAD_CHANNEL, .channel = i, .position = -1, .weight = 1};
}

int main(int argc, char **argv)
{
    bench b = {.size = argc > 1 ? atoi(argv[1]) : 224, .batch = argc > 2 ? atoi(argv[2]) : 1};
    b.device.threads = argc > 3 ? atoi(argv[3]) : 2;
    if (b.size < 1 || b.size > 8192 || b.batch < 1 || b.batch > 4096 || b.device.threads < 1) {
        fprintf(stderr, "usage: bench-stages [SIZE [BATCH [THREADS]]]\n");
        return 2;
    }
    b.pixels = (int64_t)b.size * b.size;
    b.bins = (int64_t)b.size * (b.size / 2 + 1);
    setup(&b);
    printf("%d x %d pixels, batch %d, threads %d\n", b.size, b.size, b.batch, b.device.threads);
    for (int level = 0; level < PH_ELEMENT_CPU_VARIANTS; level++) {
        const char *name = NULL;
        b.element = ph_element_cpu_variant(level, &name);
        if (!b.element)
            continue;
        printf("--- %s\n", name);
        bench_warp(&b);
        bench_parametrization(&b);
        bench_head(&b);
        if (ph_fft_cpu_new_variant(level, b.device.threads, b.size, b.size, b.batch * CHANNELS, &b.fft, NULL) == PH_OK)
            bench_fft(&b, name);
        ph_fft_cpu_free(b.fft);
    }
    return 0;
}
