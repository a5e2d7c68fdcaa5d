/* The render loop through the public interface, on small networks and every backend of this build. */
#include "tests/base/backends.h"
#include "tests/render/nets.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_RESULTS = 8 };

static const test_setup *setup_of(int index)
{
    return test_setup_of(TEST_ALL, index, 1);
}

static ph_render_options small_options(const test_setup *setup)
{
    ph_render_options o;
    ph_render_options_init(&o);
    ck_assert_int_eq(ph_render_options_set(&o, "size", "24x20", NULL), PH_OK);
    ck_assert_int_eq(ph_render_options_set(&o, "backend", setup->backend->name, NULL), PH_OK);
    ck_assert_int_eq(ph_render_options_set(&o, "steps", "24", NULL), PH_OK);
    if (setup->backend->precisions)
        ck_assert_int_eq(ph_render_options_set(&o, "precision", setup->precision_name, NULL), PH_OK);
    return o;
}

typedef struct collected {
    ph_result *results[MAX_RESULTS];
    ph_error errors[MAX_RESULTS];
    char notices[1000];
    int stop_at; /* step at which progress says stop, 0 = never */
} collected;

static void collect(size_t index, ph_result *result, const ph_error *err, void *user)
{
    collected *c = user;
    ck_assert_uint_lt(index, MAX_RESULTS);
    c->results[index] = result;
    if (err)
        c->errors[index] = *err;
}

static void note(const char *line, void *user)
{
    collected *c = user;
    strncat(c->notices, line, sizeof c->notices - strlen(c->notices) - 1);
}

static bool go_on(const ph_progress *progress, void *user)
{
    const collected *c = user;
    ck_assert(isfinite(progress->objective));
    return !c->stop_at || progress->step < c->stop_at;
}

static ph_status render(ph_model *model, const char *const *targets, size_t count, const ph_render_options *options,
                        collected *c, ph_error *err)
{
    ph_job jobs[MAX_RESULTS] = {{0}};
    for (size_t i = 0; i < count; i++)
        jobs[i].target = targets[i];
    const ph_callbacks callbacks = {.progress = go_on, .result = collect, .notice = note, .user = c};
    return ph_render_many(model, jobs, count, options, &callbacks, err);
}

static void free_results(collected *c)
{
    for (int i = 0; i < MAX_RESULTS; i++)
        ph_result_free(&c->results[i]);
}

static size_t picture_bytes(const ph_result *result)
{
    ph_result_info info;
    ph_result_get(result, &info);
    return (size_t)(info.width * info.height * info.channels);
}

static void assert_same_picture(const ph_result *a, const ph_result *b)
{
    ck_assert_ptr_nonnull(a);
    ck_assert_ptr_nonnull(b);
    ck_assert_uint_eq(picture_bytes(a), picture_bytes(b));
    ck_assert_int_eq(memcmp(ph_result_pixels(a, -1, NULL), ph_result_pixels(b, -1, NULL), picture_bytes(a)), 0);
}

START_TEST(every_kind_of_target_rises)
{
    static const char *const targets[] = {"conv2:3",       "joined",  "relu1:2@4,5", "conv1:1 - 0.5*conv1:2",
                                          "relu2:rand(7)", "class:2", "prob:1",      "conv3:4@"};
    ph_model *model = net_load(NET_RELU);
    ph_render_options options = small_options(setup_of(_i));
    options.steps = 48;
    collected c = {0};
    ph_error err = {0};
    const size_t count = sizeof targets / sizeof *targets;
    ck_assert_msg(render(model, targets, count, &options, &c, &err) == PH_OK, "%s", err.message);
    for (size_t i = 0; i < count; i++) {
        ph_result_info info;
        ck_assert_ptr_nonnull(c.results[i]);
        ph_result_get(c.results[i], &info);
        ck_assert_msg(info.last > info.first, "%s: %g -> %g", targets[i], info.first, info.last);
        ck_assert_int_eq(info.width, 24);
        ck_assert_int_eq(info.height, 20);
        ck_assert_str_eq(info.backend, setup_of(_i)->backend->name);
        ck_assert_int_eq(info.steps, 48);
    }
    free_results(&c);
    ph_model_free(&model);
}
END_TEST

