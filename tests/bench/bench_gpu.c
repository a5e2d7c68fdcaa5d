/* bench-gpu [--backend NAME] [--layer NAME] [--seconds N] [--json FILE] [--quick] MODEL: pictures per second of the
 * network and of whole steps, in every precision, at 128 and 224 px and several batch sizes, against what the card
 * itself can do (roofline.h, ceiling.h); and the memory taken against the estimate. */
#include "host/base/clock.h"
#include "host/base/text.h"
#include "tests/bench/ceiling.h"
#include "tests/bench/measure.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Most wanted first: the time may end. */
static const struct {
    ph_precision precision;
    int size, batch;
} sweep[] = {
    {PH_PRECISION_FP16, 224, 64},  {PH_PRECISION_FP16, 128, 1},   {PH_PRECISION_FP16, 224, 256},
    {PH_PRECISION_FP16, 128, 64},  {PH_PRECISION_FP16, 128, 256}, {PH_PRECISION_TF32, 224, 64},
    {PH_PRECISION_BF16, 224, 64},  {PH_PRECISION_FP32, 224, 64},  {PH_PRECISION_FP16, 224, 1},
    {PH_PRECISION_FP16, 128, 16},  {PH_PRECISION_FP16, 224, 16},  {PH_PRECISION_TF32, 128, 1},
    {PH_PRECISION_TF32, 128, 64},  {PH_PRECISION_TF32, 128, 256}, {PH_PRECISION_TF32, 128, 16},
    {PH_PRECISION_TF32, 224, 1},   {PH_PRECISION_TF32, 224, 256}, {PH_PRECISION_TF32, 224, 16},
    {PH_PRECISION_BF16, 128, 1},   {PH_PRECISION_BF16, 128, 64},  {PH_PRECISION_BF16, 128, 256},
    {PH_PRECISION_BF16, 128, 16},  {PH_PRECISION_BF16, 224, 1},   {PH_PRECISION_BF16, 224, 256},
    {PH_PRECISION_BF16, 224, 16},  {PH_PRECISION_FP32, 128, 1},   {PH_PRECISION_FP32, 128, 64},
    {PH_PRECISION_FP32, 128, 256}, {PH_PRECISION_FP32, 128, 16},  {PH_PRECISION_FP32, 224, 1},
    {PH_PRECISION_FP32, 224, 256}, {PH_PRECISION_FP32, 224, 16},
};
enum { SWEEP = sizeof sweep / sizeof *sweep };

static const char *const names[] = {"auto", "fp32", "tf32", "fp16", "bf16"};

/* Seconds below which no step can be: the larger of memory traffic and arithmetic. */
static double floor_of(const bench_result *r, const bench_ceiling *ceiling, ph_precision precision, int batch)
{
    const double bytes = precision == PH_PRECISION_FP16 || precision == PH_PRECISION_BF16 ? 2 : 4;
    const double moved = bytes * (batch * r->count.elements + r->count.weights) / ceiling->copy;
    const double computed = batch * r->count.operations / ceiling->matrix[precision];
    return moved > computed ? moved : computed;
}

static void print_result(const bench_result *r, const bench_ceiling *ceiling, int which, cJSON *list)
{
    const ph_precision precision = sweep[which].precision;
    const int batch = sweep[which].batch;
    const double rate = batch * r->count.operations / r->network * 1e-12;
    const double least = ceiling->copy > 0 ? floor_of(r, ceiling, precision, batch) : 0;
    printf("%s %3d px batch %3d: network %8.3f ms, step %8.3f ms, %9.1f pictures x steps/s, %6.1f TFLOP/s",
           names[precision], sweep[which].size, batch, r->network * 1e3, r->step * 1e3, batch / r->step, rate);
    if (least > 0)
        printf(", floor %7.3f ms: network %3.0f %%, step %3.0f %%", least * 1e3, 100 * least / r->network,
               100 * least / r->step);
    printf(", memory %.0f of %.0f MB said\n", (double)r->taken * 1e-6, (double)r->estimate * 1e-6);
    fflush(stdout);
    cJSON *o = cJSON_CreateObject();
    cJSON_AddStringToObject(o, "precision", names[precision]);
    cJSON_AddNumberToObject(o, "size", sweep[which].size);
    cJSON_AddNumberToObject(o, "batch", batch);
    cJSON_AddNumberToObject(o, "network_ms", r->network * 1e3);
    cJSON_AddNumberToObject(o, "step_ms", r->step * 1e3);
    cJSON_AddNumberToObject(o, "picture_steps_per_second", batch / r->step);
    cJSON_AddNumberToObject(o, "network_tflops", rate);
    cJSON_AddNumberToObject(o, "operations_per_picture", r->count.operations);
    cJSON_AddNumberToObject(o, "elements_per_picture", r->count.elements);
    cJSON_AddNumberToObject(o, "floor_ms", least * 1e3);
    cJSON_AddNumberToObject(o, "matrix_share", ceiling->copy > 0 ? rate * 1e12 / ceiling->matrix[precision] : 0);
    cJSON_AddNumberToObject(o, "estimate_bytes", (double)r->estimate);
    cJSON_AddNumberToObject(o, "taken_bytes", (double)r->taken);
    cJSON_AddItemToArray(list, o);
}

