/* An objective of one's own, written as a sum that the program makes: what sets a class apart from all others, its
 * logit minus the mean of theirs. The plain logit may rise with what other classes share; this margin cannot. Usage:
 * sample-objective MODEL.onnx CLASS OUT.png [STEPS] */
#include <inttypes.h>
#include <phosphene.h>
#include <stdio.h>
#include <string.h>

enum { TARGET_MAX = 16384 };

static int64_t count_classes(const ph_model *model)
{
    int64_t count = 0;
    while (ph_model_label(model, count))
        count++;
    return count;
}

static int64_t find_class(const ph_model *model, const char *label, int64_t count)
{
    for (int64_t i = 0; i < count; i++)
        if (strcmp(ph_model_label(model, i), label) == 0)
            return i;
    return -1;
}

/* "class:7-0.02*class:0-0.02*class:1 …" */
static ph_status write_margin(const ph_model *model, const char *label, char *target, ph_error *err)
{
    const int64_t count = count_classes(model), wanted = find_class(model, label, count);
    if (wanted < 0) {
        snprintf(err->message, sizeof err->message, "the network names no class '%s'", label);
        return PH_MISUSE;
    }
    int length = snprintf(target, TARGET_MAX, "class:%" PRId64, wanted);
    for (int64_t i = 0; i < count && length < TARGET_MAX; i++)
        if (i != wanted)
            length += snprintf(target + length, (size_t)(TARGET_MAX - length), "-%.6f*class:%" PRId64,
                               1.0 / (double)(count - 1), i);
    if (length < TARGET_MAX)
        return PH_OK;
    snprintf(err->message, sizeof err->message, "%" PRId64 " classes are too many for one target", count);
    return PH_UNSUPPORTED;
}

static ph_status draw(ph_model *model, const char *target, const char *steps, const char *path, ph_error *err)
{
    ph_render_options options;
    ph_render_options_init(&options);
    ph_result *result = NULL;
    ph_status status = ph_render_options_set(&options, "steps", steps, err);
    if (status == PH_OK)
        status = ph_render(model, target, &options, &result, err);
    if (status == PH_OK) {
        ph_result_info info;
        ph_result_get(result, &info);
        printf("margin from %g to %g\n", info.first, info.last);
        status = ph_result_write_png(result, path, err);
    }
    ph_result_free(&result);
    return status;
}

int main(int argc, char **argv)
{
    if (argc < 4 || argc > 5) {
        fprintf(stderr, "usage: %s MODEL.onnx CLASS OUT.png [STEPS]\n", argc ? argv[0] : "sample-objective");
        return 2;
    }
    ph_error err = {0};
    ph_model *model = NULL;
    char target[TARGET_MAX];
    ph_status status = ph_model_load(argv[1], NULL, &model, &err);
    if (status == PH_OK)
        status = write_margin(model, argv[2], target, &err);
    if (status == PH_OK)
        status = draw(model, target, argc > 4 ? argv[4] : "256", argv[3], &err);
    if (status != PH_OK)
        fprintf(stderr, "%s\n", err.message);
    ph_model_free(&model);
    return status == PH_OK ? 0 : 1;
}
