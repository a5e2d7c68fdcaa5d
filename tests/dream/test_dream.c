/* Dreams as the library gives them: sizes, alpha, masks, repetition, plans, memory. */
#include "host/dream/dream.h"
#include "host/image/png.h"
#include "tests/dream/quick.h"
#include "tests/image/scratch.h"
#include "tests/render/nets.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static ph_error err;

/* ---- Any photo --------------------------------------------------------------------------------------------------- */

static const struct size {
    int width, height, channels;
} sizes[] = {{32, 32, 3}, {33, 47, 3}, {200, 21, 3}, {5, 130, 3}, {1, 1, 3}, {70, 60, 1}, {70, 60, 2}, {40, 50, 4}};
enum { SIZES = sizeof sizes / sizeof *sizes };

START_TEST(any_size_and_kind)
{
    ck_assert_ptr_nonnull(scratch_make());
    const struct size s = sizes[_i % SIZES];
    const char *path = quick_photo("photo.png", s.width, s.height, s.channels);
    ph_model *model = net_load(NET_RELU);
    const ph_dream_options options = quick_options(_i, SIZES);
    ph_result *result = quick_dream(model, "joined", &options, path);
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
    scratch_delete();
}
END_TEST

START_TEST(grey_networks_dream_grey)
{
    ck_assert_ptr_nonnull(scratch_make());
    ph_model *model = net_load(NET_GREY);
    const ph_dream_options options = quick_options(_i, 1);
    ph_result *result = quick_dream(model, "joined", &options, quick_photo("photo.png", 50, 40, 3));
    ph_result_info info;
    ph_result_get(result, &info);
    ck_assert_int_eq(info.channels, 1);
    ph_result_free(&result);
    ph_model_free(&model);
    scratch_delete();
}
END_TEST

/* A network that takes one size only sees the photo through tiles of that size, and a smaller octave repeated. */
START_TEST(networks_of_one_size)
{
    ck_assert_ptr_nonnull(scratch_make());
    ph_model *model = net_load(NET_FIXED);
    ph_dream_options options = quick_options(_i, 1);
    options.jitter = 0; /* these classes depend on places */
    ph_dream *dream = quick_open(model, "class:2", &options);
    ph_result *result = NULL;
    OK(ph_dream_photo(dream, quick_photo("photo.png", 31, 11, 3), &result, &err));
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
    scratch_delete();
}
END_TEST

START_TEST(masks_and_shares)
{
    enum { W = 60, H = 44 };
    ck_assert_ptr_nonnull(scratch_make());
    uint8_t half[2] = {0, 255};
    OK(ph_png_write(scratch_path("mask.png"), half, 2, 1, 1, NULL, NULL, &err));
    const char *path = quick_photo("photo.png", W, H, 3);
    ph_model *model = net_load(NET_RELU);
    ph_dream_options options = quick_options(_i, 1);
    snprintf(options.mask, sizeof options.mask, "%s", scratch_path("mask.png"));
    ph_result *result = quick_dream(model, "joined", &options, path);
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
    result = quick_dream(model, "joined", &options, path);
    for (int i = 0; i < 3 * W * H; i++)
        ck_assert_int_eq(ph_result_pixels(result, -1, NULL)[i], (uint8_t)(photo->pixels[i] * 255 + 0.5f));
    ph_result_free(&result);
    ph_photo_free(&photo);
    ph_model_free(&model);
    scratch_delete();
}
END_TEST

/* ---- Again, and at what cost ------------------------------------------------------------------------------------- */

START_TEST(threads_and_batches_do_not_show)
{
    ck_assert_ptr_nonnull(scratch_make());
    const char *path = quick_photo("photo.png", 130, 70, 3);
    ph_model *model = net_load(NET_RELU);
    ph_dream_options options = quick_options(_i, 1);
    ph_result *first = NULL;
    /* On a GPU the batch is a setting: another may be computed by another engine, with other bits. */
    const int runs = test_setup_of(TEST_ALL, _i, 1)->backend->useful_batch > 1 ? 3 : 5;
    for (int k = 0; k < runs; k++) {
        options.threads = k < 3 ? k + 1 : 2;
        options.batch = k < 3 ? 0 : k - 1;
        options.memory_limit = k == 4 ? (int64_t)1 << 30 : 0;
        ph_result *other = quick_dream(model, "joined - 0.5*conv1:2", &options, path);
        if (first)
            ck_assert_msg(quick_same(first, other), "run %d differs", k);
        else
            first = other;
        if (first != other)
            ph_result_free(&other);
    }
    options.seed = 1;
    ph_result *other = quick_dream(model, "joined - 0.5*conv1:2", &options, path);
    ck_assert(!quick_same(first, other));
    ph_result_free(&other);
    ph_result_free(&first);
    ph_model_free(&model);
    scratch_delete();
}
END_TEST

START_TEST(one_plan_per_size)
{
    ck_assert_ptr_nonnull(scratch_make());
    ph_model *model = net_load(NET_RELU);
    ph_dream_options options = quick_options(_i, 1);
    options.octaves = 3;
    options.tile = 512;
    ph_dream *dream = quick_open(model, "joined", &options);
    const char *const photos[] = {quick_photo("a.png", 90, 60, 3), quick_photo("b.png", 90, 60, 3),
                                  quick_photo("c.png", 60, 90, 3)};
    static const int made[] = {3, 3, 6};
    for (int k = 0; k < 3; k++) {
        ph_result *result = NULL;
        OK(ph_dream_photo(dream, photos[k], &result, &err));
        ck_assert_int_eq(dream->plans->made, made[k]);
        ph_result_free(&result);
    }
    ph_dream_free(&dream);
    ph_model_free(&model);
    scratch_delete();
}
END_TEST

/* Short of memory, tiles get smaller; the record says how small, and with it the picture comes out the same anywhere.
 * Without a way, two numbers. */
START_TEST(memory_is_bounded)
{
    if (test_setup_of(TEST_ALL, _i, 1)->backend->useful_batch > 1) {
        printf("SKIP: the limits of this test are measured for networks on the CPU\n");
        return;
    }
    ck_assert_ptr_nonnull(scratch_make());
    const char *path = quick_photo("photo.png", 300, 260, 3);
    ph_model *model = net_load(NET_RELU);
    ph_dream_options options = quick_options(_i, 1);
    options.octaves = 1;
    options.steps = 1;
    options.tile = 0;
    options.memory_limit = 9 << 20;
    ph_result *small = quick_dream(model, "joined", &options, path);
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
    ck_assert_int_eq(ph_dream_origin_check(&origin, model, quick_photo("other.png", 300, 260, 1), &err), PH_MISUSE);
    ph_result *again = quick_dream(model, "joined", &recorded, path);
    ck_assert(quick_same(small, again));
    ph_result_free(&again);
    ph_result_free(&small);
    ph_dream_origin_clear(&origin);

    options.memory_limit = 1 << 20;
    ph_dream *dream = quick_open(model, "joined", &options);
    ck_assert_int_eq(ph_dream_photo(dream, path, &small, &err), PH_NO_MEMORY);
    ck_assert_ptr_nonnull(strstr(err.message, "1 MiB may be used"));
    ck_assert_ptr_null(small);
    ph_dream_free(&dream);
    ph_model_free(&model);
    scratch_delete();
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
    suite_add_tcase(suite, tcase);
    return test_backends_run(suite);
}
