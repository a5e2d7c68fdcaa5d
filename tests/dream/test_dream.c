/* Dreams as the library gives them: sizes, alpha, masks, repetition, plans, limits, errors. */
#include "host/base/alloc.h"
#include "host/dream/dream.h"
#include "host/dream/octaves.h"
#include "host/image/png.h"
#include "host/image/turn.h"
#include "tests/base/backends.h"
#include "tests/image/scratch.h"
#include "tests/render/nets.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static ph_error err;

#define OK(expression) ck_assert_msg((expression) == PH_OK, "%s", err.message)

static void begin(void)
{
    ck_assert_ptr_nonnull(scratch_make());
}

static void end(void)
{
    scratch_delete();
}

/* A photo of smooth waves as PNG in the scratch folder. */
static const char *write_photo(const char *name, int width, int height, int channels)
{
    const size_t count = (size_t)width * (size_t)height * (size_t)channels;
    uint8_t *pixels = malloc(count);
    ck_assert_ptr_nonnull(pixels);
    for (size_t i = 0; i < count; i++) {
        const double x = (double)(i / (size_t)channels % (size_t)width), c = (double)(i % (size_t)channels);
        const double y = (double)(i / (size_t)channels / (size_t)width);
        pixels[i] = (uint8_t)(128 + 60 * sin(x / 5 + c) * cos(y / 7 - c) + 30 * sin((x + 2 * y) / 3));
    }
    const char *path = scratch_path(name);
    OK(ph_png_write(path, pixels, width, height, channels, NULL, NULL, &err));
    free(pixels);
    return path;
}

static ph_dream_options quick(int index, int cases)
{
    ph_dream_options options;
    ph_dream_options_init(&options);
    options.steps = 2;
    options.octaves = 2;
    options.tile = 48;
    options.overlap = 8;
    snprintf(options.backend, sizeof options.backend, "%s", test_setup_of(TEST_ALL, index, cases)->backend->name);
    snprintf(options.precision, sizeof options.precision, "fp32");
    return options;
}

static ph_dream *open_dream(ph_model *model, const char *target, const ph_dream_options *options)
{
    ph_dream *dream = NULL;
    OK(ph_dream_new(model, target, options, NULL, &dream, &err));
    return dream;
}

static ph_result *dream_on(ph_model *model, const char *target, const ph_dream_options *options, const char *photo)
{
    ph_dream *dream = open_dream(model, target, options);
    ph_result *result = NULL;
    OK(ph_dream_photo(dream, photo, &result, &err));
    ph_dream_free(&dream);
    return result;
}

static bool same_pixels(const ph_result *a, const ph_result *b)
{
    ph_result_info ia, ib;
    ph_result_get(a, &ia);
    ph_result_get(b, &ib);
    const size_t count = (size_t)ia.width * (size_t)ia.height * (size_t)ia.channels;
    return ia.width == ib.width && ia.height == ib.height && ia.channels == ib.channels &&
           memcmp(ph_result_pixels(a, -1, NULL), ph_result_pixels(b, -1, NULL), count) == 0;
}

/* ---- Any photo --------------------------------------------------------------------------------------------------- */

static const struct size {
    int width, height, channels;
} sizes[] = {{32, 32, 3}, {33, 47, 3}, {200, 21, 3}, {5, 130, 3}, {1, 1, 3}, {70, 60, 1}, {70, 60, 2}, {40, 50, 4}};
enum { SIZES = sizeof sizes / sizeof *sizes };

START_TEST(any_size_and_kind)
{
    begin();
    const struct size s = sizes[_i % SIZES];
    const char *path = write_photo("photo.png", s.width, s.height, s.channels);
    ph_model *model = net_load(NET_RELU);
    const ph_dream_options options = quick(_i, SIZES);
    ph_result *result = dream_on(model, "joined", &options, path);
    ph_result_info info;
    ph_result_get(result, &info);
    ck_assert_int_eq(info.width, s.width);
    ck_assert_int_eq(info.height, s.height);
    ck_assert_int_eq(info.channels, s.channels % 2 ? 3 : 4);
    ck_assert(isfinite(info.first) && isfinite(info.last) && isfinite(info.clean));
    /* Colours change, alpha does not. */
    ph_photo *photo = NULL, *alpha = NULL;
    OK(ph_photo_load_alpha(path, 3, &photo, &alpha, &err));
    const uint8_t *pixels = ph_result_pixels(result, -1, NULL);
    size_t changed = 0;
    const size_t count = (size_t)s.width * (size_t)s.height, n = (size_t)info.channels;
    for (size_t i = 0; i < count; i++) {
        for (size_t c = 0; c < 3; c++)
            changed += pixels[i * n + c] != (uint8_t)(photo->pixels[i * 3 + c] * 255 + 0.5f);
        if (alpha)
            ck_assert_int_eq(pixels[i * n + 3], (int)(alpha->pixels[i] * 255 + 0.5f));
    }
    ck_assert_msg(2 * changed > count, "%zu of %zu values changed", changed, 3 * count);
    ph_photo_free(&photo);
    ph_photo_free(&alpha);
    /* And the file holds the same. */
    OK(ph_result_write_png(result, scratch_path("dream.png"), &err));
    OK(ph_photo_load_alpha(scratch_path("dream.png"), 3, &photo, &alpha, &err));
    for (size_t i = 0; i < count * 3; i++)
        ck_assert(photo->pixels[i] == (float)pixels[i / 3 * n + i % 3] / 255.0f);
    ck_assert_int_eq(alpha != NULL, n == 4);
    ph_photo_free(&photo);
    ph_photo_free(&alpha);
    ph_result_free(&result);
    ph_model_free(&model);
    end();
}
END_TEST