static bool runs(const bench_options *options, int which, bool quick)
{
    const bool cuda = strncmp(options->backend, "cuda", 4) == 0;
    if (!cuda && sweep[which].precision != PH_PRECISION_FP32)
        return false;
    return !quick || (sweep[which].size == 128 && sweep[which].batch <= 16);
}

static int run_all(bench_options *options, double seconds, bool quick, cJSON *root)
{
    int failed = 0;
    bench_ceiling ceiling = {0};
    ph_error err = {0};
    if (bench_ceiling_measure(&ceiling, &err) == PH_OK) {
        printf("%s: copy %.2f TB/s, products fp32 %.0f, tf32 %.0f, fp16 %.0f, bf16 %.0f TFLOP/s\n", ceiling.device,
               ceiling.copy * 1e-12, ceiling.matrix[1] * 1e-12, ceiling.matrix[2] * 1e-12, ceiling.matrix[3] * 1e-12,
               ceiling.matrix[4] * 1e-12);
        cJSON_AddStringToObject(root, "device", ceiling.device);
        cJSON_AddNumberToObject(root, "copy_bytes_per_second", ceiling.copy);
        for (int p = 1; p < 5; p++) {
            char key[32];
            snprintf(key, sizeof key, "product_%s_flops", names[p]);
            cJSON_AddNumberToObject(root, key, ceiling.matrix[p]);
        }
    } else {
        printf("ceilings not measured: %s\n", err.message);
    }
    cJSON *list = cJSON_AddArrayToObject(root, "runs");
    const double end = ph_clock_seconds() + seconds;
    for (int i = 0; i < SWEEP; i++) {
        if (!runs(options, i, quick))
            continue;
        if (ph_clock_seconds() > end) {
            printf("%s %d px batch %d: no time left\n", names[sweep[i].precision], sweep[i].size, sweep[i].batch);
            continue;
        }
        bench_result result = {0};
        options->precision = names[sweep[i].precision];
        options->size = sweep[i].size;
        options->batch = sweep[i].batch;
        if (bench_measure(options, &result, &err) != PH_OK) {
            printf("FAIL: %s %d px batch %d: %s\n", options->precision, options->size, options->batch, err.message);
            failed++;
            if (err.status == PH_BACKEND) /* nor will the others run */
                break;
        } else {
            print_result(&result, &ceiling, i, list);
        }
    }
    return failed;
}

static bool write_json(const char *path, const cJSON *root)
{
    char *text = cJSON_Print(root);
    FILE *file = text ? fopen(path, "w") : NULL;
    const bool good = file && fputs(text, file) >= 0 && fputc('\n', file) != EOF;
    if (file && fclose(file) != 0)
        return false;
    cJSON_free(text);
    return good;
}

int main(int argc, char **argv)
{
    bench_options options = {.backend = "cuda", .layer = "mixed5b"};
    int64_t seconds = 60;
    const char *json = NULL;
    bool quick = false;
    for (int i = 1; i < argc; i++) {
        const char *value = i + 1 < argc ? argv[i + 1] : NULL;
        if (strcmp(argv[i], "--quick") == 0)
            quick = true;
        else if (argv[i][0] != '-' && !options.model)
            options.model = argv[i];
        else if (value && strcmp(argv[i], "--backend") == 0)
            options.backend = argv[++i];
        else if (value && strcmp(argv[i], "--layer") == 0)
            options.layer = argv[++i];
        else if (value && strcmp(argv[i], "--json") == 0)
            json = argv[++i];
        else if (!value || strcmp(argv[i], "--seconds") != 0 || !ph_parse_int(argv[++i], 1, 100000, &seconds)) {
            fprintf(stderr, "bench-gpu: '%s' is not understood\n", argv[i]);
            return 2;
        }
    }
    if (!options.model) {
        fprintf(stderr,
                "usage: bench-gpu [--backend NAME] [--layer NAME] [--seconds N] [--json FILE] [--quick] MODEL\n");
        return 2;
    }
    cJSON *root = cJSON_CreateObject();
    cJSON_AddStringToObject(root, "model", options.model);
    cJSON_AddStringToObject(root, "layer", options.layer);
    cJSON_AddStringToObject(root, "backend", options.backend);
    int failed = run_all(&options, (double)seconds, quick, root);
    if (json && !write_json(json, root)) {
        fprintf(stderr, "bench-gpu: cannot write %s\n", json);
        failed++;
    }
    cJSON_Delete(root);
    return failed ? 1 : 0;
}
