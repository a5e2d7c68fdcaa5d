/* The settings JSON of a picture: written, read back, damaged, on a full heap. */
#include "host/base/alloc.h"
#include "host/render/settings.h"
#include "tests/base/fail_alloc.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SHA256 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static ph_render_options fresh(void)
{
    ph_render_options options;
    memset(&options, 0x5a, sizeof options);
    ph_render_options_init(&options);
    return options;
}

static const float course[] = {-1.5F, 0.1F, 16777217.0F, 3e-30F};

static ph_render_options unusual(void)
{
    ph_render_options options = fresh();
    static const char *const changes[][2] = {{"preset", "lucid"},
                                             {"steps", "4"},
                                             {"lr", "0.123456789012345678"},
                                             {"seed", "18446744073709551615"},
                                             {"param", "pixel"},
                                             {"init", "my \"photo\"\\\n\x01.jpg"},
                                             {"warp", "no"},
                                             {"tv", "0.25"},
                                             {"scale-min", "0.7"},
                                             {"shared-moment", "yes"}};
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++)
        ck_assert_int_eq(ph_render_options_set(&options, changes[i][0], changes[i][1], NULL), PH_OK);
    return options;
}

static const ph_preprocess preprocess = {
    .channels = 3, .lo = 0, .hi = 255, .mean = {104, 117, 123}, .std = {1, 1, 1}, .order = {2, 1, 0}};

static ph_settings_source source_of(const ph_render_options *options)
{
    return (ph_settings_source){.options = options,
                                .width = 320,
                                .height = 240,
                                .model_sha256 = SHA256,
                                .preprocess = &preprocess,
                                .target = "mixed4a:476 - \"odd name\":3",
                                .negative = true,
                                .backend = "cpu",
                                .steps_done = 4,
                                .course = course};
}

START_TEST(settings_come_back_as_they_were)
{
    const ph_render_options options = unusual();
    const ph_settings_source source = source_of(&options);
    char *json = NULL, *again = NULL, *target = NULL, sha256[65];
    bool negative = false;
    ph_error err = {0};
    ck_assert_int_eq(ph_settings_write(&source, &json, &err), PH_OK);
    ck_assert_ptr_null(strchr(json, '\n'));
    ck_assert_ptr_nonnull(strstr(json, "\"preprocessing\": {\"range\": \"0,255\", \"mean\": \"104,117,123\", "
                                       "\"std\": \"1,1,1\", \"channels\": \"bgr\"}"));

    ph_render_options back = fresh();
    back.threads = 3;
    back.negative = true;
    ck_assert_msg(ph_settings_apply(json, &back, &target, &negative, sha256, &err) == PH_OK, "%s", err.message);
    ck_assert_str_eq(target, source.target);
    ck_assert(negative);
    ck_assert_str_eq(sha256, SHA256);
    ck_assert_str_eq(back.backend, "cpu");
    ck_assert_int_eq(back.threads, 3);
    ck_assert(!back.negative);

    ph_render_options expected = options;
    expected.width = 320;
    expected.height = 240;
    expected.threads = 3;
    snprintf(expected.backend, sizeof expected.backend, "cpu");
    ck_assert_mem_eq(&back, &expected, sizeof back);

    ph_settings_source repeated = source_of(&back);
    ck_assert_int_eq(ph_settings_write(&repeated, &again, &err), PH_OK);
    ck_assert_str_eq(json, again);
    ph_free(json);
    ph_free(again);
    ph_string_free(&target);
}
END_TEST

/* Nothing of the machine may enter: the bytes of a picture do not depend on it. */
START_TEST(settings_do_not_depend_on_the_machine)
{
    ph_render_options options = fresh();
    ph_settings_source source = source_of(&options);
    char *one = NULL, *other = NULL;
    ck_assert_int_eq(ph_settings_write(&source, &one, NULL), PH_OK);
    options.threads = 2;
    options.batch = 8;
    options.memory_limit = 1 << 30;
    ck_assert_int_eq(ph_settings_write(&source, &other, NULL), PH_OK);
    ck_assert_str_eq(one, other);
    ph_free(one);
    ph_free(other);
}
END_TEST

START_TEST(course_is_written_exactly)
{
    const float odd[] = {0.1F, (float)NAN, -(float)INFINITY, 16777216.0F};
    const ph_render_options options = fresh();
    ph_settings_source source = source_of(&options);
    source.course = odd;
    char *json = NULL;
    ck_assert_int_eq(ph_settings_write(&source, &json, NULL), PH_OK);
    const char *written = strstr(json, "\"course\": ");
    ck_assert_ptr_nonnull(written);
    ck_assert_str_eq(written, "\"course\": [0.100000001, null, null, 16777216]}");
    ph_free(json);
}
END_TEST