START_TEST(grey_networks_dream_grey)
{
    begin();
    ph_model *model = net_load(NET_GREY);
    const ph_dream_options options = quick(_i, 1);
    ph_result *result = dream_on(model, "joined", &options, write_photo("photo.png", 50, 40, 3));
    ph_result_info info;
    ph_result_get(result, &info);
    ck_assert_int_eq(info.channels, 1);
    ph_result_free(&result);
    ph_model_free(&model);
    end();
}
END_TEST

/* A network that takes one size only sees the photo through tiles of that size, and a smaller octave repeated. */
START_TEST(networks_of_one_size)
{
    begin();
    ph_model *model = net_load(NET_FIXED);
    ph_dream_options options = quick(_i, 1);
    options.jitter = 0; /* these classes depend on places */
    ph_dream *dream = open_dream(model, "class:2", &options);
    ph_result *result = NULL;
    OK(ph_dream_photo(dream, write_photo("photo.png", 31, 11, 3), &result, &err));
    for (size_t i = 0; i < dream->plans->count; i++) {
        ck_assert(dream->plans->list[i]->fixed);
        ck_assert_int_eq(dream->plans->list[i]->width, NET_FIXED_SIZE);
        ck_assert_int_eq(dream->plans->list[i]->height, NET_FIXED_SIZE);
    }
    ph_result_info info;
    ph_result_get(result, &info);
    ck_assert_msg(info.last > info.first, "from %g to %g", info.first, info.last);
    ph_result_free(&result);
    ph_dream_free(&dream);
    ph_model_free(&model);
    end();
}
END_TEST

START_TEST(masks_and_shares)
{
    enum { W = 60, H = 44 };
    begin();
    uint8_t half[2] = {0, 255};
    OK(ph_png_write(scratch_path("mask.png"), half, 2, 1, 1, NULL, NULL, &err));
    const char *path = write_photo("photo.png", W, H, 3);
    ph_model *model = net_load(NET_RELU);
    ph_dream_options options = quick(_i, 1);
    snprintf(options.mask, sizeof options.mask, "%s", scratch_path("mask.png"));
    ph_result *result = dream_on(model, "joined", &options, path);
    ph_photo *photo = NULL;
    OK(ph_photo_load(path, 3, &photo, &err));
    const uint8_t *pixels = ph_result_pixels(result, -1, NULL);
    int changed[2] = {0};
    /* The mask of two pixels is stretched: black up to a quarter, white from three quarters on. */
    for (int i = 0; i < 3 * W * H; i++) {
        const int x = i / 3 % W;
        const bool differs = pixels[i] != (uint8_t)(photo->pixels[i] * 255 + 0.5f);
        changed[0] += x < W / 4 && differs;
        changed[1] += x >= W * 3 / 4 && differs;
    }
    ck_assert_int_eq(changed[0], 0);
    ck_assert_int_gt(changed[1], 3 * W * H / 8);
    ph_result_free(&result);
    options.mask[0] = '\0';
    options.keep = 1;
    result = dream_on(model, "joined", &options, path);
    for (int i = 0; i < 3 * W * H; i++)
        ck_assert_int_eq(ph_result_pixels(result, -1, NULL)[i], (uint8_t)(photo->pixels[i] * 255 + 0.5f));
    ph_result_free(&result);
    ph_photo_free(&photo);
    ph_model_free(&model);
    end();
}
END_TEST

/* ---- Again, and at what cost ------------------------------------------------------------------------------------- */