static void same_alone_and_in_a_batch(const test_setup *setup)
{
    static const char *const targets[] = {"joined:0", "joined:9", "joined:3"};
    ph_model *model = net_load(NET_RELU);
    ph_render_options options = small_options(setup);
    collected batch = {0};
    options.batch = 3;
    ck_assert_int_eq(render(model, targets, 3, &options, &batch, NULL), PH_OK);
    for (size_t i = 0; i < 3; i++) {
        for (options.batch = 1; options.batch <= 2; options.batch++) {
            options.threads = options.batch;
            collected alone = {0};
            ck_assert_int_eq(render(model, targets + i, 1, &options, &alone, NULL), PH_OK);
            assert_same_picture(batch.results[i], alone.results[0]);
            free_results(&alone);
        }
    }
    free_results(&batch);
    ph_model_free(&model);
}

START_TEST(a_picture_is_the_same_alone_and_in_a_batch)
{
    same_alone_and_in_a_batch(setup_of(_i));
}
END_TEST

START_TEST(a_picture_is_the_same_alone_and_in_a_batch_fast)
{
    same_alone_and_in_a_batch(test_setup_of(TEST_FAST, _i, 1));
}
END_TEST

static void seeds_matter(const test_setup *setup)
{
    ph_model *model = net_load(NET_RELU);
    ph_render_options options = small_options(setup);
    ph_result *first = NULL, *again = NULL, *other = NULL;
    ck_assert_int_eq(ph_render(model, "conv2:1", &options, &first, NULL), PH_OK);
    ck_assert_int_eq(ph_render(model, "conv2:1", &options, &again, NULL), PH_OK);
    options.seed = 1;
    ck_assert_int_eq(ph_render(model, "conv2:1", &options, &other, NULL), PH_OK);
    assert_same_picture(first, again);
    ck_assert_int_ne(memcmp(ph_result_pixels(first, -1, NULL), ph_result_pixels(other, -1, NULL), picture_bytes(first)),
                     0);
    ph_result_free(&first);
    ph_result_free(&again);
    ph_result_free(&other);
    ph_model_free(&model);
}

START_TEST(seeds_change_the_picture_and_repeat_it)
{
    seeds_matter(setup_of(_i));
}
END_TEST

START_TEST(seeds_change_the_picture_and_repeat_it_fast)
{
    seeds_matter(test_setup_of(TEST_FAST, _i, 1));
}
END_TEST

START_TEST(a_negative_unit_moves_before_its_relu)
{
    static const char *const targets[] = {"joined:9"};
    ph_model *model = net_load(NET_RELU);
    ph_render_options options = small_options(setup_of(_i));
    options.negative = true;
    collected c = {0};
    ck_assert_int_eq(render(model, targets, 1, &options, &c, NULL), PH_OK);
    ph_result_info info;
    ph_result_get(c.results[0], &info);
    ck_assert_str_eq(info.layer, "conv3_out");
    ck_assert_int_eq(info.channel, 1);
    ck_assert(info.negative);
    ck_assert_msg(info.last > info.first, "%g -> %g", info.first, info.last);
    ck_assert_msg(strstr(c.notices, "conv3_out") != NULL, "notice: '%s'", c.notices);
    free_results(&c);
    ph_model_free(&model);
}
END_TEST

START_TEST(a_dead_unit_is_an_error_that_names_the_layer)
{
    static const char *const targets[] = {"relu2:1", "conv1:0"};
    ph_model *model = net_load(NET_DEAD);
    const ph_render_options options = small_options(setup_of(_i));
    collected c = {0};
    ph_error err = {0};
    ck_assert_int_eq(render(model, targets, 2, &options, &c, &err), PH_NO_GRADIENT);
    ck_assert_ptr_null(c.results[0]);
    ck_assert_msg(strstr(c.errors[0].message, "relu1_out") != NULL, "%s", c.errors[0].message);
    ck_assert_msg(c.results[1] != NULL, "the other picture must go on");
    free_results(&c);
    ph_model_free(&model);
}
END_TEST

START_TEST(a_sleeping_unit_is_woken)
{
    ph_model *model = net_load(NET_SLEEPING);
    ph_render_options options = small_options(setup_of(_i));
    options.steps = 96;
    ph_result *result = NULL;
    ph_error err = {0};
    ck_assert_msg(ph_render(model, "relu1:1", &options, &result, &err) == PH_OK, "%s", err.message);
    ph_result_info info;
    ph_result_get(result, &info);
    ck_assert_msg(info.clean > 0, "%g", info.clean);
    ph_result_free(&result);
    ph_model_free(&model);
}
END_TEST

