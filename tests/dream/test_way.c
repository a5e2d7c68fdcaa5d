/* On the way to a dream: progress, interruption, frames, failures, and the parts they are made of. */
#include "host/dream/octaves.h"
#include "host/image/png.h"
#include "host/image/turn.h"
#include "tests/dream/quick.h"
#include "tests/image/scratch.h"
#include "tests/render/nets.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static ph_error err;

/* ---- On the way -------------------------------------------------------------------------------------------------- */

typedef struct watcher {
    int calls, stop_at, octave;
    double left;
    char line[400];
} watcher;

static bool watch(const ph_progress *progress, void *user)
{
    watcher *w = user;
    w->calls++;
    ck_assert_int_eq(progress->octaves, 2);
    ck_assert_int_eq(progress->octave, (w->calls - 1) / 2 + 1);
    ck_assert_int_eq(progress->step, (w->calls - 1) % 2 + 1);
    ck_assert_int_eq(progress->steps, 2);
    ck_assert(progress->seconds_left >= 0);
    w->octave = progress->octave;
    w->left = progress->seconds_left;
    return w->calls != w->stop_at;
}

static void hear(const char *line, void *user)
{
    snprintf(((watcher *)user)->line, sizeof((watcher *)user)->line, "%s", line);
}

START_TEST(interrupted_in_full_size)
{
    ck_assert_ptr_nonnull(scratch_make());
    const char *path = quick_photo("photo.png", 60, 44, 3);
    ph_model *model = net_load(NET_RELU);
    ph_dream_options options = quick_options(_i, 1);
    options.tile = 512;
    for (int stop = 1; stop <= 4; stop++) {
        watcher w = {.stop_at = stop};
        const ph_callbacks callbacks = {.progress = watch, .notice = hear, .user = &w};
        ph_dream *dream = NULL;
        ph_result *result = NULL;
        OK(ph_dream_new(model, "joined", &options, &callbacks, &dream, &err));
        ck_assert_int_eq(ph_dream_photo(dream, path, &result, &err), PH_INTERRUPTED);
        ck_assert_int_eq(w.calls, stop);
        ph_result_info info;
        ph_result_get(result, &info);
        ck_assert(info.interrupted && info.width == 60 && info.height == 44 && info.steps == stop);
        ck_assert(isnan(info.clean));
        ck_assert_ptr_nonnull(strstr(info.settings, "\"interrupted\": true"));
        ph_result_free(&result);
        ph_dream_free(&dream);
    }
    watcher w = {.stop_at = -1};
    const ph_callbacks callbacks = {.progress = watch, .user = &w};
    ph_dream *dream = NULL;
    ph_result *result = NULL;
    OK(ph_dream_new(model, "joined", &options, &callbacks, &dream, &err));
    OK(ph_dream_photo(dream, path, &result, &err));
    ck_assert(w.calls == 4 && w.left < 1e-6);
    ph_result_free(&result);
    ph_dream_free(&dream);
    ph_model_free(&model);
    scratch_delete();
}
END_TEST

static bool stop_at_second(const ph_progress *progress, void *user)
{
    ck_assert(progress->octave == 1 && progress->step == 1);
    return ++*(int *)user < 2;
}

/* Of a step that needs many tiles nothing is made when it is given up between two of them. */
START_TEST(interrupted_between_tiles)
{
    ck_assert_ptr_nonnull(scratch_make());
    const char *path = quick_photo("photo.png", 100, 70, 3);
    ph_model *model = net_load(NET_RELU);
    ph_dream_options options = quick_options(_i, 1);
    options.tile = 32;
    options.overlap = 4;
    options.batch = 2; /* of six tiles in the first octave */
    int calls = 0;
    const ph_callbacks callbacks = {.progress = stop_at_second, .user = &calls};
    ph_dream *dream = NULL;
    ph_result *result = NULL;
    OK(ph_dream_new(model, "joined", &options, &callbacks, &dream, &err));
    ck_assert_int_eq(ph_dream_photo(dream, path, &result, &err), PH_INTERRUPTED);
    ck_assert_int_eq(calls, 2);
    ph_result_info info;
    ph_result_get(result, &info);
    ck_assert(info.interrupted && info.steps == 0 && info.width == 100);
    ph_photo *photo = NULL;
    OK(ph_photo_load(path, 3, &photo, &err));
    for (int i = 0; i < 100 * 70 * 3; i++)
        ck_assert_int_eq(ph_result_pixels(result, -1, NULL)[i], (uint8_t)(photo->pixels[i] * 255 + 0.5f));
    ph_photo_free(&photo);
    ph_result_free(&result);
    ph_dream_free(&dream);
    ph_model_free(&model);
    scratch_delete();
}
END_TEST

