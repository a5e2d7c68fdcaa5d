/* Between two units: a layer's channels span a space, and any direction in it can be drawn. Here the directions turn
 * from one channel to another, in five pictures on one sheet.
 * Usage: sample-direction MODEL.onnx LAYER CHANNEL CHANNEL SHEET.png [STEPS] */
#include <math.h>
#include <phosphene.h>
#include <stdio.h>

enum { PICTURES = 5, TARGET_MAX = 512 };

typedef struct walk {
    ph_result *results[PICTURES];
    ph_error *err;
} walk;

static void finished(size_t index, ph_result *result, const ph_error *err, void *user)
{
    walk *w = user;
    w->results[index] = result;
    if (!result)
        *w->err = *err;
}

/* cos(t) from + sin(t) to, t from 0 to a right angle: every direction has length 1. */
static ph_status draw(ph_model *model, char **arguments, const char *steps, walk *w)
{
    const char *layer = arguments[1], *from = arguments[2], *to = arguments[3];
    char targets[PICTURES][TARGET_MAX];
    ph_job jobs[PICTURES] = {{0}};
    for (int i = 0; i < PICTURES; i++) {
        const double t = acos(0) * i / (PICTURES - 1);
        const int length =
            snprintf(targets[i], TARGET_MAX, "%.6f*%s:%s+%.6f*%s:%s", cos(t), layer, from, sin(t), layer, to);
        if (length < 0 || length >= TARGET_MAX) {
            snprintf(w->err->message, sizeof w->err->message, "the layer's name is too long");
            return PH_MISUSE;
        }
        jobs[i].target = targets[i];
    }
    ph_render_options options;
    ph_render_options_init(&options);
    const ph_status status = ph_render_options_set(&options, "steps", steps, w->err);
    if (status != PH_OK)
        return status;
    const ph_callbacks callbacks = {.result = finished, .user = w};
    return ph_render_many(model, jobs, PICTURES, &options, &callbacks, w->err);
}

int main(int argc, char **argv)
{
    if (argc < 6 || argc > 7) {
        fprintf(stderr, "usage: %s MODEL.onnx LAYER CHANNEL CHANNEL SHEET.png [STEPS]\n",
                argc ? argv[0] : "sample-direction");
        return 2;
    }
    ph_error err = {0};
    ph_model *model = NULL;
    walk w = {.err = &err};
    ph_status status = ph_model_load(argv[1], NULL, &model, &err);
    if (status == PH_OK)
        status = draw(model, argv + 1, argc > 6 ? argv[6] : "256", &w);
    if (status == PH_OK)
        status = ph_write_grid_png((const ph_result *const *)w.results, PICTURES, PICTURES, argv[5], &err);
    if (status != PH_OK)
        fprintf(stderr, "%s\n", err.message);
    for (int i = 0; i < PICTURES; i++)
        ph_result_free(&w.results[i]);
    ph_model_free(&model);
    return status == PH_OK ? 0 : 1;
}