START_TEST(infinite_values_are_an_error)
{
    ph_model *model = net_load(NET_INFINITE);
    const ph_render_options options = small_options(setup_of(_i));
    ph_result *result = NULL;
    ph_error err = {0};
    ck_assert_int_eq(ph_render(model, "joined", &options, &result, &err), PH_NOT_FINITE);
    ck_assert_ptr_null(result);
    ck_assert_msg(strstr(err.message, "not finite") != NULL, "%s", err.message);
    ph_model_free(&model);
}
END_TEST

START_TEST(an_interrupted_picture_is_handed_out)
{
    static const char *const targets[] = {"conv2:3", "conv2:4"};
    ph_model *model = net_load(NET_RELU);
    ph_render_options options = small_options(setup_of(_i));
    options.batch = 1;
    collected c = {.stop_at = 5};
    ck_assert_int_eq(render(model, targets, 2, &options, &c, NULL), PH_INTERRUPTED);
    ck_assert_ptr_nonnull(c.results[0]);
    ck_assert_ptr_null(c.results[1]);
    ph_result_info info;
    ph_result_get(c.results[0], &info);
    /* A backend that queues steps has some more under way. */
    ck_assert_int_ge(info.steps, 5);
    ck_assert_int_le(info.steps, setup_of(_i)->backend->replay ? 5 + 8 : 5);
    ck_assert(info.interrupted);
    free_results(&c);
    ph_model_free(&model);
}
END_TEST

START_TEST(snapshots_are_kept)
{
    static const int steps[] = {1, 7, 24};
    ph_model *model = net_load(NET_RELU);
    const ph_render_options options = small_options(setup_of(_i));
    collected c = {0};
    const ph_job job = {.target = "class:0"};
    const ph_callbacks callbacks = {.result = collect, .user = &c, .snapshots = steps, .snapshot_count = 3};
    ck_assert_int_eq(ph_render_many(model, &job, 1, &options, &callbacks, NULL), PH_OK);
    ph_result_info info;
    ph_result_get(c.results[0], &info);
    ck_assert_uint_eq(info.snapshot_count, 3);
    int step;
    for (int i = 0; i < 3; i++) {
        ck_assert_ptr_nonnull(ph_result_pixels(c.results[0], i, &step));
        ck_assert_int_eq(step, steps[i]);
    }
    const size_t bytes = picture_bytes(c.results[0]);
    const uint8_t *last = ph_result_pixels(c.results[0], 2, NULL);
    ck_assert_int_eq(memcmp(last, ph_result_pixels(c.results[0], -1, NULL), bytes), 0);
    ck_assert_int_ne(memcmp(last, ph_result_pixels(c.results[0], 0, NULL), bytes), 0);
    free_results(&c);
    ph_model_free(&model);
}
END_TEST

START_TEST(all_parametrizations_optimizers_and_penalties_rise)
{
    static const char *const settings[][6] = {
        {"param", "pixel", "lr", "0.05"},
        {"param", "pixel", "colour", "rgb", "optimizer", "ascent"},
        {"colour", "rgb", "warp", "no"},
        {"optimizer", "ascent", "lr", "1"},
        {"tv", "0.001", "l1", "0.001"},
        {"l2", "0.01", "blur", "0.01", "high_frequency", "0.01"},
        {"shared_moment", "no", "schedule", "constant"},
    };
    ph_model *model = net_load(NET_RELU);
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
        ph_render_options options = small_options(setup_of(_i));
        ph_error err = {0};
        for (int j = 0; j < 6 && settings[i][j]; j += 2)
            ck_assert_msg(ph_render_options_set(&options, settings[i][j], settings[i][j + 1], &err) == PH_OK, "%s",
                          err.message);
        ph_result *result = NULL;
        ck_assert_msg(ph_render(model, "conv2:5", &options, &result, &err) == PH_OK, "%zu: %s", i, err.message);
        ph_result_info info;
        ph_result_get(result, &info);
        ck_assert_msg(info.last > info.first, "%zu: %g -> %g", i, info.first, info.last);
        ph_result_free(&result);
    }
    ph_model_free(&model);
}
END_TEST

