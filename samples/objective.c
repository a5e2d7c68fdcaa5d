/* An objective of one's own. Whatever is a weighted sum of units needs no code in the loop: a program writes it as a
 * target. Here it is what sets a class apart from all others, its logit minus the mean of theirs: the plain logit may
 * rise with what other classes share, this margin cannot. One sheet shows the logit's picture and the margin's. Usage:
 * sample-objective MODEL.onnx CLASS SHEET.png [STEPS] */
#include <inttypes.h>
#include <phosphene.h>
#include <stdio.h>
#include <string.h>

enum { TARGET_MAX = 16384 };

/* "class:7-0.02*class:0-0.02*class:1 …" */
static ph_status write_margin(const ph_model *model, const char *label, char *target, ph_error *err)
{
    int64_t count = 0, wanted = -1;
    for (const char *name; (name = ph_model_label(model, count)) != NULL; count++)
        if (strcmp(name, label) == 0)
            wanted = count;
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

typedef struct both {
    ph_result *results[2];
    ph_error *err;
} both;

static void finished(size_t index, ph_result *result, const ph_error *err, void *user)
{
    both *b = user;
    b->results[index] = result;
    if (!result)
        *b->err = *err;
}

static ph_status draw(ph_model *model, const char *margin, const char *steps, const char *path, both *b)
{
    /* The margin begins with the plain logit: "class:7". */
    char logit[32];
    snprintf(logit, sizeof logit, "%.*s", (int)strcspn(margin, "-"), margin);
    ph_render_options options;
    ph_render_options_init(&options);
    ph_status status = ph_render_options_set(&options, "steps", steps, b->err);
    if (status != PH_OK)
        return status;
    const ph_job jobs[] = {{.target = logit}, {.target = margin}};
    const ph_callbacks callbacks = {.result = finished, .user = b};
    status = ph_render_many(model, jobs, 2, &options, &callbacks, b->err);
    if (status != PH_OK)
        return status;
    for (int i = 0; i < 2; i++) {
        ph_result_info info;
        ph_result_get(b->results[i], &info);
        printf("%s from %g to %g\n", i ? "margin" : "logit", info.first, info.last);
    }
    return ph_write_grid_png((const ph_result *const *)b->results, 2, 2, path, b->err);
}

int main(int argc, char **argv)
{
    if (argc < 4 || argc > 5) {
        fprintf(stderr, "usage: %s MODEL.onnx CLASS SHEET.png [STEPS]\n", argc ? argv[0] : "sample-objective");
        return 2;
    }
    ph_error err = {0};
    ph_model *model = NULL;
    both b = {.err = &err};
    char margin[TARGET_MAX];
    ph_status status = ph_model_load(argv[1], NULL, &model, &err);
    if (status == PH_OK)
        status = write_margin(model, argv[2], margin, &err);
    if (status == PH_OK)
        status = draw(model, margin, argc > 4 ? argv[4] : "256", argv[3], &b);
    if (status != PH_OK)
        fprintf(stderr, "%s\n", err.message);
    for (int i = 0; i < 2; i++)
        ph_result_free(&b.results[i]);
    ph_model_free(&model);
    return status == PH_OK ? 0 : 1;
}
