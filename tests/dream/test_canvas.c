/* The ascent through tiles: the same gradient as without, no seams, higher objectives. */
#include "host/base/alloc.h"
#include "tests/dream/quick.h"
#include "tests/dream/rig.h"
#include "tests/image/scratch.h"
#include "tests/render/nets.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WIDTH = 192, HEIGHT = 152, STEPS = 10 };

static ph_error err;

static void step(rig *r, int number, double *objective)
{
    const ph_canvas_step_config config = {.number = number};
    ph_canvas_outcome outcome;
    ck_assert_msg(ph_canvas_step(r->canvas, &config, &outcome, &err) == PH_OK, "%s", err.message);
    ck_assert(outcome.magnitude > 0);
    *objective = outcome.objective;
}

static ph_device *device_of(int index, int cases)
{
    return test_device_open(test_setup_of(TEST_ALL, index, cases), 2);
}

/* Away from the borders of tiles a network with a small receptive field (7 pixels) gives the gradient that it gives on
 * the whole picture, up to the number of positions that the objective is a mean over. */
START_TEST(tiles_give_the_whole_gradient)
{
    ph_device *device = device_of(_i, 1);
    ph_model *model = net_load(NET_RELU);
    float *photo = rig_photo(3, WIDTH, HEIGHT), *gradients[2];
    double objective;
    for (int tiled = 0; tiled < 2; tiled++) {
        rig r;
        const rig_wish wish = {.target = "joined",
                               .width = WIDTH,
                               .height = HEIGHT,
                               .tile = tiled ? 64 : 512,
                               .overlap = 16,
                               .batch = 3,
                               .steps = 1,
                               .step = 0.01f};
        rig_set_up(&r, device, model, &wish, photo);
        ck_assert_int_eq(r.canvas->tiles, tiled ? 4 * 4 : 1);
        step(&r, 0, &objective);
        gradients[tiled] = rig_gradient(&r);
        rig_tear_down(&r);
    }
    /* Both scaled to mean magnitude 1 over what the first tile alone sees (from 26 on), less its edge. */
    double size[2] = {0}, worst = 0;
    enum { FROM = 29, TO = 35 };
    for (int pass = 0; pass < 2; pass++)
        for (int c = 0; c < 3; c++)
            for (int y = FROM; y < TO; y++)
                for (int x = FROM; x < TO; x++) {
                    const size_t at = ((size_t)c * HEIGHT + (size_t)y) * WIDTH + (size_t)x;
                    const double a = (double)gradients[0][at], b = (double)gradients[1][at];
                    size[0] += pass ? 0 : fabs(a);
                    size[1] += pass ? 0 : fabs(b);
                    worst = pass ? fmax(worst, fabs(a / size[0] - b / size[1])) : 0;
                }
    ck_assert_msg(worst * 3 * (TO - FROM) * (TO - FROM) < 1e-3, "off by %g of the mean",
                  worst * 3 * (TO - FROM) * (TO - FROM));
    free(photo);
    free(gradients[0]);
    free(gradients[1]);
    ph_model_free(&model);
    test_device_close(device);
}
END_TEST

/* Mean difference of neighbours in what the dream has added, across the borders of tiles (and the next pixels beside
 * them) and elsewhere. */
static double seam_ratio(const rig *r, const float *photo)
{
    float *picture = rig_picture(r);
    const ph_axis *axis = &r->canvas->x;
    double sums[2] = {0}, counts[2] = {0};
    for (int x = 1; x < WIDTH; x++) {
        bool border = false;
        for (int i = 0; i < axis->count; i++)
            border = border || abs(x - axis->starts[i]) <= 1 || abs(x - (axis->starts[i] + axis->tile) % WIDTH) <= 1;
        for (int row = 0; row < 3 * HEIGHT; row++) {
            const size_t at = (size_t)row * WIDTH + (size_t)x;
            const double here = (double)picture[at] - (double)photo[at];
            const double before = (double)picture[at - 1] - (double)photo[at - 1];
            sums[border] += fabs(here - before);
            counts[border]++;
        }
    }
    ck_assert(counts[0] > 1000 && counts[1] > 1000);
    free(picture);
    return (sums[1] / counts[1]) / (sums[0] / counts[0]);
}

/* Nailed down without overlap tiles leave seams, which shows that they would be seen; with overlap, or moved at random,
 * none. About 5000 differences lie on borders: their mean has a deviation of about 2 %. */