START_TEST(grey_networks_give_grey_pictures)
{
    ph_model *model = net_load(NET_GREY);
    const ph_render_options options = small_options(setup_of(_i));
    ph_result *result = NULL;
    ph_error err = {0};
    ck_assert_msg(ph_render(model, "class:1", &options, &result, &err) == PH_OK, "%s", err.message);
    ph_result_info info;
    ph_result_get(result, &info);
    ck_assert_int_eq(info.channels, 1);
    ph_result_free(&result);
    ph_model_free(&model);
}
END_TEST

START_TEST(too_little_memory_says_both_numbers)
{
    ph_model *model = net_load(NET_RELU);
    ph_render_options options = small_options(setup_of(_i));
    options.memory_limit = 1 << 20;
    options.width = options.height = 512;
    ph_result *result = NULL;
    ph_error err = {0};
    ck_assert_int_eq(ph_render(model, "conv2:1", &options, &result, &err), PH_NO_MEMORY);
    ck_assert_msg(strstr(err.message, " 1 MiB may be used") != NULL, "%s", err.message);
    ph_model_free(&model);
}
END_TEST

/* Backends round differently and ReLUs switch, so pictures drift apart slowly; after 12 steps of a smooth network (no
 * switching) only rounding is left: 2 grey levels bound what Adam makes of 1e-6 relative gradient noise. */
START_TEST(as_ref_makes_it)
{
    const test_setup *const setups[] = {&test_ref, test_setup_of(TEST_OTHERS, _i, 1)};
    ph_model *model = net_load(NET_SMOOTH);
    ph_result *results[2] = {NULL, NULL};
    for (int b = 0; b < 2; b++) {
        ph_render_options options = small_options(setups[b]);
        options.steps = 12;
        ck_assert_int_eq(ph_render(model, "joined:4", &options, &results[b], NULL), PH_OK);
    }
    const uint8_t *ref = ph_result_pixels(results[0], -1, NULL), *got = ph_result_pixels(results[1], -1, NULL);
    for (size_t i = 0; i < picture_bytes(results[0]); i++)
        ck_assert_msg(abs(ref[i] - got[i]) <= 2, "%s: byte %zu: %d and %d", setups[1]->backend->name, i, ref[i],
                      got[i]);
    ph_result_free(&results[0]);
    ph_result_free(&results[1]);
    ph_model_free(&model);
}
END_TEST

int main(void)
{
    test_backends_find();
    Suite *suite = suite_create("render");
    TCase *tcase = tcase_create("loop");
    tcase_set_timeout(tcase, 60);
    test_backends_add(tcase, every_kind_of_target_rises, TEST_ALL, 1);
    test_backends_add(tcase, a_picture_is_the_same_alone_and_in_a_batch, TEST_ALL, 1);
    test_backends_add(tcase, a_picture_is_the_same_alone_and_in_a_batch_fast, TEST_FAST, 1);
    test_backends_add(tcase, seeds_change_the_picture_and_repeat_it, TEST_ALL, 1);
    test_backends_add(tcase, seeds_change_the_picture_and_repeat_it_fast, TEST_FAST, 1);
    test_backends_add(tcase, a_negative_unit_moves_before_its_relu, TEST_ALL, 1);
    test_backends_add(tcase, a_dead_unit_is_an_error_that_names_the_layer, TEST_ALL, 1);
    test_backends_add(tcase, a_sleeping_unit_is_woken, TEST_ALL, 1);
    test_backends_add(tcase, infinite_values_are_an_error, TEST_ALL, 1);
    test_backends_add(tcase, an_interrupted_picture_is_handed_out, TEST_ALL, 1);
    test_backends_add(tcase, snapshots_are_kept, TEST_ALL, 1);
    test_backends_add(tcase, all_parametrizations_optimizers_and_penalties_rise, TEST_ALL, 1);
    test_backends_add(tcase, grey_networks_give_grey_pictures, TEST_ALL, 1);
    test_backends_add(tcase, too_little_memory_says_both_numbers, TEST_ALL, 1);
    test_backends_add(tcase, as_ref_makes_it, TEST_OTHERS, 1);
    suite_add_tcase(suite, tcase);
    return test_backends_run(suite);
}