START_TEST(threads_and_batches_do_not_show)
{
    begin();
    const char *path = write_photo("photo.png", 130, 70, 3);
    ph_model *model = net_load(NET_RELU);
    ph_dream_options options = quick(_i, 1);
    ph_result *first = NULL;
    for (int k = 0; k < 5; k++) {
        options.threads = k < 3 ? k + 1 : 2;
        options.batch = k < 3 ? 0 : k - 1;
        options.memory_limit = k == 4 ? (int64_t)1 << 30 : 0;
        ph_result *other = dream_on(model, "joined - 0.5*conv1:2", &options, path);
        if (first)
            ck_assert_msg(same_pixels(first, other), "run %d differs", k);
        else
            first = other;
        if (first != other)
            ph_result_free(&other);
    }
    options.seed = 1;
    ph_result *other = dream_on(model, "joined - 0.5*conv1:2", &options, path);
    ck_assert(!same_pixels(first, other));
    ph_result_free(&other);
    ph_result_free(&first);
    ph_model_free(&model);
    end();
}
END_TEST

START_TEST(one_plan_per_size)
{
    begin();
    ph_model *model = net_load(NET_RELU);
    ph_dream_options options = quick(_i, 1);
    options.octaves = 3;
    options.tile = 512;
    ph_dream *dream = open_dream(model, "joined", &options);
    const char *const photos[] = {write_photo("a.png", 90, 60, 3), write_photo("b.png", 90, 60, 3),
                                  write_photo("c.png", 60, 90, 3)};
    static const int made[] = {3, 3, 6};
    for (int k = 0; k < 3; k++) {
        ph_result *result = NULL;
        OK(ph_dream_photo(dream, photos[k], &result, &err));
        ck_assert_int_eq(dream->plans->made, made[k]);
        ph_result_free(&result);
    }
    ph_dream_free(&dream);
    ph_model_free(&model);
    end();
}
END_TEST

/* Short of memory, tiles get smaller; the record says how small, and with it the picture comes out the same anywhere.
 * Without a way, two numbers. */
START_TEST(memory_is_bounded)
{
    begin();
    const char *path = write_photo("photo.png", 300, 260, 3);
    ph_model *model = net_load(NET_RELU);
    ph_dream_options options = quick(_i, 1);
    options.octaves = 1;
    options.steps = 1;
    options.tile = 0;
    options.memory_limit = 9 << 20;
    ph_result *small = dream_on(model, "joined", &options, path);
    ph_result_info info;
    ph_result_get(small, &info);
    ph_dream_options recorded;
    ph_dream_options_init(&recorded);
    ph_dream_origin origin = {0};
    OK(ph_dream_settings_apply(info.settings, &recorded, &origin, &err));
    ck_assert_int_lt(recorded.tile, 512);
    ck_assert_int_ge(recorded.tile, 64);
    ck_assert_str_eq(origin.target, "joined");
    ck_assert_str_eq(origin.photo, path);
    ck_assert_int_eq((int)strlen(origin.photo_sha256), 64);
    OK(ph_dream_origin_check(&origin, model, path, &err));
    ck_assert_int_eq(ph_dream_origin_check(&origin, model, write_photo("other.png", 300, 260, 1), &err), PH_MISUSE);
    ph_result *again = dream_on(model, "joined", &recorded, path);
    ck_assert(same_pixels(small, again));
    ph_result_free(&again);
    ph_result_free(&small);
    ph_dream_origin_clear(&origin);

    options.memory_limit = 1 << 20;
    ph_dream *dream = open_dream(model, "joined", &options);
    ck_assert_int_eq(ph_dream_photo(dream, path, &small, &err), PH_NO_MEMORY);
    ck_assert_ptr_nonnull(strstr(err.message, "1 MiB may be used"));
    ck_assert_ptr_null(small);
    ph_dream_free(&dream);
    ph_model_free(&model);
    end();
}
END_TEST

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
    begin();
    const char *path = write_photo("photo.png", 60, 44, 3);
    ph_model *model = net_load(NET_RELU);
    const ph_dream_options options = quick(_i, 1);
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
        ck_assert(isfinite(info.clean) == (stop > 2));
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
    end();
}
END_TEST