static const struct {
    const char *from, *to; /* what is replaced in good settings */
    bool accepted;
} changes[] = {
    {"\"version\"", "\"edition\"", true},
    {"\"course\"", "\"curse\"", true},
    {"\"lr\": 0.2", "\"lrr\": 0.2", true},
    {"{\"program\"", "{\"new\": {\"deep\": [1, null]}, \"program\"", true},
    {"\"program\"", "\"programme\"", false},
    {"\"phosphene\"", "\"other\"", false},
    {"\"phosphene\"", "7", false},
    {"\"model\": \"0123", "\"model\": \"x123", false},
    {"\"model\": \"0123", "\"model\": \"123", false},
    {"\"negative\": true", "\"negative\": 1", false},
    {"\"backend\": \"cpu\"", "\"backend\": \"abacus\"", false},
    {"\"backend\": \"cpu\"", "\"backend\": null", false},
    {"\"target\": \"", "\"target\": 3, \"was\": \"", false},
    {"\"steps\": 256", "\"steps\": \"256\"", false},
    {"\"steps\": 256", "\"steps\": 256.5", false},
    {"\"steps\": 256", "\"steps\": 0", false},
    {"\"steps\": 256", "\"steps\": 1e300", false},
    {"\"lr\": 0.2", "\"lr\": 1e999", false},
    {"\"lr\": 0.2", "\"lr\": []", false},
    {"\"warp\": true", "\"warp\": 1", false},
    {"\"seed\": \"0\"", "\"seed\": 0", false},
    {"\"seed\": \"0\"", "\"seed\": \"-1\"", false},
    {"\"preset\": \"fast\"", "\"preset\": \"slow\"", false},
    {"\"scale_min\": 0.9", "\"scale_min\": 5", false},
    {"\"options\": {", "\"options\": [], \"was\": {", false},
    {"}", "", false},
};
enum { CHANGE_COUNT = sizeof changes / sizeof *changes };

START_TEST(changed_settings_are_taken_or_refused_whole)
{
    const ph_render_options options = fresh();
    const ph_settings_source source = source_of(&options);
    char *json = NULL;
    ck_assert_int_eq(ph_settings_write(&source, &json, NULL), PH_OK);
    const char *place = strstr(json, changes[_i].from);
    ck_assert_msg(place != NULL, "%s is not in %s", changes[_i].from, json);
    const size_t size = strlen(json) + strlen(changes[_i].to) + 1;
    char *changed = malloc(size);
    snprintf(changed, size, "%.*s%s%s", (int)(place - json), json, changes[_i].to, place + strlen(changes[_i].from));

    ph_render_options back = fresh();
    back.steps = 99;
    const ph_render_options before = back;
    char *target = NULL;
    bool negative = false;
    ph_error err = {0};
    const ph_status status = ph_settings_apply(changed, &back, &target, &negative, NULL, &err);
    if (changes[_i].accepted) {
        ck_assert_msg(status == PH_OK, "%s", err.message);
        ck_assert_int_eq(back.steps, 256);
    } else {
        ck_assert_int_eq(status, PH_FORMAT);
        ck_assert_uint_gt(strlen(err.message), 0);
        ck_assert_ptr_null(target);
        ck_assert_mem_eq(&back, &before, sizeof back);
    }
    ph_string_free(&target);
    free(changed);
    ph_free(json);
}
END_TEST

START_TEST(what_is_no_json_is_refused)
{
    static const char *const texts[] = {"", "{", "null", "[]", "{\"program\": \"phosphene\"", "\xff\xfe"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        ph_render_options options = fresh();
        char *target = NULL;
        bool negative;
        ck_assert_int_eq(ph_settings_apply(texts[i], &options, &target, &negative, NULL, NULL), PH_FORMAT);
    }
}
END_TEST

START_TEST(writing_survives_a_full_heap)
{
    const ph_render_options options = unusual();
    const ph_settings_source source = source_of(&options);
    ph_status status = PH_NO_MEMORY;
    long n = 1;
    for (; status != PH_OK; n++) {
        char *json = NULL;
        fail_alloc_at(n);
        status = ph_settings_write(&source, &json, NULL);
        const bool hit = fail_alloc_stop();
        ck_assert_int_eq(status, hit ? PH_NO_MEMORY : PH_OK);
        ck_assert_int_eq(json == NULL, hit);
        ph_free(json);
    }
    ck_assert_int_gt(n, 2); /* something was made to fail */
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("settings");
    TCase *tcase = tcase_create("json");
    tcase_add_test(tcase, settings_come_back_as_they_were);
    tcase_add_test(tcase, settings_do_not_depend_on_the_machine);
    tcase_add_test(tcase, course_is_written_exactly);
    tcase_add_loop_test(tcase, changed_settings_are_taken_or_refused_whole, 0, CHANGE_COUNT);
    tcase_add_test(tcase, what_is_no_json_is_refused);
    tcase_add_test(tcase, writing_survives_a_full_heap);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