START_TEST(frames_go_on)
{
    ck_assert_ptr_nonnull(scratch_make());
    const char *path = quick_photo("photo.png", 60, 44, 4);
    ph_model *model = net_load(NET_RELU);
    ph_dream_options options = quick_options(_i, 1);
    options.zoom = 1.25;
    options.rotate = 10;
    ph_dream *dream = quick_open(model, "joined", &options);
    ph_result *frames[3] = {NULL};
    OK(ph_dream_frame(dream, path, 0, &frames[0], &err));
    OK(ph_result_write_png(frames[0], scratch_path("f0.png"), &err));
    OK(ph_dream_frame(dream, scratch_path("f0.png"), 1, &frames[1], &err));
    OK(ph_dream_frame(dream, scratch_path("f0.png"), 2, &frames[2], &err));
    ph_result_info info;
    ph_result_get(frames[1], &info);
    ck_assert(info.width == 60 && info.height == 44 && info.channels == 4);
    ck_assert(!quick_same(frames[0], frames[1]));
    ck_assert_msg(!quick_same(frames[1], frames[2]), "frames roll alike");
    for (int k = 0; k < 3; k++)
        ph_result_free(&frames[k]);
    ck_assert_int_eq(ph_dream_frame(dream, path, -1, &frames[0], &err), PH_MISUSE);
    ph_dream_free(&dream);
    ph_model_free(&model);
    scratch_delete();
}
END_TEST

/* ---- What cannot be dreamed -------------------------------------------------------------------------------------- */

static void expect(int status, ph_model *model, const char *target, const ph_dream_options *options, const char *photo,
                   const char *says)
{
    ph_dream *dream = NULL;
    ph_result *result = NULL;
    ph_status got = ph_dream_new(model, target, options, NULL, &dream, &err);
    if (got == PH_OK)
        got = ph_dream_photo(dream, photo, &result, &err);
    ck_assert_msg((int)got == status && strstr(err.message, says), "status %d: %s", got, err.message);
    ck_assert_ptr_null(result);
    ph_dream_free(&dream);
}

START_TEST(failures_are_told)
{
    ck_assert_ptr_nonnull(scratch_make());
    const char *path = quick_photo("photo.png", 40, 40, 3);
    ph_model *model = net_load(NET_RELU);
    ph_dream_options options = quick_options(_i, 1);
    expect(PH_IO, model, "joined", &options, scratch_path("nix.png"), "nix.png");
    expect(PH_MISUSE, model, "nix", &options, path, "nix");
    scratch_write(scratch_path("text.png"), "text", 4);
    expect(PH_FORMAT, model, "joined", &options, scratch_path("text.png"), "not a picture");
    options.octaves = 0;
    expect(PH_MISUSE, model, "joined", &options, path, "octaves");
    options = quick_options(_i, 1);
    options.overlap = 48;
    expect(PH_MISUSE, model, "joined", &options, path, "overlap");
    options = quick_options(_i, 1);
    options.tile = 32;
    expect(PH_MISUSE, model, "joined:3@", &options, path, "is at one place");
    options = quick_options(_i, 1);
    snprintf(options.mask, sizeof options.mask, "%s", scratch_path("nix.png"));
    expect(PH_IO, model, "joined", &options, path, "nix.png");
    options = quick_options(_i, 1);
    ph_model_free(&model);
    model = net_load(NET_DEAD);
    expect(PH_NO_GRADIENT, model, "joined", &options, path, "no gradient");
    ph_model_free(&model);
    model = net_load(NET_INFINITE);
    expect(PH_NOT_FINITE, model, "joined", &options, path, "not finite");
    ph_model_free(&model);
    ck_assert_int_eq(ph_dream_new(NULL, NULL, &options, NULL, NULL, &err), PH_MISUSE);
    scratch_delete();
}
END_TEST

/* A unit that is silent on the photo is woken by redirected gradients. */
START_TEST(sleepers_wake)
{
    ck_assert_ptr_nonnull(scratch_make());
    uint8_t grey[40 * 40 * 3];
    memset(grey, 128, sizeof grey);
    OK(ph_png_write(scratch_path("grey.png"), grey, 40, 40, 3, NULL, NULL, &err));
    ph_model *model = net_load(NET_SLEEPING);
    ph_dream_options options = quick_options(_i, 1);
    options.steps = 12;
    options.step = 8;
    ph_result *result = quick_dream(model, "relu1:1", &options, scratch_path("grey.png"));
    ph_result_info info;
    ph_result_get(result, &info);
    ck_assert_msg(info.course[0] <= 0 && info.last > 0, "from %g to %g", (double)info.course[0], info.last);
    ph_result_free(&result);
    ph_model_free(&model);
    scratch_delete();
}
END_TEST

/* ---- Parts ------------------------------------------------------------------------------------------------------- */