START_TEST(no_seams)
{
    static const struct {
        int overlap, jitter;
        double least, most;
    } cases[] = {{0, 0, 1.15, 9}, {16, 0, 0.9, 1.1}, {0, 32, 0.9, 1.1}, {16, 32, 0.9, 1.1}};
    ph_device *device = device_of(_i, 1);
    ph_model *model = net_load(NET_RELU);
    float *photo = rig_photo(3, WIDTH, HEIGHT);
    for (int k = 0; k < 4; k++) {
        rig r;
        const rig_wish wish = {.target = "joined",
                               .width = WIDTH,
                               .height = HEIGHT,
                               .tile = 64,
                               .overlap = cases[k].overlap,
                               .steps = STEPS,
                               .jitter = cases[k].jitter,
                               .step = 1.5f / 255};
        rig_set_up(&r, device, model, &wish, photo);
        double objective;
        for (int s = 0; s < STEPS / 2; s++)
            step(&r, s, &objective);
        const double ratio = seam_ratio(&r, photo);
        printf("overlap %d, jitter %d: differences across borders / elsewhere %.3f\n", cases[k].overlap,
               cases[k].jitter, ratio);
        ck_assert_msg(ratio >= cases[k].least && ratio <= cases[k].most, "overlap %d, jitter %d: %.3f",
                      cases[k].overlap, cases[k].jitter, ratio);
        rig_tear_down(&r);
    }
    free(photo);
    ph_model_free(&model);
    test_device_close(device);
}
END_TEST

/* Every way of sizing the gradient climbs: each step is higher than the one before on average, and nearly always. */
START_TEST(objectives_rise)
{
    ph_device *device = device_of(_i, 6);
    ph_model *model = net_load(NET_RELU);
    float *photo = rig_photo(3, 100, 80);
    rig r;
    const rig_wish wish = {.target = _i % 2 ? "joined:3" : "joined",
                           .width = 100,
                           .height = 80,
                           .tile = 64,
                           .overlap = 8,
                           .steps = STEPS,
                           .jitter = 8,
                           .gradient = (ph_gradient)(_i % 6 / 2),
                           .step = 1.5f / 255};
    rig_set_up(&r, device, model, &wish, photo);
    double last = 0, first = 0, objective;
    int rises = 0;
    for (int s = 0; s < STEPS; s++) {
        step(&r, s, &objective);
        first = s ? first : objective;
        rises += s && objective > last;
        last = objective;
    }
    ck_assert_msg(last > first && rises >= STEPS - 2, "from %g to %g, %d of %d steps up", first, last, rises,
                  STEPS - 1);
    double finished;
    ck_assert_int_eq(ph_canvas_objective(r.canvas, &finished, &err), PH_OK);
    ck_assert(finished > first);
    rig_tear_down(&r);
    free(photo);
    ph_model_free(&model);
    test_device_close(device);
}
END_TEST

/* Where the mask is 0 not a bit changes, in every way of sizing the gradient. */
START_TEST(masked_pixels_stay)
{
    enum { W = 60, H = 40 };
    ph_device *device = device_of(_i, 3);
    ph_model *model = net_load(NET_RELU);
    float *photo = rig_photo(3, W, H), mask[W * H];
    for (int i = 0; i < W * H; i++)
        mask[i] = i % W < W / 2 ? 0.0f : 1.0f;
    rig r;
    const rig_wish wish = {.target = "joined",
                           .width = W,
                           .height = H,
                           .tile = 512,
                           .steps = 3,
                           .jitter = 8,
                           .gradient = (ph_gradient)(_i % 3),
                           .step = 1.5f / 255,
                           .mask = mask};
    rig_set_up(&r, device, model, &wish, photo);
    double objective;
    for (int s = 0; s < 3; s++)
        step(&r, s, &objective);
    float *picture = rig_picture(&r);
    double moved = 0;
    for (int i = 0; i < 3 * W * H; i++) {
        if (mask[i % (W * H)] == 0)
            ck_assert(picture[i] == photo[i]);
        else
            moved += fabs((double)picture[i] - (double)photo[i]);
    }
    /* Three steps of 1.5 levels each, on average over what counts, some of them back and forth; more where each of five
     * levels of the pyramid is as large. */
    moved *= 255 / (1.5 * W * H);
    ck_assert_msg(moved > 1 && moved < (_i % 3 == PH_GRADIENT_LAPLACIAN ? 20 : 5), "moved by %g levels", moved);
    free(picture);
    rig_tear_down(&r);
    free(photo);
    ph_model_free(&model);
    test_device_close(device);
}
END_TEST