START_TEST(frames_go_on)
{
    begin();
    const char *path = write_photo("photo.png", 60, 44, 4);
    ph_model *model = net_load(NET_RELU);
    ph_dream_options options = quick(_i, 1);
    options.zoom = 1.25;
    options.rotate = 10;
    ph_dream *dream = open_dream(model, "joined", &options);
    ph_result *frames[3] = {NULL};
    OK(ph_dream_frame(dream, path, 0, &frames[0], &err));
    OK(ph_result_write_png(frames[0], scratch_path("f0.png"), &err));
    OK(ph_dream_frame(dream, scratch_path("f0.png"), 1, &frames[1], &err));
    OK(ph_dream_frame(dream, scratch_path("f0.png"), 2, &frames[2], &err));
    ph_result_info info;
    ph_result_get(frames[1], &info);
    ck_assert(info.width == 60 && info.height == 44 && info.channels == 4);
    ck_assert(!same_pixels(frames[0], frames[1]));
    ck_assert_msg(!same_pixels(frames[1], frames[2]), "frames roll alike");
    for (int k = 0; k < 3; k++)
        ph_result_free(&frames[k]);
    ck_assert_int_eq(ph_dream_frame(dream, path, -1, &frames[0], &err), PH_MISUSE);
    ph_dream_free(&dream);
    ph_model_free(&model);
    end();
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
    begin();
    const char *path = write_photo("photo.png", 40, 40, 3);
    ph_model *model = net_load(NET_RELU);
    ph_dream_options options = quick(_i, 1);
    expect(PH_IO, model, "joined", &options, scratch_path("nix.png"), "nix.png");
    expect(PH_MISUSE, model, "nix", &options, path, "nix");
    scratch_write(scratch_path("text.png"), "text", 4);
    expect(PH_FORMAT, model, "joined", &options, scratch_path("text.png"), "not a picture");
    options.octaves = 0;
    expect(PH_MISUSE, model, "joined", &options, path, "octaves");
    options = quick(_i, 1);
    options.overlap = 48;
    expect(PH_MISUSE, model, "joined", &options, path, "overlap");
    options = quick(_i, 1);
    snprintf(options.mask, sizeof options.mask, "%s", scratch_path("nix.png"));
    expect(PH_IO, model, "joined", &options, path, "nix.png");
    options = quick(_i, 1);
    ph_model_free(&model);
    model = net_load(NET_DEAD);
    expect(PH_NO_GRADIENT, model, "joined", &options, path, "no gradient");
    ph_model_free(&model);
    model = net_load(NET_INFINITE);
    expect(PH_NOT_FINITE, model, "joined", &options, path, "not finite");
    ph_model_free(&model);
    ck_assert_int_eq(ph_dream_new(NULL, NULL, &options, NULL, NULL, &err), PH_MISUSE);
    end();
}
END_TEST

/* A unit that is silent on the photo is woken by redirected gradients. */
START_TEST(sleepers_wake)
{
    begin();
    uint8_t grey[40 * 40 * 3];
    memset(grey, 128, sizeof grey);
    OK(ph_png_write(scratch_path("grey.png"), grey, 40, 40, 3, NULL, NULL, &err));
    ph_model *model = net_load(NET_SLEEPING);
    ph_dream_options options = quick(_i, 1);
    options.steps = 12;
    options.step = 8;
    ph_result *result = dream_on(model, "relu1:1", &options, scratch_path("grey.png"));
    ph_result_info info;
    ph_result_get(result, &info);
    ck_assert_msg(info.course[0] <= 0 && info.last > 0, "from %g to %g", (double)info.course[0], info.last);
    ph_result_free(&result);
    ph_model_free(&model);
    end();
}
END_TEST

/* ---- Parts ------------------------------------------------------------------------------------------------------- */

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
    Suite *suite = suite_create("dream");
    TCase *tcase = tcase_create("dreams");
    tcase_set_timeout(tcase, 100);
    test_backends_add(tcase, any_size_and_kind, TEST_ALL, SIZES);
    test_backends_add(tcase, grey_networks_dream_grey, TEST_ALL, 1);
    test_backends_add(tcase, networks_of_one_size, TEST_ALL, 1);
    test_backends_add(tcase, masks_and_shares, TEST_ALL, 1);
    test_backends_add(tcase, threads_and_batches_do_not_show, TEST_ALL, 1);
    test_backends_add(tcase, one_plan_per_size, TEST_ALL, 1);
    test_backends_add(tcase, memory_is_bounded, TEST_ALL, 1);
    test_backends_add(tcase, interrupted_in_full_size, TEST_ALL, 1);
    test_backends_add(tcase, frames_go_on, TEST_ALL, 1);
    test_backends_add(tcase, failures_are_told, TEST_ALL, 1);
    test_backends_add(tcase, sleepers_wake, TEST_ALL, 1);
    tcase_add_test(tcase, octaves_have_sizes);
    tcase_add_test(tcase, photos_turn);
    suite_add_tcase(suite, tcase);
    return test_backends_run(suite);
}