/* As phosphene.h documents the fields; and every option takes back what it gives. */
START_TEST(options_have_defaults)
{
    static const struct {
        const char *name, *value;
    } defaults[] = {{"octaves", "4"},
                    {"octave-scale", "1.4"},
                    {"steps", "10"},
                    {"step", "1.5"},
                    {"strength", "1"},
                    {"gradient", "mean"},
                    {"style", "param=pixel"},
                    {"lr", "0.05"},
                    {"jitter", "32"},
                    {"negative", "no"},
                    {"seed", "0"},
                    {"keep", "0"},
                    {"guide", ""},
                    {"mask", ""},
                    {"tile", "0"},
                    {"overlap", "16"},
                    {"zoom", "1.05"},
                    {"rotate", "0"},
                    {"backend", "auto"},
                    {"precision", "auto"},
                    {"threads", "0"},
                    {"batch", "0"},
                    {"memory", "0"}};
    enum { DEFAULTS = sizeof defaults / sizeof *defaults };
    ck_assert_int_eq(ph_dream_option_count(), DEFAULTS);
    ph_dream_options options;
    ph_dream_options_init(&options);
    for (int i = 0; i < DEFAULTS; i++) {
        char text[64];
        ph_option_info info;
        OK(ph_dream_options_get_text(&options, defaults[i].name, text, sizeof text, &err));
        ck_assert_str_eq(text, defaults[i].value);
        OK(ph_dream_options_set(&options, defaults[i].name, text, &err));
        OK(ph_dream_option_get(i, &info, &err));
        OK(ph_dream_options_get_text(&options, info.name, text, sizeof text, &err));
        ck_assert_str_eq(text, info.initial);
    }
    ck_assert_int_eq(ph_dream_options_set(&options, "octaves", "33", &err), PH_MISUSE);
    ck_assert_int_eq(ph_dream_options_set(&options, "octave", "3", &err), PH_MISUSE);
    ck_assert_ptr_nonnull(strstr(err.message, "did you mean 'octaves'"));
    ck_assert_int_eq(ph_dream_option_get(DEFAULTS, &(ph_option_info){0}, &err), PH_MISUSE);
}
END_TEST

START_TEST(octaves_have_sizes)
{
    ph_dream_options options;
    ph_dream_options_init(&options);
    ck_assert_int_eq(ph_octave_count(&options, 1024, 575), 4);
    static const int sides[] = {373, 522, 731, 1024};
    for (int k = 0; k < 4; k++)
        ck_assert_int_eq(ph_octave_side(&options, 4, k, 1024), sides[k]);
    /* No octave below 16 pixels but the photo itself. */
    ck_assert_int_eq(ph_octave_count(&options, 32, 500), 3);
    ck_assert_int_eq(ph_octave_count(&options, 8, 500), 1);
    ck_assert_int_eq(ph_octave_side(&options, 1, 0, 8), 8);
}
END_TEST

START_TEST(photos_turn)
{
    enum { SIDE = 9 };
    ph_photo *photo = NULL, *turned = NULL;
    OK(ph_photo_new(SIDE, SIDE, 1, &photo, &err));
    for (int i = 0; i < SIDE * SIDE; i++)
        photo->pixels[i] = (float)((i * 37) % 81) / 81;
    OK(ph_photo_turn(photo, 1, 0, &turned, &err));
    ck_assert_mem_eq(turned->pixels, photo->pixels, SIDE * SIDE * sizeof(float));
    ph_photo_free(&turned);
    /* A quarter counter-clockwise: the right column becomes the top row. */
    OK(ph_photo_turn(photo, 1, 90, &turned, &err));
    for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++)
            ck_assert(fabs((double)turned->pixels[y * SIDE + x] - (double)photo->pixels[x * SIDE + SIDE - 1 - y]) <
                      1e-5);
    ph_photo_free(&turned);
    /* Twice as large: every second pixel is one of the photo's, about the middle. */
    OK(ph_photo_turn(photo, 2, 0, &turned, &err));
    for (int y = 0; y < SIDE; y += 2)
        for (int x = 0; x < SIDE; x += 2)
            ck_assert(turned->pixels[y * SIDE + x] == photo->pixels[(y / 2 + 2) * SIDE + x / 2 + 2]);
    ph_photo_free(&turned);
    ph_photo_free(&photo);
}
END_TEST

int main(void)
{
    test_backends_find();
    Suite *suite = suite_create("dream-way");
    TCase *tcase = tcase_create("dreams");
    tcase_set_timeout(tcase, 100);
    test_backends_add(tcase, interrupted_in_full_size, TEST_ALL, 1);
    test_backends_add(tcase, interrupted_between_tiles, TEST_ALL, 1);
    test_backends_add(tcase, frames_go_on, TEST_ALL, 1);
    test_backends_add(tcase, failures_are_told, TEST_ALL, 1);
    test_backends_add(tcase, sleepers_wake, TEST_ALL, 1);
    tcase_add_test(tcase, options_have_defaults);
    tcase_add_test(tcase, octaves_have_sizes);
    tcase_add_test(tcase, photos_turn);
    suite_add_tcase(suite, tcase);
    return test_backends_run(suite);
}
