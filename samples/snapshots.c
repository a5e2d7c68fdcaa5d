/* A channel, and how its picture comes about: snapshots on the way, all in one row.
 * Usage: sample-snapshots MODEL.onnx LAYER:CHANNEL ROW.png [STEPS] */
#include <phosphene.h>
#include <stdio.h>

typedef struct channel {
    ph_result *result;
    ph_error *err;
} channel;

static bool progress(const ph_progress *now, void *user)
{
    (void)user;
    fprintf(stderr, "\rstep %d of %d, objective %g   ", now->step, now->steps, now->objective);
    return true; /* false would stop here, with the picture as it stands */
}

static void finished(size_t index, ph_result *result, const ph_error *err, void *user)
{
    (void)index;
    channel *c = user;
    c->result = result; /* ours from now on */
    if (!result)
        *c->err = *err;
}

static ph_status draw(ph_model *model, const char *target, const char *steps, channel *c)
{
    ph_render_options options;
    ph_render_options_init(&options);
    ph_status status = ph_render_options_set(&options, "steps", steps, c->err);
    if (status != PH_OK)
        return status;

    /* 1, 4, 16 … steps: most of a picture comes about early. */
    int after[8];
    size_t count = 0;
    for (int step = 1; count < 8 && step <= options.steps; step *= 4)
        after[count++] = step;

    const ph_job job = {.target = target};
    const ph_callbacks callbacks = {
        .progress = progress, .result = finished, .user = c, .snapshots = after, .snapshot_count = count};
    status = ph_render_many(model, &job, 1, &options, &callbacks, c->err);
    fputc('\n', stderr);
    return status;
}

int main(int argc, char **argv)
{
    if (argc < 4 || argc > 5) {
        fprintf(stderr, "usage: %s MODEL.onnx LAYER:CHANNEL ROW.png [STEPS]\n", argc ? argv[0] : "sample-snapshots");
        return 2;
    }
    ph_error err = {0};
    ph_model *model = NULL;
    channel c = {.err = &err};
    ph_status status = ph_model_load(argv[1], NULL, &model, &err);
    if (status == PH_OK)
        status = draw(model, argv[2], argc > 4 ? argv[4] : "256", &c);
    if (status == PH_OK)
        status = ph_write_grid_png((const ph_result *const[]){c.result}, 1, 0, argv[3], &err);
    if (status != PH_OK)
        fprintf(stderr, "%s\n", err.message);
    ph_result_free(&c.result);
    ph_model_free(&model);
    return status == PH_OK ? 0 : 1;
}