/* The coefficients give the photo again, at odd and even sizes; climbed, they rise as pixels do. */
START_TEST(coefficients_dream)
{
    const int width = _i % 2 ? 61 : 64, height = _i % 2 ? 45 : 48;
    ph_device *device = device_of(_i, 2);
    ph_model *model = net_load(NET_RELU);
    float *photo = rig_photo(3, width, height);
    rig r;
    const rig_wish wish = {.target = "joined",
                           .width = width,
                           .height = height,
                           .tile = 48,
                           .overlap = 8,
                           .steps = STEPS,
                           .jitter = 8,
                           .step = 1.5f / 255,
                           .lr = 0.05f};
    rig_set_up(&r, device, model, &wish, photo);
    float *picture = rig_picture(&r);
    /* A transform there and back in float32, of values up to 4, and a sigmoid. */
    for (int i = 0; i < 3 * width * height; i++)
        ck_assert_msg(fabs((double)picture[i] - (double)photo[i]) < 2e-5, "%d: %g, not %g", i, (double)picture[i],
                      (double)photo[i]);
    free(picture);
    double first = 0, last = 0;
    for (int s = 0; s < STEPS; s++) {
        step(&r, s, &last);
        first = s ? first : last;
    }
    ck_assert_msg(last > 1.05 * first, "from %g to %g", first, last);
    picture = rig_picture(&r);
    for (int i = 0; i < 3 * width * height; i++)
        ck_assert(picture[i] >= 0 && picture[i] <= 1);
    free(picture);
    rig_tear_down(&r);
    free(photo);
    ph_model_free(&model);
    test_device_close(device);
}
END_TEST

/* With a guide the products with its features rise, also for a sum of layers. */
START_TEST(guides_lead)
{
    ck_assert_ptr_nonnull(scratch_make());
    const char *guide = quick_photo("guide.png", 30, 24, 3);
    ph_device *device = device_of(_i, 2);
    ph_model *model = net_load(NET_RELU);
    float *photo = rig_photo(3, 70, 50);
    rig r;
    const rig_wish wish = {.target = _i % 2 ? "joined - 0.25*relu1" : "joined",
                           .width = 70,
                           .height = 50,
                           .tile = 48,
                           .overlap = 8,
                           .batch = 2,
                           .steps = STEPS,
                           .step = 1.5f / 255,
                           .guide = guide};
    rig_set_up(&r, device, model, &wish, photo);
    double first = 0, last = 0;
    for (int s = 0; s < STEPS; s++) {
        step(&r, s, &last);
        first = s ? first : last;
    }
    ck_assert_msg(last > first && fabs(last - first) > 0.05 * fabs(first), "from %g to %g", first, last);
    rig_tear_down(&r);
    ph_plans *plans = NULL;
    ph_target *target = NULL;
    ph_shape input, *shapes = NULL;
    bool channels_last;
    char notice[400];
    ck_assert_int_eq(ph_model_shapes(model, 40, 40, &input, &channels_last, &shapes, &err), PH_OK);
    ck_assert_int_eq(ph_target_parse(model->graph, shapes, model->preprocess, "joined:3", false, &target, notice,
                                     sizeof notice, &err),
                     PH_OK);
    ck_assert_int_eq(ph_plans_new(model, device, target, guide, 1 << 30, &plans, &err), PH_MISUSE);
    ck_assert_ptr_nonnull(strstr(err.message, "sum of layers"));
    ph_target_free(&target);
    ph_free(shapes);
    free(photo);
    ph_model_free(&model);
    test_device_close(device);
    scratch_delete();
}
END_TEST

int main(void)
{
    test_backends_find();
    Suite *suite = suite_create("dream-canvas");
    TCase *tcase = tcase_create("canvas");
    tcase_set_timeout(tcase, 100);
    test_backends_add(tcase, tiles_give_the_whole_gradient, TEST_ALL, 1);
    test_backends_add(tcase, no_seams, TEST_ALL, 1);
    test_backends_add(tcase, objectives_rise, TEST_ALL, 6);
    test_backends_add(tcase, masked_pixels_stay, TEST_ALL, 3);
    test_backends_add(tcase, coefficients_dream, TEST_ALL, 2);
    test_backends_add(tcase, guides_lead, TEST_ALL, 2);
    suite_add_tcase(suite, tcase);
    return test_backends_run(suite);
}
