#include "tests/dream/rig.h"

#include "host/base/alloc.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>

#define OK(expression) ck_assert_msg((expression) == PH_OK, "%s", err.message)

void rig_set_up(rig *r, ph_device *device, const ph_model *model, const rig_wish *wish, const float *picture)
{
    ph_error err = {0};
    ph_shape input, *shapes = NULL;
    bool channels_last;
    char notice[400];
    *r = (rig){.device = device};
    OK(ph_model_shapes(model, wish->width, wish->height, &input, &channels_last, &shapes, &err));
    OK(ph_target_parse(model->graph, shapes, model->preprocess, wish->target, false, &r->target, notice, sizeof notice,
                       &err));
    ph_free(shapes);
    OK(ph_plans_new(model, device, r->target, wish->guide ? wish->guide : "", (int64_t)1 << 32, &r->plans, &err));
    const ph_plan_request request = {.width = wish->width,
                                     .height = wish->height,
                                     .tile = wish->tile,
                                     .overlap = wish->overlap,
                                     .batch = wish->batch};
    ph_canvas_config config = {.width = wish->width,
                               .height = wish->height,
                               .channels = model->channels,
                               .steps = wish->steps,
                               .gradient = wish->gradient,
                               .step = wish->step,
                               .jitter = wish->jitter,
                               .seed = 5,
                               .lr = wish->lr,
                               .mask = wish->mask};
    OK(ph_plans_get(r->plans, &request, &config.plan, &config.columns, &config.lines, &err));
    OK(ph_canvas_new(r->plans, &config, &r->canvas, &err));
    for (int c = 0; c < model->channels; c++)
        OK(ph_canvas_write(r->canvas, c, picture + c * r->canvas->pixels, &err));
    OK(ph_canvas_begin(r->canvas, &err));
}

static float *copy_of(const rig *r, const float *memory)
{
    ph_error err = {0};
    const size_t bytes = (size_t)r->canvas->values * sizeof(float);
    float *copy = malloc(bytes);
    ck_assert_ptr_nonnull(copy);
    OK(r->canvas->backend->read(r->device, copy, memory, bytes, &err));
    return copy;
}

float *rig_picture(const rig *r)
{
    return copy_of(r, r->canvas->picture);
}

float *rig_gradient(const rig *r)
{
    return copy_of(r, r->canvas->gradient);
}

void rig_tear_down(rig *r)
{
    ph_canvas_free(&r->canvas);
    ph_plans_free(&r->plans);
    ph_target_free(&r->target);
}

float *rig_photo(int channels, int width, int height)
{
    float *photo = malloc((size_t)channels * (size_t)width * (size_t)height * sizeof *photo);
    ck_assert_ptr_nonnull(photo);
    for (int c = 0; c < channels; c++)
        for (int y = 0; y < height; y++)
            for (int x = 0; x < width; x++)
                photo[((size_t)c * (size_t)height + (size_t)y) * (size_t)width + (size_t)x] =
                    (float)(0.5 + 0.25 * sin(x / 5.0 + c) * cos(y / 7.0 - c) + 0.15 * sin((x + 2.0 * y) / 3 + 2 * c));
    return photo;
}
